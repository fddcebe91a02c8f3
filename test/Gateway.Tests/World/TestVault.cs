using System.Security.Cryptography;
using System.Text;

namespace ShitOps.Gateway.Tests.World;

/// <summary>Seals with AES-GCM under one key of its own, id and part bound in: a body that the gateway mixed up does not open.</summary>
public sealed class TestVault : IBodyVault
{
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);

    public ValueTask<byte[]> SealAsync(ReadOnlyMemory<byte> plain, Guid id, int part = 0, CancellationToken stop = default)
    {
        byte[] result = new byte[28 + plain.Length];
        RandomNumberGenerator.Fill(result.AsSpan(0, 12));
        using var aes = new AesGcm(_key, 16);
        aes.Encrypt(result.AsSpan(0, 12), plain.Span, result.AsSpan(28), result.AsSpan(12, 16), Bound(id, part));
        return new(result);
    }

    public ValueTask<byte[]> OpenAsync(ReadOnlyMemory<byte> sealedBody, Guid id, int part = 0, CancellationToken stop = default)
    {
        byte[] plain = new byte[sealedBody.Length - 28];
        using var aes = new AesGcm(_key, 16);
        aes.Decrypt(sealedBody.Span[..12], sealedBody.Span[28..], sealedBody.Span[12..28], plain, Bound(id, part));
        return new(plain);
    }

    private static byte[] Bound(Guid id, int part) => Encoding.UTF8.GetBytes($"{id}/{part}");
}
