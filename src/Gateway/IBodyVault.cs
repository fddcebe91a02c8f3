namespace ShitOps.Gateway;

/// <summary>
/// Seals what comes in and opens what goes out to its recipient. The id, and for an attachment the number of the chunk, are bound in.
/// </summary>
public interface IBodyVault
{
    ValueTask<byte[]> SealAsync(ReadOnlyMemory<byte> plain, Guid id, int part = 0, CancellationToken stop = default);

    /// <exception cref="System.Security.Cryptography.CryptographicException">It was changed, moved to another id or part, or its key is gone.</exception>
    ValueTask<byte[]> OpenAsync(ReadOnlyMemory<byte> sealedBody, Guid id, int part = 0, CancellationToken stop = default);
}
