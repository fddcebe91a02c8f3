using System.Buffers.Binary;

namespace ShitOps.Silo.Store;

/// <summary>Names a journal row: 4 bytes writer, 8 bytes number, big-endian.</summary>
internal readonly record struct TrailRef(int Writer, long Number)
{
    public const int Size = 12;

    public byte[] ToBytes()
    {
        byte[] bytes = new byte[Size];
        BinaryPrimitives.WriteInt32BigEndian(bytes, Writer);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(4), Number);
        return bytes;
    }

    /// <summary>The reference and the place for one more, so that a row need not grow when that comes.</summary>
    public static byte[] WithRoom(byte[] reference) => [.. reference, .. new byte[Size]];

    public static IEnumerable<TrailRef> ReadAll(byte[] trail)
    {
        for (int at = 0; at + Size <= trail.Length; at += Size)
        {
            // No writer is 0: the place is free.
            if (BinaryPrimitives.ReadInt32BigEndian(trail.AsSpan(at)) is not 0 and int writer)
                yield return new(writer, BinaryPrimitives.ReadInt64BigEndian(trail.AsSpan(at + 4)));
        }
    }
}
