namespace ShitOps.Bench;

/// <summary>Bodies: text that no cache has seen and no compression shortens much, and that a JSON string takes as it is.</summary>
public static class RandomText
{
    // 64 letters, so that a byte's lowest six bits choose one.
    private static ReadOnlySpan<byte> Alphabet => "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ."u8;

    public static void Fill(Random random, Span<byte> text)
    {
        random.NextBytes(text);
        foreach (ref byte letter in text)
            letter = Alphabet[letter & 63];
    }

    public static byte[] Make(Random random, int length)
    {
        var text = new byte[length];
        Fill(random, text);
        return text;
    }
}
