using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace ShitOps.Hosting.Sealing;

/// <summary>
/// The keys that seal the journal, each derived from a data key (HKDF with SHA-256, RFC 5869): they are wrapped at rest,
/// renewed and found again as those are, and who reads the database has none of them. Thread-safe.
/// </summary>
public sealed class JournalKeys(IDataKeyStore store, KeyRing ring)
{
    public const int KeyBytes = 32;

    private readonly IDataProtector _protector = DataKeyWrap.Protector(ring);
    private readonly ConcurrentDictionary<int, byte[]> _known = new();

    /// <summary>The key to seal with from now on, and the number of its data key.</summary>
    /// <exception cref="CryptographicException">The key ring cannot unwrap the data key.</exception>
    public async ValueTask<(int Id, byte[] Key)> CurrentAsync(CancellationToken stop = default)
    {
        WrappedDataKey row = await store.CurrentAsync(stop);
        return (row.Id, Derive(row));
    }

    /// <summary>Null: there is no such data key.</summary>
    /// <exception cref="CryptographicException">The key ring cannot unwrap the data key.</exception>
    public async ValueTask<byte[]?> FindAsync(int id, CancellationToken stop = default)
    {
        if (_known.TryGetValue(id, out byte[]? key))
            return key;
        return await store.FindAsync(id, stop) is { } row ? Derive(row) : null;
    }

    private byte[] Derive(WrappedDataKey row)
    {
        if (_known.TryGetValue(row.Id, out byte[]? known))
            return known;
        byte[] plain = _protector.Unprotect(row.Wrapped);
        byte[] key = HKDF.DeriveKey(HashAlgorithmName.SHA256, plain, KeyBytes, info: "ShitOps.Journal.v1"u8.ToArray());
        CryptographicOperations.ZeroMemory(plain);
        return _known.GetOrAdd(row.Id, key);
    }
}
