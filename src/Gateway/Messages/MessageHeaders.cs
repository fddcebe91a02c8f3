using System.Globalization;
using Microsoft.Extensions.Primitives;
using ShitOps.Gateway.Problems;
using ShitOps.Grains;

namespace ShitOps.Gateway.Messages;

/// <summary>The headers that go with a posted message.</summary>
internal static class MessageHeaders
{
    public static readonly string IdempotencyKeyRule = $"An idempotency key has 1 to {Limits.IdempotencyKeyLength} visible ASCII characters.";

    public static bool IsIdempotencyKey(ReadOnlySpan<char> key) =>
        key.Length is > 0 and <= Limits.IdempotencyKeyLength && !key.ContainsAnyExceptInRange('!', '~');

    /// <exception cref="ProblemException">400: not a key.</exception>
    public static string? IdempotencyKey(HttpRequest request)
    {
        StringValues values = request.Headers["Idempotency-Key"];
        if (values.Count == 0)
            return null;
        if (values.Count == 1 && IsIdempotencyKey(values[0]))
            return values[0];
        var faults = new Faults();
        faults.Add(Fault.OfParameter("Idempotency-Key", "bad_idempotency_key", IdempotencyKeyRule, 400));
        throw new ProblemException(faults.ToProblem());
    }

    /// <summary>A traceparent of W3C Trace Context (https://www.w3.org/TR/trace-context/#traceparent-header), null if absent or not valid.</summary>
    public static string? TraceParent(HttpRequest request)
    {
        StringValues values = request.Headers.TraceParent;
        return values is [{ } value] && IsTraceParent(value) ? value : null;
    }

    internal static bool IsTraceParent(ReadOnlySpan<char> value)
    {
        if (value.Length < 55 || value[2] != '-' || value[35] != '-' || value[52] != '-')
            return false;
        // Version 00 ends here; a later one may go on after another dash, but is kept only if it is no longer than a row holds.
        if (value.Length > 55 && (value[..2] is "00" || value[55] != '-' || value.Length > 128))
            return false;
        return IsHex(value[..2]) && value[..2] is not "ff" && IsHex(value[3..35]) && IsHex(value[36..52]) && IsHex(value[53..55])
            && value[3..35].ContainsAnyExcept('0') && value[36..52].ContainsAnyExcept('0') && !value.ContainsAnyExceptInRange('!', '~');
    }

    private static bool IsHex(ReadOnlySpan<char> text)
    {
        foreach (char c in text)
        {
            if (!char.IsAsciiHexDigitLower(c))
                return false;
        }
        return true;
    }

    /// <summary>Seconds of <c>Prefer: wait=N</c> (RFC 7240, section 4.3), at most <see cref="Limits.MaxPreferWait"/>; null when not asked for or not a number.</summary>
    public static int? PreferWait(HttpRequest request)
    {
        foreach (string? line in request.Headers["Prefer"])
        {
            foreach (string preference in (line ?? "").Split(',', StringSplitOptions.TrimEntries))
            {
                string[] pair = preference.Split(';')[0].Split('=', StringSplitOptions.TrimEntries);
                if (pair.Length == 2 && pair[0].Equals("wait", StringComparison.OrdinalIgnoreCase)
                    && int.TryParse(pair[1].Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out int seconds))
                {
                    return Math.Min(seconds, (int)Limits.MaxPreferWait.TotalSeconds);
                }
            }
        }
        return null;
    }
}
