namespace ShitOps.Gateway.Problems;

/// <summary>Outermost: turns exceptions and bare error statuses into problems, and sets the headers every answer carries.</summary>
internal sealed partial class ProblemMiddleware(RequestDelegate next, ILogger<ProblemMiddleware> log)
{
    public async Task InvokeAsync(HttpContext http)
    {
        IHeaderDictionary headers = http.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-store";
        headers["Referrer-Policy"] = "no-referrer";
        headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        try
        {
            await next(http);
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested)
        {
            // The caller has gone; there is nobody to answer.
            http.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return;
        }
        catch (Exception error)
        {
            if (!await AnswerAsync(http, Translate(http, error)))
                throw;
            return;
        }
        if (http.Response is { StatusCode: >= 400, HasStarted: false, ContentType: null, ContentLength: null })
            await AnswerAsync(http, Known.OfStatus(http.Response.StatusCode));
    }

    private Problem Translate(HttpContext http, Exception error)
    {
        switch (error)
        {
            case ProblemException known:
                return known.Problem;
            case BadHttpRequestException bad:
                return Known.OfStatus(bad.StatusCode);
            default:
                LogUnexpected(error, http.Request.Method, http.GetEndpoint()?.DisplayName);
                return Known.Internal;
        }
    }

    private static async Task<bool> AnswerAsync(HttpContext http, Problem problem)
    {
        if (http.Response.HasStarted)
            return false;
        if (HttpMethods.IsHead(http.Request.Method))
        {
            http.Response.StatusCode = problem.Status;
            return true;
        }
        await problem.ExecuteAsync(http);
        return true;
    }

    [LoggerMessage(5001, LogLevel.Error, "{Method} {Endpoint} failed")]
    private partial void LogUnexpected(Exception error, string method, string? endpoint);
}
