using ShitOps.Hosting.Sealing;

namespace ShitOps.Hosting.Tests.Sealing;

/// <summary>The tables of a database that several processes share.</summary>
internal sealed class MemoryRows : IKeyRingRows, IDataKeyRows
{
    private readonly Lock _lock = new();
    private readonly List<string> _ring = [];
    private readonly List<WrappedDataKey> _keys = [];

    /// <summary>Set while the database is away.</summary>
    public Exception? Fault { get; set; }

    /// <summary>The same, for the key ring alone.</summary>
    public Exception? RingFault { get; set; }

    public int RingReads { get; private set; }

    public IReadOnlyList<string> ReadAll()
    {
        lock (_lock)
        {
            RingReads++;
            return RingFault is null ? [.. _ring] : throw RingFault;
        }
    }

    public void Add(string name, string xml)
    {
        lock (_lock)
            _ring.Add(xml);
    }

    public ValueTask<WrappedDataKey?> NewestAsync(CancellationToken stop = default)
    {
        lock (_lock)
            return Fault is null ? new(_keys.LastOrDefault()) : ValueTask.FromException<WrappedDataKey?>(Fault);
    }

    public ValueTask<WrappedDataKey?> FindAsync(int id, CancellationToken stop = default)
    {
        lock (_lock)
            return Fault is null ? new(_keys.Find(k => k.Id == id)) : ValueTask.FromException<WrappedDataKey?>(Fault);
    }

    public ValueTask<WrappedDataKey> AddAsync(byte[] wrapped, DateTimeOffset createdAt, DateTimeOffset rotateAt, CancellationToken stop = default)
    {
        lock (_lock)
        {
            var key = new WrappedDataKey(_keys.Count + 1, wrapped, createdAt, rotateAt);
            _keys.Add(key);
            return new(key);
        }
    }
}
