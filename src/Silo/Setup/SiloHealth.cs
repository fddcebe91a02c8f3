using ShitOps.Grains.Archive;
using ShitOps.Grains.Storage;
using ShitOps.Hosting.Cluster;
using ShitOps.Hosting.Telemetry;

namespace ShitOps.Silo.Setup;

/// <summary>The silo's own health and metrics, for whoever starts and watches it. The port is not for the outside: neither asks for a key.</summary>
public static class SiloHealth
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public static WebApplication MapSiloHealth(this WebApplication app)
    {
        app.MapGet("/health/live", () => Results.Ok(new { status = "live" }));
        app.MapGet("/health/ready", ReadyAsync);
        app.Services.GetRequiredService<OpenMetricsPage>();
        app.MapGet("/metrics", (OpenMetricsPage metrics) => Results.Text(metrics.Render(), OpenMetricsPage.MediaType));
        return app;
    }

    private static async Task<IResult> ReadyAsync(IClusterLink link, IArchiveStore archive, IEnumerable<IDegradation> degradations, TimeProvider time)
    {
        var reasons = new List<string>();
        if (!link.IsConnected)
            reasons.Add("not a member of the cluster");
        try
        {
            await archive.PingAsync().WaitAsync(Patience, time);
        }
        catch (Exception error)
        {
            reasons.Add($"the database does not answer: {error.GetType().Name}");
        }
        if (reasons.Count > 0)
            return Results.Json(new { status = "unavailable", reasons }, statusCode: StatusCodes.Status503ServiceUnavailable);
        string[] degraded = [.. degradations.Select(d => d.Reason).OfType<string>()];
        return Results.Ok(new { status = degraded.Length > 0 ? "degraded" : "ready", reasons = degraded });
    }
}
