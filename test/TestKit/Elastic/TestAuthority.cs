using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ShitOps.TestKit.Elastic;

/// <summary>A certificate authority for one test, and a server's certificate for loopback that it signed.</summary>
internal sealed class TestAuthority : IDisposable
{
    private readonly TempFolder _folder = new();

    public TestAuthority()
    {
        using var caKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var caRequest = new CertificateRequest("CN=test authority", caKey, HashAlgorithmName.SHA256);
        caRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        DateTimeOffset from = TimeProvider.System.GetUtcNow().AddDays(-1), to = from.AddDays(30);
        using X509Certificate2 ca = caRequest.CreateSelfSigned(from, to);
        File = Path.Combine(_folder.Path, "ca.pem");
        System.IO.File.WriteAllText(File, ca.ExportCertificatePem());

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=elasticsearch", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 signed = request.Create(ca, from, to.AddDays(-1), RandomNumberGenerator.GetBytes(8));
        using X509Certificate2 whole = signed.CopyWithPrivateKey(key);
        Server = X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null);
    }

    public string File { get; }

    public X509Certificate2 Server { get; }

    /// <summary>In the form in which a server can use it.</summary>
    public static X509Certificate2 Load(string certificateFile, string keyFile)
    {
        using var read = X509Certificate2.CreateFromPemFile(certificateFile, keyFile);
        return X509CertificateLoader.LoadPkcs12(read.Export(X509ContentType.Pkcs12), null);
    }

    public void Dispose()
    {
        Server.Dispose();
        _folder.Dispose();
    }
}
