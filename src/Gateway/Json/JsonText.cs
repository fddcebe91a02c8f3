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
            if (reader.TokenType == JsonTokenType.String && reader.TryGetGuid(out Guid id))
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

    public static void WrongType(ref Utf8JsonReader reader, string pointer, string wanted, Faults faults)
    {
        reader.Skip();
        faults.Add(pointer, "wrong_type", $"{pointer} must be {wanted}.");
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
