using System.Globalization;
using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Serilog;
using Serilog.Events;
using ShitOps.Hosting.Telemetry;

namespace ShitOps.Hosting.Logging;

public static class LoggingRegistration
{
    private const string ReadableLine = "{Timestamp:HH:mm:ss.fff} {Level:u3} {SourceContext} {Message:lj}{NewLine}{Exception}";

    /// <summary>
    /// Logs through Serilog: in Development a readable console, elsewhere one line of ECS JSON an event. Section
    /// <c>Serilog</c> sets levels and adds sinks, OpenTelemetry among them.
    /// </summary>
    /// <param name="serviceName">service.name of every event: <c>shitops-silo</c>, <c>shitops-gateway</c>.</param>
    /// <param name="readable">Sets the console's form whatever the environment.</param>
    public static WebApplicationBuilder AddShitOpsLogging(this WebApplicationBuilder builder, string serviceName, bool? readable = null)
    {
        string? version = typeof(LoggingRegistration).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        bool forPeople = readable ?? builder.Environment.IsDevelopment();
        builder.Services.AddSerilog((_, logger) =>
        {
            logger
                .MinimumLevel.Information()
                .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
                .MinimumLevel.Override("Microsoft.Hosting.Lifetime", LogEventLevel.Information)
                .MinimumLevel.Override("System", LogEventLevel.Warning)
                .MinimumLevel.Override("Orleans", LogEventLevel.Warning)
                .MinimumLevel.Override("Polly", LogEventLevel.Warning)
                .Enrich.FromLogContext()
                .ReadFrom.Configuration(builder.Configuration);
            // The sink reads the endpoint, headers and protocol of OpenTelemetry's environment by itself.
            if (TelemetrySetup.IsSent(builder.Configuration))
            {
                logger.WriteTo.OpenTelemetry(sent => sent.ResourceAttributes = new Dictionary<string, object>
                {
                    ["service.name"] = serviceName,
                    ["service.version"] = version ?? "",
                    ["service.instance.id"] = Environment.MachineName,
                });
            }
            if (forPeople)
                logger.WriteTo.Console(outputTemplate: ReadableLine, formatProvider: CultureInfo.InvariantCulture);
            else
                logger.WriteTo.Console(new EcsFormatter(serviceName, version, Environment.MachineName));
        });
        return builder;
    }

    /// <summary>
    /// One event a request: method, path, status, time. Neither query nor body nor any header. What succeeded is told
    /// at Debug: at thousands of posts a second the journal tells it better. So is whatever a health check was told: it is
    /// asked every few seconds, and who asks knows what to make of it.
    /// </summary>
    public static WebApplication UseShitOpsRequestLogging(this WebApplication app)
    {
        app.UseSerilogRequestLogging(options =>
        {
            options.MessageTemplate = "{RequestMethod} {RequestPath} answered {StatusCode} in {Elapsed:0.0} ms";
            options.GetLevel = static (context, _, error) => LevelOf(context, error);
            options.IncludeQueryInRequestPath = false;
        });
        return app;
    }

    internal static LogEventLevel LevelOf(HttpContext context, Exception? error) =>
        error is not null || context.Response.StatusCode == StatusCodes.Status500InternalServerError ? LogEventLevel.Error
        : context.Request.Path.StartsWithSegments("/health") ? LogEventLevel.Debug
        : context.Response.StatusCode >= 500 ? LogEventLevel.Warning
        : context.Response.StatusCode >= 400 ? LogEventLevel.Information
        : LogEventLevel.Debug;
}
