using Orleans.Metadata;
using Orleans.Placement;
using Orleans.Runtime.Placement;
using ShitOps.Grains.Nodes;

namespace ShitOps.Grains.Tree;

/// <summary>A hub, or what belongs to one, is activated on the silo that has its part of the tree.</summary>
[GenerateSerializer, Immutable, Alias("sho.SubtreePlacement")]
internal sealed class SubtreePlacement : PlacementStrategy;

[AttributeUsage(AttributeTargets.Class)]
internal sealed class SubtreePlacementAttribute() : PlacementAttribute(new SubtreePlacement());

/// <summary>
/// Places by <see cref="Subtrees"/>, as far as this silo knows tree and members. They may be out of date: then the grain
/// works where it is, and is handed over when the cluster has stood still for a while.
/// </summary>
internal sealed class SubtreePlacementDirector(Router router, ISiloStatusOracle oracle, GrainTypeResolver types) : IPlacementDirector
{
    private readonly GrainType _hubs = types.GetGrainType(typeof(NodeGrain));
    private volatile Division _division = new(0, 0, []);

    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        SiloAddress[] silos = context.GetCompatibleSilos(target);
        if (IPlacementDirector.GetPlacementHint(target.RequestContextData, silos) is { } hint)
            return Task.FromResult(hint);
        if (silos.Length < 2 || router.Known is not { NodeCount: > 0 } tree || HubOf(tree, target.GrainIdentity) is not { } hub)
            return Task.FromResult(silos[Random.Shared.Next(silos.Length)]);
        while (hub >= tree.NodeCount)
            hub = TreeShape.Parent(hub);
        SiloAddress[] ordered = [.. silos.OrderBy(Name, StringComparer.Ordinal)];
        return Task.FromResult(ordered[Ranks(tree.NodeCount, silos.Length)[hub]]);
    }

    /// <summary>Null: a team of which this silo has not heard.</summary>
    private int? HubOf(TreeSnapshot tree, GrainId grain) =>
        grain.Type == _hubs ? NodeKey.Parse(grain.Key.ToString()!).Index : tree.Find(TeamKey.Parse(grain.Key.ToString()!).Name)?.Node;

    private string Name(SiloAddress silo) => oracle.TryGetSiloName(silo, out string? name) ? name : silo.ToString();

    private int[] Ranks(int hubs, int silos)
    {
        Division known = _division;
        if (known.Hubs != hubs || known.Silos != silos)
            _division = known = new(hubs, silos, Subtrees.Divide(hubs, silos));
        return known.Ranks;
    }

    private sealed record Division(int Hubs, int Silos, int[] Ranks);
}
