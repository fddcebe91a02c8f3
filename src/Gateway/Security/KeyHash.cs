using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace ShitOps.Gateway.Security;

/// <summary>The SHA-256 of a key: what is stored, looked up and compared. A key itself is never kept.</summary>
internal readonly record struct KeyHash(ulong A, ulong B, ulong C, ulong D)
{
    /// <summary>Longer than any key; such a header is refused before it is hashed.</summary>
    public const int MaxKeyLength = 512;

    public static KeyHash Of(ReadOnlySpan<char> key)
    {
        Span<byte> utf8 = stackalloc byte[Encoding.UTF8.GetMaxByteCount(MaxKeyLength)];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(utf8[..Encoding.UTF8.GetBytes(key, utf8)], hash);
        return MemoryMarshal.Read<KeyHash>(hash);
    }

    /// <summary>Null unless it is the 64 hexadecimal digits of a hash.</summary>
    public static KeyHash? Parse(string? hex) =>
        hex is { Length: 2 * SHA256.HashSizeInBytes } && hex.All(char.IsAsciiHexDigitLower)
            ? MemoryMarshal.Read<KeyHash>(Convert.FromHexString(hex))
            : null;

    public string ToHex() => Convert.ToHexStringLower(ToBytes());

    public byte[] ToBytes()
    {
        byte[] bytes = new byte[SHA256.HashSizeInBytes];
        MemoryMarshal.Write(bytes, in this);
        return bytes;
    }

    /// <summary>Takes as long whether they agree early, late or not at all.</summary>
    public bool FixedTimeEquals(KeyHash other) =>
        CryptographicOperations.FixedTimeEquals(
            MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(in this, 1)), MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(in other, 1)));
}
