using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection;
using ShitOps.Hosting.Configuration;

namespace ShitOps.Hosting.Sealing;

/// <summary>How the key ring is wrapped at rest: by a certificate, by a key file, or (in development) not at all.</summary>
internal static class KeyRingWrap
{
    public static void Apply(IDataProtectionBuilder builder, SealingSettings settings)
    {
        if (settings.CertificatePath is { } certificate)
        {
            builder.ProtectKeysWithCertificate(LoadCertificate(certificate, settings.CertificatePassword));
        }
        else if (settings.KeyFile is { } keyFile)
        {
            var secret = new KeyFileSecret(KeyFile.Read(keyFile));
            builder.Services.AddSingleton(secret);
            builder.Services.Configure<KeyManagementOptions>(options => options.XmlEncryptor = new KeyFileXmlEncryptor(secret));
        }
    }

    /// <summary>Why the certificate cannot be used, null if it can.</summary>
    public static string? FaultOfCertificate(string path, string? password)
    {
        if (!File.Exists(path))
            return $"there is no file '{path}'";
        try
        {
            using X509Certificate2 certificate = LoadCertificate(path, password);
            using RSA? key = certificate.GetRSAPrivateKey();
            return key is null ? $"'{path}' holds no RSA private key" : null;
        }
        catch (Exception error) when (error is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            return $"'{path}' cannot be used: {error.Message.ReplaceLineEndings(" ")}";
        }
    }

    internal static X509Certificate2 LoadCertificate(string path, string? password)
    {
        bool pem = File.ReadAllText(path).Contains("-----BEGIN ", StringComparison.Ordinal);
        return !pem ? X509CertificateLoader.LoadPkcs12FromFile(path, password)
            : password is null ? X509Certificate2.CreateFromPemFile(path)
            : X509Certificate2.CreateFromEncryptedPemFile(path, password);
    }
}
