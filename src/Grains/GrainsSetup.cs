using Microsoft.Extensions.DependencyInjection;
using ShitOps.Grains.Archive;
using ShitOps.Grains.Health;
using ShitOps.Grains.Nodes;
using ShitOps.Grains.Tree;

namespace ShitOps.Grains;

/// <summary>What the grains need of their silo, besides the ports the silo fulfils.</summary>
public static class GrainsSetup
{
    public static IServiceCollection AddGrains(this IServiceCollection services)
    {
        services.AddSingleton<TreeWatch>();
        services.AddSingleton<Router>();
        services.AddSingleton<HubServices>();
        services.AddSingleton<IDegradation, ScannerDegradation>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, TreeWatcher>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, HealthMonitor>();
        return services;
    }
}
