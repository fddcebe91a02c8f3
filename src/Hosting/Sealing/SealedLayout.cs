using System.Buffers.Binary;
using System.Security.Cryptography;

namespace ShitOps.Hosting.Sealing;

/// <summary>
/// A sealed body: version (1), data key id (4, big-endian), nonce (12), ciphertext (as long as the body), tag (16).
/// Bound in, but not stored: the message's id (16, big-endian) and the part's number (4).
/// </summary>
internal static class SealedLayout
{
    public const byte Version = 1;
    public const int NonceAt = 5, NonceBytes = 12, BodyAt = NonceAt + NonceBytes, TagBytes = 16;

    /// <summary>Bytes a sealed body is longer than the plain one.</summary>
    public const int Overhead = BodyAt + TagBytes;

    public const int BoundBytes = NonceAt + 16 + 4;

    public static byte[] Seal(DataKey key, ReadOnlySpan<byte> plain, Guid id, int part)
    {
        byte[] body = GC.AllocateUninitializedArray<byte>(plain.Length + Overhead);
        body[0] = Version;
        BinaryPrimitives.WriteInt32BigEndian(body.AsSpan(1), key.Id);
        Span<byte> nonce = body.AsSpan(NonceAt, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        Span<byte> bound = stackalloc byte[BoundBytes];
        Bind(bound, body, id, part);
        key.Encrypt(nonce, plain, body.AsSpan(BodyAt, plain.Length), body.AsSpan(BodyAt + plain.Length), bound);
        return body;
    }

    /// <exception cref="CryptographicException">Changed, or sealed for another message or part.</exception>
    public static byte[] Open(DataKey key, ReadOnlySpan<byte> body, Guid id, int part)
    {
        byte[] plain = GC.AllocateUninitializedArray<byte>(body.Length - Overhead);
        Span<byte> bound = stackalloc byte[BoundBytes];
        Bind(bound, body, id, part);
        key.Decrypt(body.Slice(NonceAt, NonceBytes), body[BodyAt..^TagBytes], body[^TagBytes..], plain, bound);
        return plain;
    }

    /// <exception cref="CryptographicException">Not a sealed body of this version.</exception>
    public static int KeyId(ReadOnlySpan<byte> body) =>
        body.Length < Overhead ? throw new CryptographicException("A sealed body is cut short.")
        : body[0] != Version ? throw new CryptographicException($"A sealed body of version {body[0]}; this program knows version {Version}.")
        : BinaryPrimitives.ReadInt32BigEndian(body[1..]);

    private static void Bind(Span<byte> bound, ReadOnlySpan<byte> body, Guid id, int part)
    {
        body[..NonceAt].CopyTo(bound);
        id.TryWriteBytes(bound[NonceAt..], bigEndian: true, out _);
        BinaryPrimitives.WriteInt32BigEndian(bound[(NonceAt + 16)..], part);
    }
}
