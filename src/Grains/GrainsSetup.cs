using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using ShitOps.Grains.Archive;
using ShitOps.Grains.Collation;
using ShitOps.Grains.Health;
using ShitOps.Grains.Journal;
using ShitOps.Grains.Nodes;
using ShitOps.Grains.Tasks;
using ShitOps.Grains.Telemetry;
using ShitOps.Grains.Tree;
using ShitOps.Grains.Webhooks;

namespace ShitOps.Grains;

/// <summary>
/// Ends long polls and pumps when the silo tells the cluster that it goes, just before its grains leave, so that they can
/// leave at once; not when the silo is told to stop: until its grains leave nobody else does their work.
/// </summary>
public sealed class SiloStopping : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private readonly CancellationTokenSource _leaving = new();

    public SiloStopping() => Token = _leaving.Token;

    public CancellationToken Token { get; }

    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(SiloStopping), ServiceLifecycleStage.BecomeActive, static _ => Task.CompletedTask, _ => _leaving.CancelAsync());

    public void Dispose() => _leaving.Dispose();
}

/// <summary>What the grains need of their silo, besides the ports the silo fulfils.</summary>
public static class GrainsSetup
{
    public static IServiceCollection AddGrains(this IServiceCollection services)
    {
        services.TryAddSingleton<TreeWatch>();
        services.TryAddSingleton<SiloMetrics>();
        services.AddSingleton<SiloStopping>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(provider => provider.GetRequiredService<SiloStopping>());
        services.AddSingleton<Router>();
        services.AddPlacementDirector<SubtreePlacement, SubtreePlacementDirector>();
        services.AddSingleton<TrafficMeter>();
        services.AddSingleton<HubServices>();
        services.AddSingleton<CollationServices>();
        services.AddSingleton<IDegradation, ScannerDegradation>();
        services.TryAddSingleton<IJournalExport, NoJournalExport>();
        services.AddSingleton<ExportWatch>();
        services.AddSingleton<IDegradation>(provider => provider.GetRequiredService<ExportWatch>());
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, TreeWatcher>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, HealthMonitor>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(provider => provider.GetRequiredService<TrafficMeter>());
        services.AddSingleton<WorkflowServices>();
        services.TryAddSingleton<IWebhookSender, NoWebhookSender>();
        services.AddSingleton<WebhookServices>();
        return services;
    }
}
