using System.Text;

namespace ShitOps.Silo.Store;

/// <summary>A growing buffer that is used again and again. Numbers are little-endian base 128.</summary>
internal sealed class ByteBuffer
{
    private byte[] _bytes = new byte[4096];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public void Clear() => Length = 0;

    public Span<byte> Take(int count)
    {
        if (Length + count > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + count));
        Span<byte> taken = _bytes.AsSpan(Length, count);
        Length += count;
        return taken;
    }

    public void Unsigned(ulong value)
    {
        Span<byte> space = Take(10);
        int used = 0;
        for (; value >= 0x80; value >>= 7)
            space[used++] = (byte)(value | 0x80);
        space[used++] = (byte)value;
        Length -= 10 - used;
    }

    public void Signed(long value) => Unsigned((ulong)((value << 1) ^ (value >> 63)));

    public void Nullable(int? value) => Unsigned(value is { } number ? (ulong)(uint)((number << 1) ^ (number >> 31)) + 1 : 0);

    public void Text(string text)
    {
        int count = Encoding.UTF8.GetByteCount(text);
        Unsigned((ulong)count);
        Encoding.UTF8.GetBytes(text, Take(count));
    }

    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        Unsigned((ulong)bytes.Length);
        bytes.CopyTo(Take(bytes.Length));
    }
}

/// <summary>Reads what <see cref="ByteBuffer"/> wrote.</summary>
internal ref struct ByteReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public ulong Unsigned()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte next = Bytes(1)[0];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
                return value;
        }
        throw new InvalidDataException("a number without end");
    }

    public long Signed()
    {
        ulong value = Unsigned();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public int? Nullable()
    {
        ulong value = Unsigned();
        if (value == 0)
            return null;
        uint number = (uint)(value - 1);
        return (int)(number >> 1) ^ -(int)(number & 1);
    }

    public int Count() => checked((int)Unsigned());

    public ReadOnlySpan<byte> Bytes(int count)
    {
        if (count > _rest.Length)
            throw new InvalidDataException("a journal row that is cut short");
        ReadOnlySpan<byte> taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
