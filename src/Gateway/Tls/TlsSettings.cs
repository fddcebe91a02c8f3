using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;

namespace ShitOps.Gateway.Tls;

/// <summary>Section <c>Tls</c>: the certificate for addresses with https, if no proxy in front ends TLS.</summary>
public sealed class TlsSettings : IValidatableObject
{
    public const string Section = "Tls";

    /// <summary>PEM (the server's certificate first, then those between it and its authority) or PFX. Read anew when it changes.</summary>
    public string? CertificateFile { get; set; }

    /// <summary>PEM of the private key, where it is not in <see cref="CertificateFile"/>.</summary>
    public string? KeyFile { get; set; }

    /// <summary>Of the private key, if it has one.</summary>
    public string? Password { get; set; }

    /// <summary>1.2 or 1.3. Default 1.2.</summary>
    [RegularExpression("^1\\.[23]$", ErrorMessage = "must be 1.2 or 1.3")]
    public string MinimumVersion { get; set; } = "1.2";

    /// <summary>For how many days browsers are told to use nothing but TLS (RFC 6797); 0: they are not told. Default 365.</summary>
    [Range(0, 3650, ErrorMessage = "must be 0 to 3650")]
    public int HstsDays { get; set; } = 365;

    /// <summary>Whether addresses with http are served beside. Without it they answer nothing but health.</summary>
    public bool AllowPlain { get; set; }

    public bool IsOn => CertificateFile is not null;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (CertificateFile is null && (KeyFile ?? Password) is not null)
            yield return new("is missing, though a key or a password is given", [nameof(CertificateFile)]);
        if (CertificateFile is null)
            yield break;
        string? fault = null;
        try
        {
            ServerCertificate.Read(this);
        }
        catch (Exception error) when (error is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            fault = $"'{CertificateFile}' cannot be used: {error.Message.ReplaceLineEndings(" ")}";
        }
        if (fault is not null)
            yield return new(fault, [nameof(CertificateFile)]);
    }
}
