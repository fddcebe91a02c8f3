using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace ShitOps.Hosting.Configuration;

public static class DefaultUrl
{
    private static readonly string[] Keys = ["urls", "http_ports", "https_ports"];

    /// <summary>
    /// Listens there unless the configuration says where: <c>ASPNETCORE_URLS</c>, <c>--urls</c>, <c>ASPNETCORE_HTTP_PORTS</c>
    /// or <c>Kestrel:Endpoints</c>.
    /// </summary>
    public static WebApplicationBuilder UseDefaultUrl(this WebApplicationBuilder builder, string url)
    {
        bool said = Keys.Any(key => !string.IsNullOrEmpty(builder.Configuration[key]))
            || builder.Configuration.GetSection("Kestrel:Endpoints").GetChildren().Any();
        if (!said)
            builder.WebHost.UseUrls(url);
        return builder;
    }
}
