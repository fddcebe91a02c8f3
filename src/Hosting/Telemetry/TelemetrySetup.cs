using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace ShitOps.Hosting.Telemetry;

public static class TelemetrySetup
{
    /// <summary>All meters and activity sources of this system begin so.</summary>
    public const string MeterPrefix = "ShitOps.";

    /// <summary>Of the OpenTelemetry specification; the exporters read it and its relatives themselves.</summary>
    public const string EndpointSetting = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>True if logs, metrics and traces are to be sent.</summary>
    public static bool IsSent(IConfiguration configuration) => !string.IsNullOrWhiteSpace(configuration[EndpointSetting]);

    /// <summary>
    /// Metrics and traces over OTLP when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set (logs: <c>AddShitOpsLogging</c>). Without
    /// it nobody listens to the activity sources, and no activity is made.
    /// </summary>
    /// <param name="serviceName">service.name of what is sent, as in the logs.</param>
    public static WebApplicationBuilder AddShitOpsTelemetry(this WebApplicationBuilder builder, string serviceName)
    {
        builder.Services.AddOpenMetrics();
        if (!IsSent(builder.Configuration))
            return builder;
        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(serviceName, serviceVersion: typeof(TelemetrySetup).Assembly.GetName().Version?.ToString(3), serviceInstanceId: Environment.MachineName))
            .WithMetrics(metrics => metrics.AddMeter(MeterPrefix + "*", "System.Runtime", "Microsoft.AspNetCore.Hosting", "Microsoft.Orleans"))
            .WithTracing(traces => traces
                .AddSource(MeterPrefix + "*")
                .AddAspNetCoreInstrumentation(web => web.Filter = static http => IsTraced(http.Request.Path)))
            .UseOtlpExporter();
        return builder;
    }

    /// <summary><c>/metrics</c> of this host alone.</summary>
    public static IServiceCollection AddOpenMetrics(this IServiceCollection services)
    {
        services.AddMetrics();
        services.TryAddSingleton<OpenMetricsPage>();
        return services;
    }

    /// <summary>What asks again and again tells nothing of a message.</summary>
    internal static bool IsTraced(PathString path) =>
        !path.StartsWithSegments("/health") && !path.StartsWithSegments("/metrics") && !path.StartsWithSegments("/dashboard");
}
