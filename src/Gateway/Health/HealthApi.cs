using ShitOps.Gateway.OpenApi;
using ShitOps.Gateway.Security;
using ShitOps.Hosting.Telemetry;

namespace ShitOps.Gateway.Health;

public sealed record LiveResource(string Status);

/// <param name="Status">ready, degraded or unavailable.</param>
public sealed record ReadyResource(string Status, IReadOnlyList<string> Reasons);

internal static class HealthApi
{
    public static IEndpointRouteBuilder MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", () => Results.Json(new LiveResource("live"), GatewayJson.Default.LiveResource)).AllowAnonymous().WithTags("Health")
            .Produces<LiveResource>().WithSummary("The process runs");
        routes.MapGet("/health/ready", ReadyAsync).AllowAnonymous().WithTags("Health")
            .Produces<ReadyResource>().Produces<ReadyResource>(503).WithSummary("Messages can be accepted");
        // Made now: instruments and whoever adds them up must be there before the first message.
        routes.ServiceProvider.GetRequiredService<GatewayMetrics>();
        routes.ServiceProvider.GetRequiredService<OpenMetricsPage>();
        routes.MapGet("/metrics", (OpenMetricsPage metrics) => Results.Text(metrics.Render(), OpenMetricsPage.MediaType)).RequireAuthorization(Policies.Operator)
            .WithTags("Health").Produces<string>(200, "application/openmetrics-text").Problems().WithSummary("OpenMetrics of this process");
        return routes;
    }

    private static async Task<IResult> ReadyAsync(HttpContext http, Readiness readiness)
    {
        ReadyResource ready = await readiness.ReadAsync();
        if (ready.Status == Readiness.Unavailable)
            http.Response.Headers.RetryAfter = "2";
        return Results.Json(ready, GatewayJson.Default.ReadyResource, statusCode: ready.Status == Readiness.Unavailable ? 503 : 200);
    }
}
