using Microsoft.Extensions.Logging;

namespace ShitOps.Grains.Health;

/// <summary>
/// Hands hubs over to silos that have less than their share. Looks at every round of the health check, waits until the
/// cluster has stood still for a few of them, and after handing over until the pings tell where the hubs are now.
/// </summary>
internal sealed class HubBalance(IGrainFactory grains, ISiloStatusOracle silos, ILocalSiloDetails local, ILogger log)
{
    /// <summary>Rounds.</summary>
    private const int Still = 2, AtOnce = 8;

    private string _members = "";
    private int _wait = Still;

    public async Task LookAsync(TreeSnapshot tree, CancellationToken stop)
    {
        Dictionary<string, SiloAddress> living = Living();
        string members = string.Join(',', living.Keys.Order(StringComparer.Ordinal));
        if (members != _members)
            (_members, _wait) = (members, Still);
        if (_wait-- > 0 || living.Count < 2)
            return;
        _wait = 0;
        var places = new string?[tree.NodeCount];
        foreach (NodeStatus status in (await grains.GetGrain<IHealthGrain>(tree.Tree).Read(0, places.Length)).Value)
            places[status.Index] = status.Silo;
        IReadOnlyList<(int Node, string To)> given = Shares.HandOver(places, living.Keys, local.Name);
        if (given.Count == 0)
            return;
        HealthLog.HandingOver(log, given.Count, places.Count(silo => silo == local.Name));
        _wait = Still;
        await Parallel.ForEachAsync(given, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stop }, async (move, _) =>
            await grains.GetGrain<INodeGrain>(new NodeKey(tree.Tree, move.Node).ToString()).MoveTo(living[move.To]));
    }

    private Dictionary<string, SiloAddress> Living()
    {
        var living = new Dictionary<string, SiloAddress>(StringComparer.Ordinal);
        foreach (SiloAddress address in silos.GetApproximateSiloStatuses(onlyActive: true).Keys)
        {
            if (silos.TryGetSiloName(address, out string? name))
                living[name] = address;
        }
        return living;
    }
}
