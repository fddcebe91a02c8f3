using ShitOps.Grains;

namespace ShitOps.Gateway.Cluster;

/// <summary>Keeps this process's copy of the tree current.</summary>
internal sealed class TreeWatchService(TreeWatch tree) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => tree.RunAsync(stoppingToken);
}
