using Orleans.Concurrency;
using ShitOps.Gateway.Cluster;
using ShitOps.Gateway.Problems;
using ShitOps.Grains;

namespace ShitOps.Gateway.Security;

/// <summary>
/// Makes the first operator and security key if neither the configuration nor the cluster has one, and prints it once,
/// to the console and never to a log. Of several gateways that start at once, one stores its key.
/// </summary>
internal sealed partial class FirstKeys(
    ConfiguredKeys configured, IGrainFactory grains, ClusterCalls calls, TimeProvider time, ILogger<FirstKeys> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        foreach (Role role in new[] { Role.Operator, Role.Security })
        {
            if (!configured.Has(role))
                await MakeAsync(role, stoppingToken);
        }
    }

    private async Task MakeAsync(Role role, CancellationToken stop)
    {
        NewKey key = NewKey.Make(time);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                // An answer that was lost leaves the key stored; only looking for it tells.
                if (await calls.RetryAsync(() => grains.Access().AddFirstKey(role, key.Stored), stop)
                    || await calls.RetryAsync(() => grains.Access().Find(new Immutable<byte[]>(key.Stored.Hash)), stop) is not null)
                {
                    await Console.Out.WriteLineAsync($"First {(role == Role.Operator ? "operator" : "security")} key, shown this once: {key.Text}");
                }
                return;
            }
            catch (Exception error) when (!stop.IsCancellationRequested)
            {
                // A cluster that does not answer yet is usual at start.
                if (error is not ProblemException)
                    LogFailed(error, role);
                await Task.Delay(TimeSpan.FromSeconds(2), time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    [LoggerMessage(5003, LogLevel.Error, "The first {Role} key could not be made; trying again")]
    private partial void LogFailed(Exception error, Role role);
}
