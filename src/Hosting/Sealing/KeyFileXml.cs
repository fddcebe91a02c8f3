using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.DependencyInjection;

namespace ShitOps.Hosting.Sealing;

/// <summary>The key file's content, for the one container that holds the key ring.</summary>
internal sealed record KeyFileSecret(byte[] Key);

/// <summary>Wraps keys of the key ring with AES-256-GCM under the key file: nonce (12), ciphertext, tag (16), in base64.</summary>
internal sealed class KeyFileXmlEncryptor(KeyFileSecret secret) : IXmlEncryptor
{
    internal const int NonceBytes = 12, TagBytes = 16;
    internal const string ElementName = "wrappedByKeyFile";

    public EncryptedXmlInfo Encrypt(XElement plaintextElement)
    {
        byte[] plain = Encoding.UTF8.GetBytes(plaintextElement.ToString(SaveOptions.DisableFormatting));
        var wrapped = new byte[NonceBytes + plain.Length + TagBytes];
        RandomNumberGenerator.Fill(wrapped.AsSpan(0, NonceBytes));
        using (var aes = new AesGcm(secret.Key, TagBytes))
            aes.Encrypt(wrapped.AsSpan(0, NonceBytes), plain, wrapped.AsSpan(NonceBytes, plain.Length), wrapped.AsSpan(NonceBytes + plain.Length));
        CryptographicOperations.ZeroMemory(plain);
        return new EncryptedXmlInfo(new XElement(ElementName, Convert.ToBase64String(wrapped)), typeof(KeyFileXmlDecryptor));
    }
}

/// <summary>Made by the key ring by its type name, with the container as argument.</summary>
internal sealed class KeyFileXmlDecryptor(IServiceProvider services) : IXmlDecryptor
{
    /// <exception cref="CryptographicException">Wrapped under another key file, or changed.</exception>
    public XElement Decrypt(XElement encryptedElement)
    {
        KeyFileSecret secret = services.GetService<KeyFileSecret>()
            ?? throw new CryptographicException("The key ring is wrapped by a key file, and none is configured.");
        if (!Base64.IsValid(encryptedElement.Value))
            throw new CryptographicException("A wrapped key of the key ring is not base64.");
        byte[] wrapped = Convert.FromBase64String(encryptedElement.Value);
        int length = wrapped.Length - KeyFileXmlEncryptor.NonceBytes - KeyFileXmlEncryptor.TagBytes;
        if (length < 0)
            throw new CryptographicException("A wrapped key of the key ring is cut short.");
        var plain = new byte[length];
        using var aes = new AesGcm(secret.Key, KeyFileXmlEncryptor.TagBytes);
        aes.Decrypt(
            wrapped.AsSpan(0, KeyFileXmlEncryptor.NonceBytes),
            wrapped.AsSpan(KeyFileXmlEncryptor.NonceBytes, length),
            wrapped.AsSpan(KeyFileXmlEncryptor.NonceBytes + length),
            plain);
        XElement element = XElement.Parse(Encoding.UTF8.GetString(plain));
        CryptographicOperations.ZeroMemory(plain);
        return element;
    }
}
