using ShitOps.Gateway.Problems;
using ShitOps.Gateway.Security;

namespace ShitOps.Gateway.Board.Hosting;

/// <summary>
/// Gives the board's pages the headers they need in place of the API's, and turns connections away when too many pages
/// are open. Scripts come from this host alone, none stands in a page; the library's own style attributes need
/// <c>unsafe-inline</c> for styles.
/// </summary>
internal sealed class BoardGate(RequestDelegate next, BoardCircuits pages)
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
        + "form-action 'self'; base-uri 'self'; frame-ancestors 'none'";

    private static readonly Problem TooMany =
        new(503, "too_many_pages", "This gateway serves as many pages of the board as it may.", retryAfter: TimeSpan.FromSeconds(30));

    public Task InvokeAsync(HttpContext http)
    {
        if (http.GetEndpoint()?.Metadata.GetMetadata<BoardEndpoint>() is null)
            return next(http);
        IHeaderDictionary headers = http.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.CacheControl = "no-cache, no-store";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
        if (!http.Request.Path.StartsWithSegments(BoardCookie.CircuitPath, StringComparison.Ordinal))
            return next(http);
        // WebSockets are not bound to the same origin by the browser; whoever opens one from elsewhere is none of ours.
        if (http.Request.Headers.Origin is [{ } origin] && Uri.TryCreate(origin, UriKind.Absolute, out Uri? from) && from.Authority != http.Request.Host.Value)
            return Known.Forbidden.ExecuteAsync(http);
        return pages.Full ? TooMany.ExecuteAsync(http) : next(http);
    }
}
