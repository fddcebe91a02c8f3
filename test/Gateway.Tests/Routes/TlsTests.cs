using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ShitOps.Gateway.Tests.World;
using ShitOps.Gateway.Tls;
using ShitOps.Hosting.Cluster;
using ShitOps.TestKit;

namespace ShitOps.Gateway.Tests.Routes;

/// <summary>Real handshakes with a gateway that has a certificate of its own.</summary>
public sealed class TlsTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly int _port = Loopback.FreePort(), _plainPort = Loopback.FreePort();
    private WebApplication? _app;

    private string CertificateFile => _folder.File("tls.crt");
    private string KeyFile => _folder.File("tls.key");

    public ValueTask InitializeAsync()
    {
        Renew("first");
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync();
        _folder.Dispose();
    }

    private static (X509Certificate2 Certificate, ECDsa Key) Make(string name)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        return (request.CreateSelfSigned(now.AddDays(-1), now.AddDays(30)), key);
    }

    private void Renew(string name)
    {
        (X509Certificate2 certificate, ECDsa key) = Make(name);
        using (certificate)
        using (key)
        {
            File.WriteAllText(CertificateFile, certificate.ExportCertificatePem());
            File.WriteAllText(KeyFile, key.ExportPkcs8PrivateKeyPem());
        }
    }

    private async Task StartAsync(params (string Key, string Value)[] more)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production", ContentRootPath = AppContext.BaseDirectory });
        var settings = new Dictionary<string, string?>
        {
            ["SHITOPS_OPERATOR_KEY"] = GatewayFixture.OperatorKey,
            ["SHITOPS_SECURITY_KEY"] = GatewayFixture.SecurityKey,
            ["Tls:CertificateFile"] = CertificateFile,
            ["Tls:KeyFile"] = KeyFile,
        };
        foreach ((string key, string value) in more)
            settings[key] = value;
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"https://127.0.0.1:{_port}", $"http://127.0.0.1:{_plainPort}");
        builder.Services.AddSingleton(new TestWorld()).AddSingleton<IBodyVault, TestVault>();
        builder.Services.AddSingleton<IClusterLink, TestLink>();
        builder.Services.AddGateway(builder.Configuration);
        builder.Host.UseOrleans(silo => silo.UseLocalhostClustering(Loopback.FreePort(), Loopback.FreePort()));
        _app = builder.Build();
        _app.MapGateway();
        await _app.StartAsync();
    }

    /// <summary>Shakes hands anew; the server's name and the version that both speak.</summary>
    private async Task<(string Name, SslProtocols Version)> ShakeAsync(SslProtocols versions = SslProtocols.None)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, _port);
        await using var tls = new SslStream(new NetworkStream(socket), false);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            EnabledSslProtocols = versions,
            RemoteCertificateValidationCallback = IsOurs,
        });
        return (tls.RemoteCertificate!.Subject, tls.SslProtocol);
    }

    /// <summary>Nobody signed it but itself.</summary>
    private static bool IsOurs(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors faults) => certificate?.Subject is "CN=first" or "CN=second";

    private static HttpClient Client(string address)
    {
        var handler = new SocketsHttpHandler { SslOptions = new() { RemoteCertificateValidationCallback = IsOurs } };
        var client = new HttpClient(handler) { BaseAddress = new(address) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", GatewayFixture.OperatorKey);
        return client;
    }

    [Fact]
    public async Task TLS_1_2_and_1_3_are_spoken_and_nothing_older()
    {
        await StartAsync();
        Assert.Equal(("CN=first", SslProtocols.Tls13), await ShakeAsync());
        Assert.Equal(SslProtocols.Tls12, (await ShakeAsync(SslProtocols.Tls12)).Version);
#pragma warning disable SYSLIB0039, CA5397 // Old on purpose.
        await Assert.ThrowsAnyAsync<Exception>(() => ShakeAsync(SslProtocols.Tls11));
#pragma warning restore SYSLIB0039, CA5397
    }

    [Fact]
    public async Task Where_1_3_is_the_least_1_2_is_refused()
    {
        await StartAsync(("Tls:MinimumVersion", "1.3"));
        Assert.Equal(SslProtocols.Tls13, (await ShakeAsync(SslProtocols.Tls12 | SslProtocols.Tls13)).Version);
        Exception refused = await Assert.ThrowsAnyAsync<Exception>(() => ShakeAsync(SslProtocols.Tls12));
        Assert.True(refused is AuthenticationException or IOException, refused.ToString());
    }

    [Fact]
    public async Task A_renewed_certificate_is_taken_without_a_restart_and_a_half_written_one_is_not()
    {
        await StartAsync();
        Assert.Equal("CN=first", (await ShakeAsync()).Name);
        // The certificate is there, its key not yet.
        (X509Certificate2 certificate, ECDsa key) = Make("second");
        await File.WriteAllTextAsync(CertificateFile, certificate.ExportCertificatePem());
        using (var pulse = new PeriodicTimer(TimeSpan.FromSeconds(3)))
            await pulse.WaitForNextTickAsync();
        Assert.Equal("CN=first", (await ShakeAsync()).Name);
        await File.WriteAllTextAsync(KeyFile, key.ExportPkcs8PrivateKeyPem());
        certificate.Dispose();
        key.Dispose();
        await TestKit.Api.Eventually.UntilAsync(async () => (await ShakeAsync()).Name == "CN=second", TimeSpan.FromSeconds(20), "the new certificate is used");
    }

    [Fact]
    public async Task Without_TLS_nothing_but_health_is_answered_and_browsers_are_told_to_stay_with_it()
    {
        await StartAsync();
        using HttpClient secure = Client($"https://127.0.0.1:{_port}"), plain = Client($"http://127.0.0.1:{_plainPort}");
        using HttpResponseMessage answer = await secure.GetAsync("/v1/tree");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("max-age=31536000", answer.Headers.GetValues("Strict-Transport-Security").Single());
        await GatewayFixture.ProblemAsync(await plain.GetAsync("/v1/tree"), 403, "https_required");
        await GatewayFixture.ProblemAsync(await plain.GetAsync("/sign-in"), 403, "https_required");
        using HttpResponseMessage live = await plain.GetAsync("/health/live");
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        Assert.False(live.Headers.Contains("Strict-Transport-Security"));
        // Plain HTTP at the port for TLS is no handshake.
        using HttpClient wrong = Client($"http://127.0.0.1:{_port}");
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => wrong.GetAsync("/health/live"));
    }

    [Theory]
    [InlineData("tls.crt", "tls.crt", "tls.crt")]
    [InlineData("nothing", null, "nothing")]
    [InlineData(null, "tls.key", "is missing")]
    public void What_is_no_certificate_with_its_key_is_told_at_start(string? certificate, string? key, string expected)
    {
        var settings = new TlsSettings { CertificateFile = certificate is null ? null : _folder.File(certificate), KeyFile = key is null ? null : _folder.File(key) };
        string fault = Assert.Single(settings.Validate(new(settings))).ErrorMessage!;
        Assert.Contains(expected, fault, StringComparison.Ordinal);
        Assert.DoesNotContain("PRIVATE", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Chain_and_key_come_from_a_PFX_as_well()
    {
        (X509Certificate2 certificate, ECDsa key) = Make("packed");
        File.WriteAllBytes(_folder.File("tls.pfx"), certificate.Export(X509ContentType.Pkcs12, "secret"));
        key.Dispose();
        var settings = new TlsSettings { CertificateFile = _folder.File("tls.pfx"), Password = "secret" };
        Assert.Empty(settings.Validate(new(settings)));
        Assert.Equal(certificate.Thumbprint, ServerCertificate.Read(settings).TargetCertificate.Thumbprint);
        certificate.Dispose();
    }
}
