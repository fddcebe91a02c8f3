using Orleans.Dashboard;

namespace ShitOps.Silo.Dashboard;

/// <summary>Orleans' own dashboard at <c>/dashboard</c> of every silo, for operators alone.</summary>
public static class DashboardSetup
{
    public const string Path = "/dashboard";

    /// <summary>Logs would show to whoever watches what they were not written for: the stream stays off.</summary>
    internal static ISiloBuilder AddOperatorDashboard(this ISiloBuilder silo)
    {
        silo.Services.AddSingleton<OperatorGate>();
        return silo.AddDashboard(options => options.HideTrace = true);
    }

    /// <summary>To be called before the routes of a gateway in the same process, which would ask for the key in their own way.</summary>
    public static WebApplication MapOperatorDashboard(this WebApplication app)
    {
        app.UseWhen(http => http.Request.Path.StartsWithSegments(Path), branch => branch.Use(PassAsync));
        app.MapOrleansDashboard(Path).AllowAnonymous().ExcludeFromDescription();
        return app;
    }

    private static async Task PassAsync(HttpContext http, RequestDelegate next)
    {
        http.Response.Headers.CacheControl = "no-store";
        // State is what grains keep: sealed bodies, hashes of keys, names. It is nobody's to browse.
        if (IsState(http.Request.Path))
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        if (!await http.RequestServices.GetRequiredService<OperatorGate>().MayPassAsync(http.Request, http.RequestAborted))
        {
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            http.Response.Headers.WWWAuthenticate = "Basic realm=\"ShitOps\", charset=\"UTF-8\"";
            return;
        }
        await next(http);
    }

    internal static bool IsState(PathString path) =>
        path.StartsWithSegments(Path, out PathString rest)
        && (rest.StartsWithSegments("/GrainState", StringComparison.OrdinalIgnoreCase) || rest.StartsWithSegments("/Trace", StringComparison.OrdinalIgnoreCase));
}
