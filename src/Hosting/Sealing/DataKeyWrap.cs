using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace ShitOps.Hosting.Sealing;

/// <summary>Makes, wraps and unwraps data keys.</summary>
internal static class DataKeyWrap
{
    private const string Purpose = "ShitOps.Hosting.Sealing.DataKey.v1";

    public const int KeyBytes = 32;

    public static IDataProtector Protector(IDataProtectionProvider ring) => ring.CreateProtector(Purpose);

    public static byte[] NewWrapped(IDataProtector protector)
    {
        byte[] key = RandomNumberGenerator.GetBytes(KeyBytes);
        try
        {
            return protector.Protect(key);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <summary>
    /// From when on a new key is wanted: the last tenth of its time. Until <see cref="WrappedDataKey.RotateAt"/> the
    /// old one may still seal, so a change of keys delays nobody.
    /// </summary>
    /// <param name="renewedAt">Then at the latest, for a key from before.</param>
    public static DateTimeOffset DueAt(WrappedDataKey key, DateTimeOffset? renewedAt = null)
    {
        DateTimeOffset due = key.RotateAt - (key.RotateAt - key.CreatedAt) / 10;
        return key.CreatedAt < renewedAt && renewedAt < due ? renewedAt.Value : due;
    }
}
