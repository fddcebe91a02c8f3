using System.Buffers.Binary;
using System.Security.Cryptography;

namespace ShitOps.Silo.Store;

/// <summary>
/// What a writer's key says to its journal rows, and to what is kept of its chain beside them: HMAC-SHA256 over a byte for
/// the kind, the writer, and the values in big-endian order. Not safe for two threads.
/// </summary>
internal sealed class JournalSeal(int writer, byte[] key) : IDisposable
{
    public const int Size = 32;

    private enum Kind : byte { Row = 1, Birth = 2, Gone = 3, Heads = 4 }

    private readonly IncrementalHash _mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);

    /// <param name="before">The seal of the row before; of the first row: the writer's birth.</param>
    public byte[] Row(long number, long at, int events, ReadOnlySpan<byte> before, ReadOnlySpan<byte> data) => Mac(Kind.Row, number, at, events, before, data);

    /// <summary>The first link of the chain.</summary>
    /// <param name="since">The first writer that sealed, as far as this one knew.</param>
    public byte[] Birth(int keyId, long startedAt, int since) => Mac(Kind.Birth, keyId, startedAt, since, []);

    /// <summary>Rows up to that one, which had that seal, were deleted by retention.</summary>
    public byte[] Gone(long number, long at, ReadOnlySpan<byte> seal) => Mac(Kind.Gone, number, at, 0, seal);

    public byte[] Heads(long at, ReadOnlySpan<byte> heads) => Mac(Kind.Heads, at, 0, 0, heads);

    private byte[] Mac(Kind kind, long first, long second, int third, ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> more = default)
    {
        Span<byte> head = stackalloc byte[1 + 4 + 8 + 8 + 4];
        head[0] = (byte)kind;
        BinaryPrimitives.WriteInt32BigEndian(head[1..], writer);
        BinaryPrimitives.WriteInt64BigEndian(head[5..], first);
        BinaryPrimitives.WriteInt64BigEndian(head[13..], second);
        BinaryPrimitives.WriteInt32BigEndian(head[21..], third);
        _mac.AppendData(head);
        _mac.AppendData(bytes);
        _mac.AppendData(more);
        return _mac.GetHashAndReset();
    }

    public void Dispose() => _mac.Dispose();
}

/// <summary>A row and its seal: the end of a chain as somebody saw it.</summary>
internal sealed record JournalHead(int Writer, long Number, byte[] Seal)
{
    public const int Size = 4 + 8 + JournalSeal.Size;

    public static byte[] Write(IReadOnlyCollection<JournalHead> heads)
    {
        byte[] bytes = new byte[heads.Count * Size];
        Span<byte> rest = bytes;
        foreach (JournalHead head in heads)
        {
            BinaryPrimitives.WriteInt32BigEndian(rest, head.Writer);
            BinaryPrimitives.WriteInt64BigEndian(rest[4..], head.Number);
            head.Seal.CopyTo(rest[12..]);
            rest = rest[Size..];
        }
        return bytes;
    }

    public static IEnumerable<JournalHead> Read(byte[] bytes)
    {
        for (int at = 0; at + Size <= bytes.Length; at += Size)
            yield return new(BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(at)), BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(at + 4)), bytes[(at + 12)..(at + Size)]);
    }
}

/// <summary>The chain of this process: seals the next row, and learns which one stands.</summary>
internal sealed class JournalLink(int writer, byte[] key, byte[] birth) : IDisposable
{
    private readonly JournalSeal _seal = new(writer, key);
    private volatile JournalHead _last = new(writer, 0, birth);

    /// <summary>The last row that is known to stand; number 0 before the first. For any thread.</summary>
    public JournalHead Last => _last;

    /// <summary>Changes nothing: the row may be tried again with other events. For the commit queue alone.</summary>
    public byte[] Next(long number, long at, int events, byte[] data) => _seal.Row(number, at, events, _last.Seal, data);

    public void Stands(long number, byte[] seal) => _last = new(writer, number, seal);

    public void Dispose() => _seal.Dispose();
}
