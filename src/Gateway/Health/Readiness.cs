using ShitOps.Gateway.Cluster;

namespace ShitOps.Gateway.Health;

/// <summary>Asks a silo whether its database answers, at most once a second whoever asks how often.</summary>
internal sealed class Readiness(IGrainFactory grains, TimeProvider time)
{
    public const string Ready = "ready", Degraded = "degraded", Unavailable = "unavailable";
    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(1), Patience = TimeSpan.FromSeconds(3);
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
            if (!await grains.Archive().IsReachable().WaitAsync(Patience, time))
                return new(Unavailable, ["the database does not answer"]);
            string[] reasons = (await grains.Archive().Degradations().WaitAsync(Patience, time)).Value;
            return new(reasons.Length == 0 ? Ready : Degraded, reasons);
        }
        catch (Exception error) when (Transience.IsTransient(error))
        {
            return new(Unavailable, ["no silo answers"]);
        }
    }
}
