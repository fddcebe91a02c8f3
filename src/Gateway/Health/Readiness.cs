using ShitOps.Gateway.Cluster;
using ShitOps.Gateway.Problems;
using ShitOps.Grains;

namespace ShitOps.Gateway.Health;

/// <summary>
/// Asks a silo whether its database answers, at most once a second whoever asks how often. It asks again within its
/// patience, as every call does: a gateway that lost one silo of several is no less ready, and must not be taken out.
/// </summary>
internal sealed class Readiness(IGrainFactory grains, ClusterCalls calls, TimeProvider time)
{
    public const string Ready = "ready", Degraded = "degraded", Unavailable = "unavailable";
    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(1), Glance = TimeSpan.FromSeconds(2.5), Patience = TimeSpan.FromSeconds(5);
    private readonly Lock _lock = new();
    private Task<ReadyResource>? _last;
    private long _since;

    public Task<ReadyResource> ReadAsync()
    {
        lock (_lock)
        {
            if (_last is null || (_last.IsCompleted && time.GetElapsedTime(_since) >= KeptFor))
            {
                _since = time.GetTimestamp();
                _last = AskAsync();
            }
            return _last;
        }
    }

    private async Task<ReadyResource> AskAsync()
    {
        try
        {
            if (!await AskAsync(silo => silo.IsReachable()))
                return new(Unavailable, ["the database does not answer"]);
            string[] reasons = (await AskAsync(silo => silo.Degradations())).Value;
            return new(reasons.Length == 0 ? Ready : Degraded, reasons);
        }
        catch (ProblemException)
        {
            return new(Unavailable, ["no silo answers"]);
        }
    }

    private Task<T> AskAsync<T>(Func<IArchiveGrain, Task<T>> ask) => calls.RetryAsync(() => ask(grains.Archive()).WaitAsync(Glance, time), Patience, CancellationToken.None);
}
