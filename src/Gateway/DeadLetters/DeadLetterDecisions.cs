using Orleans.Concurrency;
using ShitOps.Gateway.Cluster;
using ShitOps.Grains;

namespace ShitOps.Gateway.DeadLetters;

/// <summary>Replays and discards: those named at once, those of a reason some hundred a call, so that however many they are no call takes long.</summary>
internal sealed class DeadLetterDecisions(IGrainFactory grains, ClusterCalls calls)
{
    /// <param name="ids">Messages; null: all of <paramref name="reason"/> that are dead by now.</param>
    /// <param name="team">With a reason: those of that team alone.</param>
    /// <param name="tell">Told after each call how many there were by then.</param>
    /// <returns>How many. What was done before a cancellation stays done.</returns>
    public async Task<int> DecideAsync(bool replay, Guid[]? ids, string? reason, string? team, string actor, string? why, Action<int>? tell, CancellationToken stop)
    {
        IDeadLetterGrain letters = grains.DeadLetters();
        if (ids is not null)
        {
            Immutable<Guid[]>? named = new(ids);
            return await calls.RetryAsync(() => replay ? letters.Replay(named, reason, actor, why) : letters.Discard(named, reason, actor, why), stop);
        }
        var slice = new DeadLetterSlice(reason!, replay, actor, why, Until: null, team);
        int done = 0;
        while (await calls.RetryAsync(() => letters.DecideSome(slice), stop) is { Found: > 0 } step)
        {
            slice = slice with { Until = step.Until };
            done += step.Done;
            tell?.Invoke(done);
        }
        return done;
    }
}
