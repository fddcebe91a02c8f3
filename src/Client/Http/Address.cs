using System.Globalization;
using System.Text;

namespace ShitOps.Client.Http;

/// <summary>Puts a path and its query together; null values are left out.</summary>
internal static class Address
{
    public static string Of(string path, params ReadOnlySpan<(string Name, object? Value)> query)
    {
        var text = new StringBuilder(path);
        char mark = '?';
        foreach ((string name, object? value) in query)
        {
            if (Word(value) is not { } word)
                continue;
            text.Append(mark).Append(name).Append('=').Append(Uri.EscapeDataString(word));
            mark = '&';
        }
        return text.ToString();
    }

    /// <summary>A name as one segment of a path.</summary>
    public static string Segment(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        // A segment of dots would be taken out of the path, and the call would be another one.
        return name is "." or ".." ? throw new ArgumentException($"'{name}' is no name", nameof(name)) : Uri.EscapeDataString(name);
    }

    public static long Seconds(TimeSpan time) => (long)Math.Ceiling(time.TotalSeconds);

    private static string? Word(object? value) => value switch
    {
        null or false => null,
        true => "true",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };
}
