using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace ShitOps.Hosting.Health;

/// <summary>What works, but not as it should: each component says why it is degraded, and readiness repeats it.</summary>
public interface IDegradations
{
    /// <param name="reason">Text for people; null when the component is well again.</param>
    void Set(string component, string? reason);

    /// <summary><c>component: reason</c>, by component; empty when all is well.</summary>
    IReadOnlyList<string> Current { get; }
}

internal sealed partial class Degradations(ILogger<Degradations> logger) : IDegradations
{
    private readonly ConcurrentDictionary<string, string> _reasons = new(StringComparer.Ordinal);

    public IReadOnlyList<string> Current =>
        [.. _reasons.OrderBy(r => r.Key, StringComparer.Ordinal).Select(r => $"{r.Key}: {r.Value}")];

    public void Set(string component, string? reason)
    {
        // Called at every check: only a change is told.
        if (reason is null)
        {
            if (_reasons.TryRemove(component, out _))
                Log.Well(logger, component);
            return;
        }
        bool known = _reasons.TryGetValue(component, out string? before);
        _reasons[component] = reason;
        if (!known || before != reason)
            Log.Degraded(logger, component, reason);
    }

    private static partial class Log
    {
        [LoggerMessage(4020, LogLevel.Warning, "{Component} is degraded: {Reason}")]
        public static partial void Degraded(ILogger logger, string component, string reason);

        [LoggerMessage(4021, LogLevel.Information, "{Component} is well again")]
        public static partial void Well(ILogger logger, string component);
    }
}

public static class HealthRegistration
{
    public static IServiceCollection AddDegradations(this IServiceCollection services)
    {
        services.TryAddSingleton<IDegradations, Degradations>();
        return services;
    }
}
