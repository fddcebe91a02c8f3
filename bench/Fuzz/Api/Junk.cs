using System.Globalization;
using System.Text;

namespace ShitOps.Fuzz.Api;

/// <summary>Values that programs stumble over.</summary>
internal static class Junk
{
    private static readonly string[] Texts =
    [
        "", " ", "\0", "null", "true", "-1", "0", "1e999", "NaN", "../../etc/passwd", "%00", "%2e%2e%2f", "a/b", "a?b#c", "'; DROP TABLE message; --", "\"", "\\", "\r\nX: y",
        "\ud800", "\udc00x", "\u202e", "\ufeff", "e\u0301\u0301\u0301", "\ud83d\ude00", "ß", "İ", "{}", "[]", "function:", "below:", "all", "function:*", "below:../x",
        "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "2026-02-30T00:00:00Z",
        "2026-11-23T00:00:00+99:00", "/0/~1/~", "${jndi:x}", "{{7*7}}", "application/json; charset=utf-7", "text/plain;\tq=",
    ];

    private static readonly string[] Numbers =
    [
        "0", "-0", "-1", "1", "2147483647", "2147483648", "-2147483649", "9223372036854775807", "9223372036854775808", "1e308", "1e309", "-1e400", "0.1", "1.0",
        "00", "1e-400", "123456789012345678901234567890",
    ];

    public static string Text(Random random) => random.Next(12) switch
    {
        0 => new string((char)random.Next(1, 0x3000), random.Next(1, 300)),
        1 => new string('a', 1 << random.Next(1, 17)),
        2 => string.Concat(Enumerable.Range(0, random.Next(20)).Select(_ => (char)random.Next(1, 0xd800))),
        3 => random.NextInt64(long.MinValue, long.MaxValue).ToString(CultureInfo.InvariantCulture),
        4 => Id(random),
        _ => Texts[random.Next(Texts.Length)],
    };

    private static string Id(Random random)
    {
        byte[] bytes = new byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes).ToString();
    }

    public static string Number(Random random) => Numbers[random.Next(Numbers.Length)];

    /// <summary>JSON text of any kind, well-formed.</summary>
    public static string Json(Random random, int depth = 0) => random.Next(depth > 3 ? 5 : 8) switch
    {
        0 => "null",
        1 => random.Next(2) == 0 ? "true" : "false",
        2 => Number(random),
        3 or 4 => Quoted(Text(random)),
        5 => "[" + string.Join(',', Enumerable.Range(0, random.Next(4)).Select(_ => Json(random, depth + 1))) + "]",
        6 => new StringBuilder().Insert(0, "[", random.Next(1, 2000)).ToString() + "1" + new string(']', 1),
        _ => "{" + string.Join(',', Enumerable.Range(0, random.Next(4)).Select(_ => Quoted(Text(random)) + ":" + Json(random, depth + 1))) + "}",
    };

    /// <summary>A JSON string; half of what is no plain ASCII as escapes, lone surrogates always.</summary>
    public static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (char c in text)
        {
            if (c is '"' or '\\')
                quoted.Append('\\').Append(c);
            else if (c < ' ' || char.IsSurrogate(c) || (c > '~' && (c & 1) == 0))
                quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else
                quoted.Append(c);
        }
        return quoted.Append('"').ToString();
    }

    /// <summary>Changes bytes, cuts off, repeats: what a broken client or line makes of a body.</summary>
    public static byte[] Break(Random random, byte[] bytes)
    {
        if (bytes.Length == 0)
            return [(byte)random.Next(256)];
        int at = random.Next(bytes.Length);
        switch (random.Next(6))
        {
            case 0:
                return bytes[..at];
            case 1:
                byte[] other = [.. bytes];
                other[at] = (byte)random.Next(256);
                return other;
            case 2:
                return [.. bytes[..at], 0xff, 0xfe, 0xc0, 0x80, .. bytes[at..]];
            case 3:
                return [.. bytes, .. bytes];
            case 4:
                return [0xef, 0xbb, 0xbf, .. bytes];
            default:
                return [.. bytes[..at], 0, .. bytes[at..]];
        }
    }
}
