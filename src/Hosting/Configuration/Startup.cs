using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ShitOps.Hosting.Configuration;

/// <summary>Runs a program: checks its whole configuration first, and tells what stops it in plain lines.</summary>
public static class Startup
{
    /// <summary>EX_CONFIG of sysexits.h.</summary>
    public const int ConfigurationFault = 78;

    public const int Failed = 1;

    /// <summary>Builds and runs; a configuration file that cannot be read is told like any other fault.</summary>
    /// <param name="map">What the program answers. It may need settings, so it comes after they were checked.</param>
    public static async Task<int> RunAsync(Func<WebApplication> build, Action<WebApplication>? map = null)
    {
        WebApplication app;
        try
        {
            app = build();
        }
        catch (Exception error) when (error is InvalidDataException or FormatException or FileNotFoundException or DirectoryNotFoundException)
        {
            return await RefuseAsync([OneLine(error)]);
        }
        return await RunAsync(app, map);
    }

    /// <summary>The exit code: 0 after a shutdown in order, <see cref="ConfigurationFault"/>, or <see cref="Failed"/>.</summary>
    public static async Task<int> RunAsync(WebApplication app, Action<WebApplication>? map = null)
    {
        IReadOnlyList<string> faults = Check(app.Services);
        if (faults.Count > 0)
        {
            await app.DisposeAsync();
            return await RefuseAsync(faults);
        }
        var lifetime = app.Services.GetRequiredService<IHostApplicationLifetime>();
        CancellationToken stopping = lifetime.ApplicationStopping;
        CancellationToken started = lifetime.ApplicationStarted;
        try
        {
            map?.Invoke(app);
            await app.RunAsync();
            return 0;
        }
        catch (OptionsValidationException error)
        {
            return await RefuseAsync([.. error.Failures]);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Told to stop while it was still starting.
            return 0;
        }
        catch (Exception error) when (!started.IsCancellationRequested)
        {
            // While starting, the reason is outside (a port, a database): a line says more than a stack.
            await Console.Error.WriteLineAsync($"The start failed: {Reasons(error)}");
            return Failed;
        }
    }

    /// <summary>Every fault of every settings class, empty if there is none.</summary>
    public static IReadOnlyList<string> Check(IServiceProvider services)
    {
        var configuration = services.GetRequiredService<IConfiguration>();
        var faults = new List<string>();
        ISettingsCheck[] checks = [.. services.GetServices<ISettingsCheck>()];
        foreach (ISettingsCheck check in checks)
            check.Check(configuration, services, faults);
        faults.AddRange(MisspeltSections(configuration, [.. checks.Select(c => c.Section)]));
        try
        {
            services.GetService<IStartupValidator>()?.Validate();
        }
        catch (OptionsValidationException error)
        {
            faults.AddRange(error.Failures);
        }
        catch (AggregateException error)
        {
            foreach (Exception inner in error.Flatten().InnerExceptions)
                faults.AddRange(inner is OptionsValidationException options ? options.Failures : [OneLine(inner)]);
        }
        catch (InvalidOperationException error)
        {
            // The stock binder, for a value that is not of the property's type.
            faults.Add(OneLine(error));
        }
        return [.. faults.Distinct()];
    }

    private static IEnumerable<string> MisspeltSections(IConfiguration configuration, string[] sections)
    {
        foreach (IConfigurationSection section in configuration.GetChildren())
        {
            if (sections.Contains(section.Key, StringComparer.OrdinalIgnoreCase) || !section.GetChildren().Any())
                continue;
            if (Nearest.To(section.Key, sections, closeOnly: true) is { } near)
                yield return $"{section.Key}: there is no such section; did you mean {near}?";
        }
    }

    private static async Task<int> RefuseAsync(IReadOnlyList<string> faults)
    {
        await Console.Error.WriteLineAsync($"The configuration cannot be used, {(faults.Count == 1 ? "one fault" : $"{faults.Count} faults")}:");
        foreach (string fault in faults)
            await Console.Error.WriteLineAsync($"  {fault}");
        return ConfigurationFault;
    }

    private static string Reasons(Exception error)
    {
        var reasons = new List<string>();
        for (Exception? e = error; e is not null; e = e.InnerException)
        {
            if (!reasons.Any(r => r.Contains(OneLine(e), StringComparison.Ordinal)))
                reasons.Add(OneLine(e));
        }
        return string.Join(" – ", reasons);
    }

    private static string OneLine(Exception error) => error.Message.ReplaceLineEndings(" ");
}
