using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;
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
    public static T Problems<T>(this T route, params int[] statuses) where T : IEndpointConventionBuilder
    {
        foreach (int status in statuses)
            route.WithMetadata(new ProducesResponseTypeMetadata(status, typeof(ProblemDetails), [Problem.MediaType]));
        return route;
    }

    public static T Takes<T>(this T route, params string[] parameters) where T : IEndpointConventionBuilder =>
        route.WithMetadata(new TakenParameters(parameters));

    public static T TakesHeaders<T>(this T route, params string[] headers) where T : IEndpointConventionBuilder =>
        route.WithMetadata(new TakenHeaders(headers));

    /// <summary>The server reads no more than that; more is 413.</summary>
    public static T WithBodyLimit<T>(this T route, long bytes) where T : IEndpointConventionBuilder => route.WithMetadata(new BodyLimit(bytes));
}
