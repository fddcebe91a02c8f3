namespace ShitOps.Hosting.Sealing;

/// <summary>The Data Protection key ring's rows, one XML element each. Synchronous because the key ring reads it so.</summary>
public interface IKeyRingRows
{
    IReadOnlyList<string> ReadAll();

    void Add(string name, string xml);
}

/// <summary>The rows of wrapped data keys.</summary>
public interface IDataKeyRows
{
    ValueTask<WrappedDataKey?> NewestAsync(CancellationToken stop = default);

    ValueTask<WrappedDataKey?> FindAsync(int id, CancellationToken stop = default);

    /// <summary>Adds a key under the next id.</summary>
    ValueTask<WrappedDataKey> AddAsync(byte[] wrapped, DateTimeOffset createdAt, DateTimeOffset rotateAt, CancellationToken stop = default);
}
