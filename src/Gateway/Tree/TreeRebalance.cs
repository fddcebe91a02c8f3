using ShitOps.Gateway.Cluster;
using ShitOps.Gateway.Problems;
using ShitOps.Grains;

namespace ShitOps.Gateway.Tree;

/// <summary>Plans a rebalancing, or carries one out.</summary>
internal sealed class TreeRebalance(IGrainFactory grains, TreeWatch tree, ClusterCalls calls)
{
    /// <summary>
    /// A plan may be asked for again. Carrying one out is not repeated here: an answer that is lost says nothing about how
    /// much was done, and a second time would move as many teams again.
    /// </summary>
    /// <exception cref="ProblemException">503: no answer.</exception>
    public async Task<RebalanceReply> AskAsync(bool dryRun, string actor, CancellationToken stop)
    {
        Task<RebalanceReply> Ask() => grains.Tree().Rebalance(dryRun, actor);
        if (dryRun)
            return await calls.RetryAsync(Ask, stop);
        try
        {
            RebalanceReply reply = await Ask().WaitAsync(stop);
            tree.AtLeastAsync(reply.Epoch).AsTask().Ignore();
            return reply;
        }
        catch (Exception error) when (!stop.IsCancellationRequested && Transience.IsTransient(error))
        {
            throw new ProblemException(Known.NoAnswer);
        }
    }
}
