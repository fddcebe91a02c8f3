using System.Text.Json;

namespace ShitOps.Silo.Elastic;

/// <summary>Fields that are left out when there is nothing to say.</summary>
internal static class JsonFields
{
    /// <summary><c>"group": { "name": "value" }</c></summary>
    public static void Text(this Utf8JsonWriter json, ReadOnlySpan<byte> group, ReadOnlySpan<byte> name, string? value)
    {
        if (value is null)
            return;
        json.WriteStartObject(group);
        json.WriteString(name, value);
        json.WriteEndObject();
    }

    public static void Text(this Utf8JsonWriter json, ReadOnlySpan<byte> group, ReadOnlySpan<byte> name, Guid? value)
    {
        if (value is null)
            return;
        json.WriteStartObject(group);
        json.WriteString(name, value.Value);
        json.WriteEndObject();
    }

    public static void Texts(this Utf8JsonWriter json, ReadOnlySpan<byte> name, ReadOnlySpan<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values)
            json.WriteStringValue(value);
        json.WriteEndArray();
    }

    public static void Optional(this Utf8JsonWriter json, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
            json.WriteString(name, value);
    }

    public static void Optional(this Utf8JsonWriter json, ReadOnlySpan<byte> name, int? value)
    {
        if (value is { } number)
            json.WriteNumber(name, number);
    }
}
