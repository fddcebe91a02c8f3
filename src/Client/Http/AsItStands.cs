using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ShitOps.Client.Http;

/// <summary>
/// Writes JSON as the caller gave it: with its own spelling of numbers and texts, which a signature over a body may cover.
/// Only what holds a line break is spelt anew: a line of a bulk cannot hold one.
/// </summary>
internal sealed class AsItStands : JsonConverter<JsonElement>
{
    public override JsonElement Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => JsonElement.ParseValue(ref reader);

    public override void Write(Utf8JsonWriter writer, JsonElement value, JsonSerializerOptions options)
    {
        ReadOnlySpan<byte> text = JsonMarshal.GetRawUtf8Value(value);
        if (text.ContainsAny((byte)'\n', (byte)'\r'))
            value.WriteTo(writer);
        else
            writer.WriteRawValue(text, skipInputValidation: true);
    }
}
