namespace ShitOps.Hosting.Sealing;

/// <summary>A data key as stored: wrapped by the key ring, never plain.</summary>
/// <param name="RotateAt">After this time new bodies are sealed under a new key; the old one still opens.</param>
public sealed record WrappedDataKey(int Id, byte[] Wrapped, DateTimeOffset CreatedAt, DateTimeOffset RotateAt);

/// <summary>Where wrapped data keys come from: the database in a silo, a grain in the gateway.</summary>
public interface IDataKeyStore
{
    /// <summary>The key to seal with now; made if there is none or the last is due.</summary>
    ValueTask<WrappedDataKey> CurrentAsync(CancellationToken stop = default);

    ValueTask<WrappedDataKey?> FindAsync(int id, CancellationToken stop = default);
}
