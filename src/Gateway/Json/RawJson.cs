using System.Text.Json;
using System.Text.Json.Serialization;

namespace ShitOps.Gateway.Json;

/// <summary>JSON text that goes out byte for byte as it came in; it was checked then.</summary>
[JsonConverter(typeof(RawJsonConverter))]
public readonly struct RawJson(ReadOnlyMemory<byte> utf8)
{
    public ReadOnlyMemory<byte> Utf8 => utf8;

    /// <summary>The value of a field of an object, null if it has no such field.</summary>
    /// <exception cref="JsonException">Not a JSON object.</exception>
    internal static RawJson? Find(ReadOnlyMemory<byte> json, ReadOnlySpan<byte> field)
    {
        // Deeper than a request: what was posted stands within this.
        var reader = new Utf8JsonReader(json.Span, new JsonReaderOptions { MaxDepth = 2 * FieldTable<RawJson>.MaxDepth });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("A JSON object is expected.");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool found = reader.ValueTextEquals(field);
            reader.Read();
            int start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (found)
                return new RawJson(json[start..(int)reader.BytesConsumed]);
        }
        return null;
    }

    /// <summary>The texts of a list of texts.</summary>
    internal IReadOnlyList<string> Texts()
    {
        var texts = new List<string>();
        var reader = new Utf8JsonReader(utf8.Span);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.String)
                texts.Add(reader.GetString()!);
        }
        return texts;
    }
}

internal sealed class RawJsonConverter : JsonConverter<RawJson>
{
    public override RawJson Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

    public override void Write(Utf8JsonWriter writer, RawJson value, JsonSerializerOptions options) => writer.WriteRawValue(value.Utf8.Span, skipInputValidation: true);
}
