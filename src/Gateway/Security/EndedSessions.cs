using System.Collections.Frozen;
using Microsoft.Extensions.Options;
using ShitOps.Gateway.Cluster;
using ShitOps.Grains;

namespace ShitOps.Gateway.Security;

/// <summary>Sessions of the board that were signed out of, wherever that was: a copy of their cookie opens nothing any more.</summary>
internal sealed class EndedSessions(IGrainFactory grains, ClusterCalls calls, IOptions<GatewayOptions> options, TimeProvider time)
{
    private readonly Lock _lock = new();
    private Task<FrozenSet<Guid>>? _last;
    private long _since;

    private IEndedSessionsGrain Grain => grains.GetGrain<IEndedSessionsGrain>(0);

    /// <summary>As known here; what another gateway ended is known within the time a key is cached.</summary>
    /// <exception cref="Problems.ProblemException">503: the cluster does not answer.</exception>
    public async ValueTask<bool> HasAsync(Guid session)
    {
        Task<FrozenSet<Guid>> list;
        lock (_lock)
        {
            if (_last is null || (_last.IsCompleted && (_last.IsFaulted || time.GetElapsedTime(_since) >= options.Value.KeyCacheTime)))
            {
                _since = time.GetTimestamp();
                _last = ReadAsync();
            }
            list = _last;
        }
        return (await list).Contains(session);
    }

    /// <param name="until">When it would have run out.</param>
    /// <exception cref="Problems.ProblemException">503: the cluster does not answer.</exception>
    public async Task EndAsync(Guid session, DateTimeOffset until, CancellationToken stop)
    {
        await calls.RetryAsync(() => Grain.End(session, until), stop);
        lock (_lock)
            _last = null;
    }

    private async Task<FrozenSet<Guid>> ReadAsync() => (await calls.RetryAsync(() => Grain.Read())).Value.ToFrozenSet();
}
