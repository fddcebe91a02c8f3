using System.Text.Json;

namespace ShitOps.Silo.Elastic;

/// <summary>Fields that are left out when there is nothing to say.</summary>
internal static class JsonFields
{
    public static void Group(this Utf8JsonWriter json, string name, Action<Utf8JsonWriter> write)
    {
        json.WriteStartObject(name);
        write(json);
        json.WriteEndObject();
    }

    /// <summary><c>"group": { "name": "value" }</c></summary>
    public static void Text(this Utf8JsonWriter json, string group, string name, string? value)
    {
        if (value is null)
            return;
        json.WriteStartObject(group);
        json.WriteString(name, value);
        json.WriteEndObject();
    }

    public static void Texts(this Utf8JsonWriter json, string name, string[] values)
    {
        json.WriteStartArray(name);
        foreach (string value in values)
            json.WriteStringValue(value);
        json.WriteEndArray();
    }

    public static void Optional(this Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
            json.WriteString(name, value);
    }

    public static void Optional(this Utf8JsonWriter json, string name, int? value)
    {
        if (value is { } number)
            json.WriteNumber(name, number);
    }
}
