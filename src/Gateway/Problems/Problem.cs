using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;

namespace ShitOps.Gateway.Problems;

/// <summary>
/// An answer in <c>application/problem+json</c> (RFC 9457) with a stable <c>code</c>. Never holds a stack trace, a body or a key.
/// </summary>
public sealed class Problem(int status, string code, string? detail = null, IReadOnlyList<Fault>? errors = null, TimeSpan? retryAfter = null)
    : IResult, IStatusCodeHttpResult
{
    public const string MediaType = "application/problem+json";

    public int Status => status;
    public string Code => code;
    public string? Detail => detail;
    public IReadOnlyList<Fault> Errors => errors ?? [];
    public TimeSpan? RetryAfter => retryAfter;

    /// <summary>The state that does not allow what was asked, where that is the reason.</summary>
    public string? State { get; init; }

    int? IStatusCodeHttpResult.StatusCode => status;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        HttpResponse response = httpContext.Response;
        response.StatusCode = status;
        response.ContentType = MediaType;
        if (retryAfter is { } wait)
            response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        if (status == StatusCodes.Status401Unauthorized)
            response.Headers.WWWAuthenticate = "Bearer";
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer))
            WriteTo(writer);
        response.ContentLength = buffer.WrittenCount;
        await response.Body.WriteAsync(buffer.WrittenMemory, httpContext.RequestAborted);
    }

    public void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", $"urn:shitops:problem:{code}");
        writer.WriteString("title", ReasonPhrases.GetReasonPhrase(status));
        writer.WriteNumber("status", status);
        writer.WriteString("code", code);
        if (detail is not null)
            writer.WriteString("detail", detail);
        if (State is not null)
            writer.WriteString("state", State);
        if (retryAfter is { } wait)
            writer.WriteNumber("retryAfter", Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)));
        if (errors is { Count: > 0 })
        {
            writer.WriteStartArray("errors");
            foreach (Fault fault in errors)
                fault.WriteTo(writer);
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
    }
}

/// <summary>Ends a request with a problem.</summary>
public sealed class ProblemException(Problem problem) : Exception(problem.Code)
{
    public Problem Problem => problem;
}
