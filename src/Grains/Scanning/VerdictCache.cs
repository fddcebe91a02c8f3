using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace ShitOps.Grains.Scanning;

/// <summary>What was found clean, and by which signatures: a key of 32 bytes and one signature version.</summary>
public readonly struct VerdictKey : IEquatable<VerdictKey>
{
    private readonly UInt128 _low;
    private readonly UInt128 _high;

    private VerdictKey(ReadOnlySpan<byte> digest)
    {
        _low = MemoryMarshal.Read<UInt128>(digest);
        _high = MemoryMarshal.Read<UInt128>(digest[16..]);
    }

    /// <summary>Covers all that decides how a message is cut and scanned: the body, its kind and the subject.</summary>
    public static VerdictKey OfMessage(BodyKind kind, ReadOnlySpan<byte> sha256, string? subject)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(sha256.Length, SHA256.HashSizeInBytes, nameof(sha256));
        subject ??= "";
        Span<byte> text = stackalloc byte[33 + 1_024];
        int size = Encoding.UTF8.GetMaxByteCount(subject.Length);
        if (size > 1_024)
            text = new byte[33 + size];
        text[0] = (byte)kind;
        sha256.CopyTo(text[1..]);
        return Hash(text[..(33 + Encoding.UTF8.GetBytes(subject, text[33..]))]);
    }

    public static VerdictKey OfAttachment(ReadOnlySpan<byte> sha256)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(sha256.Length, SHA256.HashSizeInBytes, nameof(sha256));
        Span<byte> text = stackalloc byte[33];
        text[0] = byte.MaxValue;
        sha256.CopyTo(text[1..]);
        return Hash(text);
    }

    private static VerdictKey Hash(ReadOnlySpan<byte> text)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text, digest);
        return new(digest);
    }

    public static bool operator ==(VerdictKey left, VerdictKey right) => left.Equals(right);

    public static bool operator !=(VerdictKey left, VerdictKey right) => !left.Equals(right);

    public bool Equals(VerdictKey other) => _low == other._low && _high == other._high;

    public override bool Equals(object? obj) => obj is VerdictKey other && Equals(other);

    // A digest is as good as random already.
    public override int GetHashCode() => (int)(ulong)_low;
}

/// <summary>
/// Remembers clean contents, the newest of them, up to a bound. Only clean ones: whatever else was found has to be found
/// again. Split into shards so that the nodes of a silo do not queue for one lock.
/// </summary>
/// <param name="capacity">Entries kept, about 60 bytes each.</param>
public sealed class VerdictCache(int capacity = VerdictCache.DefaultCapacity)
{
    public const int DefaultCapacity = 200_000;
    private const int ShardCount = 16;
    private readonly Shard[] _shards = [.. Enumerable.Range(0, ShardCount).Select(_ => new Shard(Math.Max(2, capacity / ShardCount)))];

    /// <summary>Entries held now.</summary>
    public int Count => _shards.Sum(shard => shard.Count);

    public bool Contains(VerdictKey key, string signatureVersion) => ShardOf(key).Contains(key, signatureVersion);

    public void Add(VerdictKey key, string signatureVersion) => ShardOf(key).Add(key, signatureVersion);

    private Shard ShardOf(VerdictKey key) => _shards[(uint)key.GetHashCode() % ShardCount];

    private sealed class Shard(int capacity)
    {
        private readonly Lock _lock = new();
        private readonly Newest<VerdictKey, string> _clean = new(capacity);

        public int Count
        {
            get { lock (_lock) return _clean.Count; }
        }

        public bool Contains(VerdictKey key, string version)
        {
            lock (_lock)
            {
                if (!_clean.TryGet(key, out string? known) || known != version)
                    return false;
                // What is asked for stays.
                _clean.Put(key, version);
                return true;
            }
        }

        public void Add(VerdictKey key, string version)
        {
            lock (_lock)
                _clean.Put(key, version);
        }
    }
}
