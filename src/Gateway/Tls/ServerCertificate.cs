using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;

namespace ShitOps.Gateway.Tls;

/// <summary>
/// The certificate that handshakes use now. The files are looked at by handshakes, every two seconds at most: a renewed
/// certificate is taken without a restart, and while the files make no certificate together the last one stays.
/// </summary>
internal sealed partial class ServerCertificate(IOptions<TlsSettings> settings, TimeProvider time, ILogger<ServerCertificate> log)
{
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private SslStreamCertificateContext? _current;
    private string? _taken, _refused;
    private long _lookedAt;

    public SslStreamCertificateContext Current
    {
        get
        {
            lock (_lock)
            {
                if (_current is null || time.GetElapsedTime(_lookedAt) >= LookAgainAfter)
                    Look();
                return _current!;
            }
        }
    }

    /// <exception cref="CryptographicException">No certificate with its key.</exception>
    public static SslStreamCertificateContext Read(TlsSettings settings)
    {
        X509Certificate2Collection all = [];
        X509Certificate2 own;
        if (File.ReadAllText(settings.CertificateFile!).Contains("-----BEGIN ", StringComparison.Ordinal))
        {
            all.ImportFromPemFile(settings.CertificateFile!);
            string keyFile = settings.KeyFile ?? settings.CertificateFile!;
            own = settings.Password is { } password
                ? X509Certificate2.CreateFromEncryptedPemFile(settings.CertificateFile!, password, keyFile)
                : X509Certificate2.CreateFromPemFile(settings.CertificateFile!, keyFile);
        }
        else
        {
            all = X509CertificateLoader.LoadPkcs12CollectionFromFile(settings.CertificateFile!, settings.Password);
            own = all.FirstOrDefault(certificate => certificate.HasPrivateKey) ?? throw new CryptographicException("it holds no private key");
        }
        X509Certificate2Collection between = [.. all.Where(certificate => certificate.Thumbprint != own.Thumbprint)];
        return SslStreamCertificateContext.Create(own, between, offline: true);
    }

    private void Look()
    {
        _lookedAt = time.GetTimestamp();
        string seen = Stamp(settings.Value.CertificateFile!) + Stamp(settings.Value.KeyFile);
        if (_current is not null && seen == _taken)
            return;
        try
        {
            _current = Read(settings.Value);
            _taken = seen;
            LogTaken(_current.TargetCertificate.Subject, _current.TargetCertificate.NotAfter.ToUniversalTime());
        }
        catch (Exception error) when (_current is not null && error is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            // Perhaps one of two files is written already. Told once, tried again at each look.
            if (seen != _refused)
                LogRefused(error.Message);
            _refused = seen;
        }
    }

    private static string Stamp(string? file) => file is null ? "" : $"{File.GetLastWriteTimeUtc(file).Ticks}/{(File.Exists(file) ? new FileInfo(file).Length : 0)};";

    [LoggerMessage(5030, LogLevel.Information, "TLS with the certificate of {Subject}, which is good until {NotAfter:O}")]
    private partial void LogTaken(string subject, DateTime notAfter);

    [LoggerMessage(5031, LogLevel.Error, "The changed certificate cannot be used, and the one before stays: {Reason}")]
    private partial void LogRefused(string reason);
}
