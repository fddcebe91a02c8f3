using Microsoft.AspNetCore.Http.Metadata;
using ShitOps.Gateway.Problems;

namespace ShitOps.Gateway.OpenApi;

/// <summary>Query parameters of a route that reads them itself.</summary>
internal sealed record TakenParameters(string[] Names);

/// <summary>Header parameters of a route that reads them itself.</summary>
internal sealed record TakenHeaders(string[] Names);

internal sealed record BodyLimit(long? MaxRequestBodySize) : IRequestSizeLimitMetadata;

/// <summary>What a route says of itself beyond what can be seen from its code.</summary>
internal static class RouteDescriptions
{
    private const long Overrun = 64 * 1024 * 1024;

    /// <summary>Those, and what every route with a policy may answer.</summary>
    public static T Problems<T>(this T route, params int[] statuses) where T : IEndpointConventionBuilder
    {
        foreach (int status in statuses.Concat([401, 403, 429, 500]).Distinct().Order())
            route.WithMetadata(new ProducesResponseTypeMetadata(status, typeof(ProblemResource), [Problem.MediaType]));
        return route;
    }

    public static T Takes<T>(this T route, params string[] parameters) where T : IEndpointConventionBuilder =>
        route.WithMetadata(new TakenParameters(parameters));

    public static T TakesHeaders<T>(this T route, params string[] headers) where T : IEndpointConventionBuilder =>
        route.WithMetadata(new TakenHeaders(headers));

    /// <summary>
    /// The route itself answers 413 to more than that and reads no further. The server's own limit lies above, so that it
    /// takes in what is already under way and the caller reads the answer instead of finding the connection cut.
    /// </summary>
    public static T WithBodyLimit<T>(this T route, long bytes) where T : IEndpointConventionBuilder => route.WithMetadata(new BodyLimit(bytes + Overrun));
}
