using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ShitOps.Client;

/// <summary>The API refused: a problem (RFC 9457) with a stable code. An answer that is no problem, such as a proxy's, has the code <c>http_STATUS</c>.</summary>
public sealed class ShitOpsException : Exception
{
    internal ShitOpsException(string call, Problem problem)
        : base($"{call}: {problem.Status} {problem.Code}{(problem.Detail is { } detail ? ": " + detail : "")}") =>
        Problem = problem;

    public Problem Problem { get; }

    /// <summary>The HTTP status.</summary>
    public int Status => Problem.Status;

    /// <summary>What a program should look at; never renamed.</summary>
    public string Code => Problem.Code;

    public string? Detail => Problem.Detail;

    /// <summary>Everything that is wrong with the request; empty where the code says it all.</summary>
    public IReadOnlyList<Fault> Faults => Problem.Errors;

    /// <summary>When the API wants to be asked again.</summary>
    public TimeSpan? RetryAfter => Problem.RetryAfter is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

    /// <summary>True if the same call may succeed later as it is.</summary>
    public bool IsTransient => Problem.IsTransient;

    internal static async Task<ShitOpsException> OfAsync(string call, HttpResponseMessage response, TimeProvider time, CancellationToken stop)
    {
        int status = (int)response.StatusCode;
        Problem? problem = null;
        if (response.Content.Headers.ContentType?.MediaType == "application/problem+json")
            problem = Parse(await response.Content.ReadAsByteArrayAsync(stop).ConfigureAwait(false));
        problem = problem is { Code: not null } ? problem with { Status = status } : new Problem { Status = status, Code = $"http_{status}", Title = response.ReasonPhrase };
        TimeSpan? wait = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - time.GetUtcNow(),
            _ => null,
        };
        return new(call, wait is { } known ? problem with { RetryAfter = Math.Max(0, (long)Math.Ceiling(known.TotalSeconds)) } : problem);
    }

    private static Problem? Parse(byte[] json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, ShitOpsJson.Default.Problem);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>What went wrong, as the API tells it.</summary>
public sealed record Problem
{
    public string? Type { get; init; }
    public string? Title { get; init; }
    public int Status { get; init; }
    public string Code { get; init; } = null!;
    public string? Detail { get; init; }

    /// <summary>The state that does not allow what was asked, where that is the reason.</summary>
    public string? State { get; init; }

    /// <summary>Seconds.</summary>
    public long? RetryAfter { get; init; }

    public IReadOnlyList<Fault> Errors { get; init => field = value ?? []; } = [];

    internal bool IsTransient => (HttpStatusCode)Status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests
        or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;
}

/// <summary>One fault of a request.</summary>
/// <param name="At">Where in the body, as a JSON pointer (RFC 6901).</param>
/// <param name="Parameter">Which query parameter or header, when it is not in the body.</param>
public sealed record Fault(string Code, string Detail, [property: JsonPropertyName("pointer")] string? At = null, string? Parameter = null);
