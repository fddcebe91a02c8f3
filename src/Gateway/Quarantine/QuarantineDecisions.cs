using ShitOps.Gateway.Cluster;
using ShitOps.Grains;

namespace ShitOps.Gateway.Quarantine;

/// <summary>Releases and purges. A lost answer is told from a decision of somebody else.</summary>
internal sealed class QuarantineDecisions(IGrainFactory grains, ClusterCalls calls)
{
    public const string Released = "released", Purged = "purged";

    /// <param name="state"><see cref="Released"/> or <see cref="Purged"/>.</param>
    public async Task<DecisionStatus> DecideAsync(Guid id, string state, string reason, string actor, CancellationToken stop)
    {
        int attempts = 0;
        DecisionStatus status = await calls.RetryAsync(() =>
        {
            attempts++;
            IQuarantineGrain entry = grains.Quarantine(id);
            return state == Released ? entry.Release(actor, reason) : entry.Purge(actor, reason);
        }, stop);
        // Decided by an earlier attempt of this very request, whose answer was lost.
        return status == DecisionStatus.AlreadyDecided && attempts > 1
            && await calls.RetryAsync(() => grains.Archive().QuarantineEntry(id), stop) is { } entry && entry.State == state && entry.DecidedBy == actor
            ? DecisionStatus.Done
            : status;
    }
}
