using System.Text.Json;
using System.Text.Json.Serialization;
using ShitOps.Client;

namespace ShitOps.TestKit.Api;

/// <summary>JSON as the API reads and writes it: what is null is left out.</summary>
public static class Json
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public static byte[] Bytes(object value) => JsonSerializer.SerializeToUtf8Bytes(value, Options);

    /// <summary>Null for null.</summary>
    public static JsonElement? Of(object? value) => value is null ? null : JsonSerializer.SerializeToElement(value, Options);

    /// <summary>That JSON text, as it stands.</summary>
    public static JsonElement Raw(string json) => JsonElement.Parse(json);

    /// <exception cref="JsonException">It is not; the text is told.</exception>
    public static T Read<T>(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(text, Options) ?? throw new JsonException("null");
        }
        catch (JsonException error)
        {
            throw new JsonException($"{error.Message} in {text}", error);
        }
    }

    /// <summary>Null if the text is no problem document with a code.</summary>
    public static Problem? ProblemOf(string text)
    {
        try
        {
            return Read<Problem>(text) is { Code.Length: > 0 } problem ? problem : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
