using System.Globalization;
using System.Text.Json;

namespace ShitOps.Grains;

/// <summary>A JSON pointer, <see href="https://www.rfc-editor.org/rfc/rfc6901">RFC 6901</see>, in its plain text form.</summary>
public sealed class JsonPointer
{
    private readonly string[] _tokens;

    private JsonPointer(string[] tokens) => _tokens = tokens;

    /// <returns>Null: not a pointer (it does not begin with a slash, or a tilde is followed by neither 0 nor 1).</returns>
    public static JsonPointer? Parse(string text)
    {
        if (text.Length == 0)
            return new JsonPointer([]);
        if (text[0] != '/')
            return null;
        for (int tilde = text.IndexOf('~'); tilde >= 0; tilde = text.IndexOf('~', tilde + 1))
        {
            if (tilde + 1 == text.Length || text[tilde + 1] is not ('0' or '1'))
                return null;
        }
        // In this order, so that ~01 becomes ~1 and not a slash (RFC 6901, section 4).
        return new JsonPointer([.. text[1..].Split('/').Select(token => token.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))]);
    }

    /// <returns>Null: the document has nothing there.</returns>
    /// <exception cref="InvalidOperationException">A name in the document is not Unicode.</exception>
    /// <exception cref="ArgumentException">The pointer is not.</exception>
    public JsonElement? Find(JsonElement root)
    {
        JsonElement at = root;
        foreach (string token in _tokens)
        {
            if (at.ValueKind == JsonValueKind.Object && at.TryGetProperty(token, out JsonElement member))
                at = member;
            else if (at.ValueKind == JsonValueKind.Array && Index(token) is { } index && index < at.GetArrayLength())
                at = at[index];
            else
                return null;
        }
        return at;
    }

    /// <summary>Digits without leading zeros; <c>-</c>, the element after the last one, never exists.</summary>
    private static int? Index(string token) =>
        (token == "0" || (token.Length > 0 && token[0] != '0')) && int.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out int index) ? index : null;
}
