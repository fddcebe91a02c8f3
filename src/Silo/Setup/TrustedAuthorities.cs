using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace ShitOps.Silo.Setup;

/// <summary>Certificates of a file that a server's certificate must come from, instead of the machine's.</summary>
internal sealed class TrustedAuthorities : IDisposable
{
    private readonly X509Certificate2Collection _authorities = [];

    /// <param name="file">PEM.</param>
    /// <exception cref="InvalidDataException">The file holds no certificate.</exception>
    public TrustedAuthorities(string file)
    {
        _authorities.ImportFromPemFile(file);
        if (_authorities.Count == 0)
            throw new InvalidDataException($"{file} holds no certificate");
    }

    public SslClientAuthenticationOptions ToOptions()
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(_authorities);
        return new() { CertificateChainPolicy = policy };
    }

    public void Dispose()
    {
        foreach (X509Certificate2 authority in _authorities)
            authority.Dispose();
    }
}
