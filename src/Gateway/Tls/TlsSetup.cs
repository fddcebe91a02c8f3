using System.Globalization;
using System.Security.Authentication;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Options;
using ShitOps.Gateway.Problems;
using ShitOps.Hosting.Configuration;

namespace ShitOps.Gateway.Tls;

/// <summary>TLS at the gateway itself, for where no proxy ends it.</summary>
internal static class TlsSetup
{
    public static IServiceCollection AddTls(this IServiceCollection services)
    {
        services.AddSettings<TlsSettings>(TlsSettings.Section);
        services.AddSingleton<ServerCertificate>();
        services.Configure<KestrelServerOptions>(static kestrel => kestrel.ConfigureHttpsDefaults(https => Bind(https, kestrel.ApplicationServices)));
        return services;
    }

    private static void Bind(HttpsConnectionAdapterOptions https, IServiceProvider services)
    {
        TlsSettings settings = services.GetRequiredService<IOptions<TlsSettings>>().Value;
        https.SslProtocols = settings.MinimumVersion == "1.3" ? SslProtocols.Tls13 : SslProtocols.Tls12 | SslProtocols.Tls13;
        https.HandshakeTimeout = TimeSpan.FromSeconds(10);
        if (!settings.IsOn)
            return;
        var certificate = services.GetRequiredService<ServerCertificate>();
        https.ServerCertificateSelector = (_, _) => certificate.Current.TargetCertificate;
        https.OnAuthenticate = (_, handshake) =>
        {
            // The one before it names the leaf alone; this sends those between as well.
            handshake.ServerCertificateSelectionCallback = null;
            handshake.ServerCertificateContext = certificate.Current;
        };
    }
}

/// <summary>With a certificate, nothing but health is answered without TLS, and browsers are told to use nothing else.</summary>
internal sealed class TlsOnly(RequestDelegate next, IOptions<TlsSettings> settings)
{
    private static readonly Problem Plain = new(403, "https_required", "This gateway is spoken to by https alone. A key that was sent in the clear should be revoked.");
    private readonly string _hsts = string.Create(CultureInfo.InvariantCulture, $"max-age={settings.Value.HstsDays * 86_400L}");

    public Task InvokeAsync(HttpContext http)
    {
        TlsSettings tls = settings.Value;
        if (http.Request.IsHttps && tls.HstsDays > 0)
            http.Response.Headers.StrictTransportSecurity = _hsts;
        return !tls.IsOn || http.Request.IsHttps || tls.AllowPlain || http.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal)
            ? next(http)
            : Plain.ExecuteAsync(http);
    }
}
