using System.Buffers;

namespace ShitOps.Grains.Scanning;

/// <summary>
/// Recognises and decodes base64 the way a lenient reader would (RFC 4648 §4 and §5, RFC 2045 §6.8): either alphabet,
/// with or without padding, broken by white space anywhere. What some recipient might decode must be looked at.
/// </summary>
internal static class Base64Text
{
    private static readonly SearchValues<byte> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_= \t\r\n"u8);

    private static readonly byte[] Values = MakeValues();

    /// <summary>How many bytes at the start could be base64.</summary>
    public static int RunLength(ReadOnlySpan<byte> text)
    {
        int end = text.IndexOfAnyExcept(Allowed);
        return end < 0 ? text.Length : end;
    }

    /// <summary>The most that <paramref name="length"/> characters decode to.</summary>
    public static int MaxDecoded(int length) => (int)((long)length * 3 / 4) + 3;

    /// <summary>Decodes text that consists of allowed characters; padding in the middle begins anew.</summary>
    /// <returns>Bytes written.</returns>
    public static int Decode(ReadOnlySpan<byte> text, Span<byte> into)
    {
        int written = 0, bits = 0, count = 0;
        foreach (byte c in text)
        {
            byte value = Values[c];
            if (value < 64)
            {
                bits = (bits << 6) | value;
                if (++count == 4)
                {
                    into[written++] = (byte)(bits >> 16);
                    into[written++] = (byte)(bits >> 8);
                    into[written++] = (byte)bits;
                    bits = count = 0;
                }
            }
            else if (c == '=')
            {
                written = Flush(into, written, bits, count);
                bits = count = 0;
            }
        }
        return Flush(into, written, bits, count);
    }

    private static int Flush(Span<byte> into, int written, int bits, int count)
    {
        if (count >= 2)
            into[written++] = (byte)(bits >> ((count * 6) - 8));
        if (count == 3)
            into[written++] = (byte)(bits >> 2);
        return written;
    }

    private static byte[] MakeValues()
    {
        var values = new byte[256];
        Array.Fill(values, byte.MaxValue);
        ReadOnlySpan<byte> alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"u8;
        for (int i = 0; i < alphabet.Length; i++)
            values[alphabet[i]] = (byte)i;
        values['-'] = 62;
        values['_'] = 63;
        return values;
    }
}
