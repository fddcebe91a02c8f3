using Orleans.Concurrency;
using ShitOps.Gateway.Cluster;
using ShitOps.Grains;

namespace ShitOps.Gateway.Nodes;

/// <summary>The last pings, read in pieces: a large tree does not fit into one grain call.</summary>
internal sealed class NodeStatuses(IGrainFactory grains, ClusterCalls calls)
{
    private const int AtOnce = 1_000;

    public async Task<IReadOnlyDictionary<int, NodeStatus>> ReadAsync(int first, int count, CancellationToken stop)
    {
        var found = new Dictionary<int, NodeStatus>(count);
        for (int from = first; from < first + count; from += AtOnce)
        {
            int at = from, wanted = Math.Min(AtOnce, first + count - from);
            Immutable<NodeStatus[]> piece = await calls.RetryAsync(() => grains.Health().Read(at, wanted), stop);
            foreach (NodeStatus status in piece.Value)
                found[status.Index] = status;
        }
        return found;
    }
}
