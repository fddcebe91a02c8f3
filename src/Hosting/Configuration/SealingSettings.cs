using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ShitOps.Hosting.Sealing;

namespace ShitOps.Hosting.Configuration;

/// <summary>Section <c>Sealing</c>: what wraps the key ring, and how long a data key is used.</summary>
public sealed class SealingSettings : IValidatableObject
{
    public const string Section = "Sealing";

    /// <summary>A PFX, or a PEM with certificate and private key (RSA), that wraps the key ring.</summary>
    public string? CertificatePath { get; set; }

    public string? CertificatePassword { get; set; }

    /// <summary>Instead of a certificate: a file that holds 32 random bytes in base64.</summary>
    public string? KeyFile { get; set; }

    /// <summary>
    /// How long a data key seals new bodies; it opens old ones for ever. One minute to 30 days. Random nonces want
    /// fewer than 2^32 seals under one key (NIST SP 800-38D, 8.3): a day at 40,000 a second stays below.
    /// </summary>
    public TimeSpan RotateAfter { get; set; } = TimeSpan.FromHours(24);

    /// <summary>
    /// From then on nothing new is protected under keys from before: silos make a key of the ring and a data key anew,
    /// once. What older keys protected is still opened. Null: keys change by their age alone.
    /// </summary>
    public DateTimeOffset? RenewedAt { get; set; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (RotateAfter < TimeSpan.FromMinutes(1) || RotateAfter > TimeSpan.FromDays(30))
            yield return new("must be one minute to 30 days", [nameof(RotateAfter)]);
        if (CertificatePath is not null && KeyFile is not null)
            yield return new($"is given beside {nameof(KeyFile)}: one of the two wraps the key ring", [nameof(CertificatePath)]);
        if (CertificatePassword is not null && CertificatePath is null)
            yield return new("is given without a certificate", [nameof(CertificatePassword)]);
        if (CertificatePath is not null && KeyRingWrap.FaultOfCertificate(CertificatePath, CertificatePassword) is { } badCertificate)
            yield return new(badCertificate, [nameof(CertificatePath)]);
        if (KeyFile is not null && Sealing.KeyFile.Fault(KeyFile) is { } badKeyFile)
            yield return new(badKeyFile, [nameof(KeyFile)]);
        bool development = validationContext.GetService<IHostEnvironment>()?.IsDevelopment() ?? false;
        if (CertificatePath is null && KeyFile is null && !development)
            yield return new($"neither {Section}:{nameof(CertificatePath)} nor {Section}:{nameof(KeyFile)} is given; one of them must wrap the key ring");
    }
}
