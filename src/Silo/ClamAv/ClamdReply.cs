using System.Globalization;
using System.Text;
using ShitOps.Grains.Scanning;

namespace ShitOps.Silo.ClamAv;

/// <summary>A clamd did not do what its protocol says, or is not there. The content may be tried on another.</summary>
internal class ClamdException(string message, Exception? inner = null) : Exception(message, inner);

internal enum ReplyKind { Clean, Found, TooLarge, Error }

/// <summary>
/// The answer to one INSTREAM, read strictly: <c>stream: OK</c>, <c>stream: NAME FOUND</c>,
/// <c>INSTREAM size limit exceeded. ERROR</c> or <c>… ERROR</c> (man clamd). Anything else is nonsense, and never clean.
/// </summary>
/// <param name="Text">The signature's name, or what clamd complains of.</param>
internal readonly record struct ClamdReply(ReplyKind Kind, string Text)
{
    /// <summary>Longest reply taken, in bytes, without its end.</summary>
    public const int MaxLength = 1_024;

    private const string Stream = "stream: ";
    private const string FoundEnd = " FOUND";
    private const string ErrorEnd = " ERROR";

    public static ClamdReply Parse(ReadOnlySpan<byte> line)
    {
        if (line.Length is 0 or > MaxLength || line.ContainsAnyExceptInRange((byte)' ', (byte)'~'))
            throw new ClamdException("a reply that is no text");
        string text = Encoding.ASCII.GetString(line);
        if (text == "stream: OK")
            return new(ReplyKind.Clean, "");
        if (text.StartsWith(Stream, StringComparison.Ordinal) && text.EndsWith(FoundEnd, StringComparison.Ordinal)
            && text.Length > Stream.Length + FoundEnd.Length)
            return new(ReplyKind.Found, text[Stream.Length..^FoundEnd.Length]);
        if (text == "INSTREAM size limit exceeded. ERROR")
            return new(ReplyKind.TooLarge, "larger than the scanner takes");
        if (text.EndsWith(ErrorEnd, StringComparison.Ordinal))
            return new(ReplyKind.Error, text[..^ErrorEnd.Length]);
        throw new ClamdException("a reply that is none of the protocol's");
    }

    /// <summary>Splits <c>N: reply</c>, as replies are in a session.</summary>
    public static (int Number, ClamdReply Reply) ParseNumbered(ReadOnlySpan<byte> line)
    {
        int colon = line.IndexOf(": "u8);
        if (colon is <= 0 or > 10 || line[0] is (byte)'0' || !int.TryParse(line[..colon], NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            throw new ClamdException("a reply without a number");
        return (number, Parse(line[(colon + 2)..]));
    }

    /// <summary>Limits and encryption are what clamd could not look at, not what it found.</summary>
    public Verdict ToVerdict() => Kind switch
    {
        ReplyKind.Clean => Verdict.Clean,
        ReplyKind.Found when Text.StartsWith("Heuristics.Limits.Exceeded", StringComparison.Ordinal)
            || Text.StartsWith("Heuristics.Encrypted.", StringComparison.Ordinal) => new(VerdictKind.Unscannable, Text),
        ReplyKind.Found => new(VerdictKind.Infected, Text),
        ReplyKind.TooLarge => new(VerdictKind.Unscannable, Text),
        _ => new(VerdictKind.Unavailable, Text),
    };
}

/// <summary>The answer to VERSION: <c>ClamAV 1.4.3/27500/Mon Nov 23 00:58:52 2026</c>, or the engine alone without a daily database.</summary>
/// <param name="Date">When the signatures were made; clamd tells its local time, taken as UTC.</param>
internal sealed record ClamdVersion(string Text, DateTimeOffset? Date)
{
    public static ClamdVersion Parse(ReadOnlySpan<byte> line)
    {
        if (line.Length > 256 || !line.StartsWith("ClamAV "u8) || line.ContainsAnyExceptInRange((byte)' ', (byte)'~'))
            throw new ClamdException("a version that is not clamd's");
        string text = Encoding.ASCII.GetString(line);
        bool dated = DateTimeOffset.TryParseExact(
            text[(text.LastIndexOf('/') + 1)..], "ddd MMM d HH:mm:ss yyyy", CultureInfo.InvariantCulture,
            DateTimeStyles.AllowInnerWhite | DateTimeStyles.AssumeUniversal, out DateTimeOffset date);
        return new(text, dated ? date : null);
    }
}
