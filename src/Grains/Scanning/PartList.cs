using System.Buffers;

namespace ShitOps.Grains.Scanning;

/// <summary>
/// The parts to be scanned in one call, equal ones kept once (property names and subjects repeat). Parts are slices of
/// the bodies wherever they can be; what had to be decoded lives in pooled blocks that <see cref="Dispose"/> returns.
/// Do not dispose while a scanner may still read: an abandoned scan leaves its blocks to the garbage collector.
/// </summary>
public sealed class PartList : IDisposable
{
    private const int BlockBytes = 64 * 1024;
    private readonly List<ReadOnlyMemory<byte>> _parts = [];
    private readonly Dictionary<ReadOnlyMemory<byte>, int> _places = new(SameBytes.Instance);
    private readonly List<byte[]> _blocks = [];
    private int _used;

    public IReadOnlyList<ReadOnlyMemory<byte>> Parts => _parts;

    /// <summary>The place of the part in <see cref="Parts"/>.</summary>
    public int Add(ReadOnlyMemory<byte> part)
    {
        if (_places.TryGetValue(part, out int place))
            return place;
        _places.Add(part, _parts.Count);
        _parts.Add(part);
        return _parts.Count - 1;
    }

    /// <summary>Room for at most <paramref name="size"/> bytes; <see cref="Keep"/> says how many were used.</summary>
    public Memory<byte> Rent(int size)
    {
        if (_blocks.Count == 0 || _blocks[^1].Length - _used < size)
        {
            _blocks.Add(ArrayPool<byte>.Shared.Rent(Math.Max(size, BlockBytes)));
            _used = 0;
        }
        return _blocks[^1].AsMemory(_used, size);
    }

    /// <summary>Keeps the first bytes of what was rented last.</summary>
    public ReadOnlyMemory<byte> Keep(int size)
    {
        ReadOnlyMemory<byte> kept = _blocks[^1].AsMemory(_used, size);
        _used += size;
        return kept;
    }

    public void Dispose()
    {
        foreach (byte[] block in _blocks)
            ArrayPool<byte>.Shared.Return(block, clearArray: true);
        _blocks.Clear();
        _parts.Clear();
        _places.Clear();
    }

    private sealed class SameBytes : IEqualityComparer<ReadOnlyMemory<byte>>
    {
        public static readonly SameBytes Instance = new();

        public bool Equals(ReadOnlyMemory<byte> x, ReadOnlyMemory<byte> y) => x.Span.SequenceEqual(y.Span);

        // HashCode is seeded anew in every process, so nobody can prepare colliding strings.
        public int GetHashCode(ReadOnlyMemory<byte> part)
        {
            var hash = new HashCode();
            hash.AddBytes(part.Span);
            return hash.ToHashCode();
        }
    }
}
