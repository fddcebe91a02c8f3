using ShitOps.Gateway.Cluster;
using ShitOps.Gateway.Problems;
using ShitOps.Grains;

namespace ShitOps.Gateway.Tree;

/// <summary>Plans a rebalancing, or carries one out.</summary>
internal sealed class TreeRebalance(IGrainFactory grains, TreeWatch tree, ClusterCalls calls)
{
    /// <summary>What would move; asked again if there is no answer.</summary>
    /// <exception cref="ProblemException">503: no answer.</exception>
    public Task<RebalanceReply> PlanAsync(string actor, CancellationToken stop) => calls.RetryAsync(() => grains.Tree().Rebalance(dryRun: true, actor), stop);

    /// <summary>
    /// Moves them. This is not repeated here: an answer that is lost says nothing about how much was done, and a second
    /// time would move as many teams again.
    /// </summary>
    /// <param name="plan">One that was told, to be carried out as it was; null: what is best by now.</param>
    /// <exception cref="ProblemException">503: no answer. 409: the tree has changed since the plan was made.</exception>
    public async Task<RebalanceReply> CarryOutAsync(Guid? plan, string actor, CancellationToken stop)
    {
        try
        {
            RebalanceReply reply = await (plan is { } told ? grains.Tree().CarryOut(told, actor) : grains.Tree().Rebalance(dryRun: false, actor)).WaitAsync(stop);
            if (reply.Outdated)
                throw new ProblemException(new Problem(409, "plan_outdated", "The tree has changed since this plan was made, or it was made long ago: ask for a plan anew."));
            tree.AtLeastAsync(reply.Epoch).AsTask().Ignore();
            return reply;
        }
        catch (Exception error) when (!stop.IsCancellationRequested && Transience.IsTransient(error))
        {
            throw new ProblemException(Known.NoAnswer);
        }
    }
}
