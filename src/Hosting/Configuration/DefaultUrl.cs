using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace ShitOps.Hosting.Configuration;

public static class DefaultUrl
{
    private static readonly string[] Keys = [WebHostDefaults.ServerUrlsKey, "http_ports", "https_ports", "Kestrel:Endpoints"];

    /// <summary>Where to listen when neither <c>ASPNETCORE_URLS</c> nor <c>--urls</c> nor a Kestrel section says so.</summary>
    public static WebApplicationBuilder UseDefaultUrl(this WebApplicationBuilder builder, string url)
    {
        if (Keys.All(key => string.IsNullOrEmpty(builder.Configuration[key]) && !builder.Configuration.GetSection(key).GetChildren().Any()))
            builder.WebHost.UseUrls(url);
        return builder;
    }
}
