using System.Globalization;
using System.Text.Json;
using ShitOps.Gateway.Problems;

namespace ShitOps.Gateway.Json;

/// <summary>Reads values of fields; a fault is added and null answered for what does not fit. JSON null reads as absent.</summary>
internal static class JsonText
{
    /// <summary>A text of 1 to <paramref name="maxLength"/> UTF-16 units without control characters.</summary>
    public static string? Text(ref Utf8JsonReader reader, string field, int maxLength, Faults faults)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return null;
        if (Plain(ref reader, field, faults) is not { } text)
            return null;
        if (text.Length == 0 || text.Length > maxLength)
            faults.Add("/" + field, "bad_length", $"'{field}' must have 1 to {maxLength} characters.");
        else if (HasControl(text))
            faults.Add("/" + field, "control_character", $"'{field}' must not hold control characters.");
        else
            return text;
        return null;
    }

    /// <summary>A string of any length.</summary>
    public static string? Plain(ref Utf8JsonReader reader, string field, Faults faults)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            WrongType(ref reader, "/" + field, "a string", faults);
            return null;
        }
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            faults.Add("/" + field, "invalid_text", $"'{field}' holds half of a surrogate pair.");
            return null;
        }
    }

    /// <summary>A whole number within bounds.</summary>
    public static long? Whole(ref Utf8JsonReader reader, string field, long min, long max, Faults faults)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return null;
        if (reader.TokenType != JsonTokenType.Number)
            WrongType(ref reader, "/" + field, "a number", faults);
        else if (!reader.TryGetInt64(out long value) || value < min || value > max)
            faults.Add("/" + field, "out_of_range", $"'{field}' must be a whole number from {min} to {max}.");
        else
            return value;
        return null;
    }

    /// <summary>True or false.</summary>
    public static bool? Flag(ref Utf8JsonReader reader, string field, Faults faults)
    {
        if (reader.TokenType is JsonTokenType.True or JsonTokenType.False)
            return reader.GetBoolean();
        if (reader.TokenType != JsonTokenType.Null)
            WrongType(ref reader, "/" + field, "true or false", faults);
        return null;
    }

    /// <summary>A list of UUIDs, each once.</summary>
    public static Guid[]? Ids(ref Utf8JsonReader reader, string field, int max, Faults faults)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return null;
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            WrongType(ref reader, "/" + field, "a list of ids", faults);
            return null;
        }
        var ids = new List<Guid>();
        for (int i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
        {
            if (reader.TokenType == JsonTokenType.String && IsWhole(ref reader) && reader.TryGetGuid(out Guid id))
                ids.Add(id);
            else if (i < max)
                WrongType(ref reader, $"/{field}/{i}", "a UUID", faults);
            else
                reader.Skip();
            if (i == max)
                faults.Add("/" + field, "too_many", $"'{field}' takes at most {max} ids.");
        }
        return [.. ids.Distinct()];
    }

    /// <summary>A time of RFC 3339, in UTC.</summary>
    public static DateTimeOffset? Time(ref Utf8JsonReader reader, string field, Faults faults)
    {
        if (reader.TokenType == JsonTokenType.Null || Plain(ref reader, field, faults) is not { } text)
            return null;
        // RFC 3339 asks for an offset; without one the time would depend on where the gateway stands.
        int time = text.IndexOf('T', StringComparison.OrdinalIgnoreCase);
        if (time > 0 && text.AsSpan(time).ContainsAny("Zz+-") && reader.TryGetDateTimeOffset(out DateTimeOffset at))
            return at.ToUniversalTime();
        faults.Add("/" + field, "bad_time", $"'{field}' must be a time of RFC 3339 with its offset, such as 2026-12-01T08:00:00Z.");
        return null;
    }

    /// <summary>
    /// Where any JSON value stands in the text. Half a surrogate pair in one of its texts is a fault: it is JSON by its
    /// grammar, but no Unicode text, so no scanner can look at it (RFC 8259, section 8.2).
    /// </summary>
    public static Range Value(ref Utf8JsonReader reader, string field, Faults faults)
    {
        int start = (int)reader.TokenStartIndex, depth = reader.CurrentDepth;
        bool whole = IsWhole(ref reader);
        if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
        {
            while (reader.Read() && reader.CurrentDepth > depth)
                whole &= IsWhole(ref reader);
        }
        if (!whole)
            faults.Add("/" + field, "invalid_text", $"'{field}' holds half of a surrogate pair.");
        return start..(int)reader.BytesConsumed;
    }

    /// <summary>False for half a surrogate pair in a text: reading or comparing such a text throws.</summary>
    internal static bool IsWhole(ref Utf8JsonReader reader) =>
        !reader.ValueIsEscaped || reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName) || HoldsWholePairs(reader.ValueSpan);

    /// <summary>Of the inside of a JSON string whose escapes are well-formed: whether every escaped surrogate has its other half.</summary>
    internal static bool HoldsWholePairs(ReadOnlySpan<byte> text)
    {
        for (int at = text.IndexOf((byte)'\\'); at >= 0; at = text.IndexOf((byte)'\\'))
        {
            text = text[at..];
            char unit = EscapedUnit(text);
            if (char.IsLowSurrogate(unit) || (char.IsHighSurrogate(unit) && !char.IsLowSurrogate(EscapedUnit(text[6..]))))
                return false;
            text = text[(char.IsHighSurrogate(unit) ? 12 : 2)..];
        }
        return true;
    }

    private static char EscapedUnit(ReadOnlySpan<byte> text) =>
        text.Length >= 6 && text[0] == (byte)'\\' && text[1] == (byte)'u'
        && ushort.TryParse(text[2..6], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort unit) ? (char)unit : '\0';

    public static void WrongType(ref Utf8JsonReader reader, string pointer, string wanted, Faults faults)
    {
        reader.Skip();
        faults.Add(pointer, "wrong_type", pointer.Length == 0 ? $"It must be {wanted}." : $"{pointer} must be {wanted}.");
    }

    public static bool HasControl(ReadOnlySpan<char> text)
    {
        foreach (char c in text)
        {
            if (char.IsControl(c))
                return true;
        }
        return false;
    }

    /// <summary>The text under the reader, whatever is wrong with its escapes.</summary>
    public static string Lenient(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString() ?? "";
        }
        catch (InvalidOperationException)
        {
            return System.Text.Encoding.UTF8.GetString(reader.ValueSpan);
        }
    }
}
