using System.Security.Cryptography;
using Microsoft.Extensions.ObjectPool;

namespace ShitOps.Hosting.Sealing;

/// <summary>
/// An unwrapped data key, in memory only. An <see cref="AesGcm"/> is one native context and not for two threads at
/// once, so each key keeps a pool of them.
/// </summary>
internal sealed class DataKey(WrappedDataKey row, byte[] key)
{
    private readonly DefaultObjectPool<AesGcm> _ciphers = new(new Policy(key), Environment.ProcessorCount * 2);

    public WrappedDataKey Row => row;
    public int Id => row.Id;
    public DateTimeOffset DueAt { get; } = DataKeyWrap.DueAt(row);
    public DateTimeOffset RotateAt => row.RotateAt;

    public void Encrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plain, Span<byte> cipher, Span<byte> tag, ReadOnlySpan<byte> bound)
    {
        AesGcm aes = _ciphers.Get();
        aes.Encrypt(nonce, plain, cipher, tag, bound);
        _ciphers.Return(aes);
    }

    public void Decrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> cipher, ReadOnlySpan<byte> tag, Span<byte> plain, ReadOnlySpan<byte> bound)
    {
        AesGcm aes = _ciphers.Get();
        try
        {
            aes.Decrypt(nonce, cipher, tag, plain, bound);
        }
        finally
        {
            _ciphers.Return(aes);
        }
    }

    private sealed class Policy(byte[] key) : PooledObjectPolicy<AesGcm>
    {
        public override AesGcm Create() => new(key, SealedLayout.TagBytes);

        public override bool Return(AesGcm obj) => true;
    }
}
