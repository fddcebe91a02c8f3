using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;

namespace ShitOps.Silo.ClamAv;

/// <summary>
/// One INSTREAM as it goes over the wire, in one pooled buffer: the command, a chunk's length, the chunk, and the empty
/// chunk that ends it. The chunk is a content, or a ZIP of many, stored: clamd spends its time per file, not per byte.
/// </summary>
/// <remarks>
/// ZIP rather than tar: of a ZIP clamd reports that a limit was reached, a tar it leaves off reading and calls clean.
/// Format: APPNOTE.TXT of PKWARE, 4.3.7 (local header), 4.3.12 (central directory), 4.3.16 (end).
/// </remarks>
internal sealed class Frame : IDisposable
{
    private const int Local = 30, Central = 46, End = 22, Name = 4;
    private byte[]? _buffer;

    private Frame(int chunk)
    {
        Length = Command.Length + 4 + chunk + 4;
        _buffer = ArrayPool<byte>.Shared.Rent(Length);
        Command.CopyTo(_buffer);
        BinaryPrimitives.WriteInt32BigEndian(_buffer.AsSpan(Command.Length), chunk);
        BinaryPrimitives.WriteInt32BigEndian(_buffer.AsSpan(Length - 4), 0);
    }

    public static ReadOnlySpan<byte> Command => "zINSTREAM\0"u8;

    public int Length { get; }

    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, Length);

    private Span<byte> Chunk => _buffer.AsSpan(Command.Length + 4, Length - Command.Length - 8);

    public static Frame Of(ReadOnlySpan<byte> content)
    {
        var frame = new Frame(content.Length);
        content.CopyTo(frame.Chunk);
        return frame;
    }

    /// <summary>What a content of that length takes in a ZIP.</summary>
    public static int ZipWeight(int length) => length + Local + Central + (2 * Name);

    /// <param name="contents">At most 65,535, and small enough together for one array.</param>
    public static Frame OfZip(IReadOnlyList<ReadOnlyMemory<byte>> contents)
    {
        int size = End;
        foreach (ReadOnlyMemory<byte> content in contents)
            size = checked(size + ZipWeight(content.Length));
        var frame = new Frame(size);
        WriteZip(contents, frame.Chunk);
        return frame;
    }

    private static void WriteZip(IReadOnlyList<ReadOnlyMemory<byte>> contents, Span<byte> zip)
    {
        int directory = zip.Length - End - (contents.Count * (Central + Name));
        int at = 0, entry = directory;
        for (int i = 0; i < contents.Count; i++)
        {
            ReadOnlySpan<byte> content = contents[i].Span;
            Span<byte> local = zip.Slice(at, Local + Name);
            local.Clear();
            BinaryPrimitives.WriteUInt32LittleEndian(local, 0x04034b50);
            local[4] = 10;
            // DOS date: 1 January 1980, the first there is; month and day may not be 0.
            BinaryPrimitives.WriteUInt16LittleEndian(local[12..], 0x21);
            BinaryPrimitives.WriteUInt32LittleEndian(local[14..], Crc32.HashToUInt32(content));
            BinaryPrimitives.WriteInt32LittleEndian(local[18..], content.Length);
            BinaryPrimitives.WriteInt32LittleEndian(local[22..], content.Length);
            local[26] = Name;
            for (int digit = 0, rest = i; digit < Name; digit++, rest >>= 4)
                local[Local + Name - 1 - digit] = "0123456789abcdef"u8[rest & 15];

            Span<byte> central = zip.Slice(entry, Central + Name);
            central.Clear();
            BinaryPrimitives.WriteUInt32LittleEndian(central, 0x02014b50);
            central[4] = 10;
            local[4..30].CopyTo(central[6..]);
            BinaryPrimitives.WriteInt32LittleEndian(central[42..], at);
            local[Local..].CopyTo(central[Central..]);

            content.CopyTo(zip[(at + Local + Name)..]);
            at += Local + Name + content.Length;
            entry += Central + Name;
        }
        Span<byte> end = zip[^End..];
        end.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(end, 0x06054b50);
        BinaryPrimitives.WriteUInt16LittleEndian(end[8..], (ushort)contents.Count);
        BinaryPrimitives.WriteUInt16LittleEndian(end[10..], (ushort)contents.Count);
        BinaryPrimitives.WriteInt32LittleEndian(end[12..], contents.Count * (Central + Name));
        BinaryPrimitives.WriteInt32LittleEndian(end[16..], directory);
    }

    /// <summary>The chunk alone, for what wants a ZIP rather than a frame.</summary>
    public byte[] ChunkToArray() => Chunk.ToArray();

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _buffer, null) is { } buffer)
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
    }
}
