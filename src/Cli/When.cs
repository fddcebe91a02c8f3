using System.Globalization;

namespace ShitOps.Cli;

/// <summary>Times as people give them: 90s, 10m, 2h, 3d from now, or a time of RFC 3339.</summary>
internal static class When
{
    /// <exception cref="UsageException">Neither.</exception>
    public static DateTimeOffset At(string option, string text, TimeProvider time)
    {
        if (Span(text) is { } span)
            return time.GetUtcNow() + span;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset at) && text.Contains('-', StringComparison.Ordinal)
            ? at
            : throw new UsageException($"{option}: '{text}' is neither a time (2026-12-01T08:00:00Z) nor a span (90s, 10m, 2h, 3d)");
    }

    public static TimeSpan? Span(string text)
    {
        if (text.Length < 2 || !double.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number) || number > 1_000_000)
            return null;
        return text[^1] switch
        {
            's' => TimeSpan.FromSeconds(number),
            'm' => TimeSpan.FromMinutes(number),
            'h' => TimeSpan.FromHours(number),
            'd' => TimeSpan.FromDays(number),
            _ => null,
        };
    }
}
