namespace ShitOps.Grains.Tree;

/// <summary>
/// Plans of rebalancings as they were told, each with the epoch it was made for, so that what is carried out is what
/// somebody has looked at. In memory alone and few: a plan that is gone is made anew.
/// </summary>
public sealed class ToldPlans
{
    /// <summary>Operators who look at a plan at the same time.</summary>
    public const int Kept = 16;

    private readonly Queue<(Guid Id, long Epoch, Rebalancing.Plan Plan)> _plans = new();

    public Guid Add(Rebalancing.Plan plan, long epoch)
    {
        if (_plans.Count == Kept)
            _plans.Dequeue();
        var id = Guid.NewGuid();
        _plans.Enqueue((id, epoch, plan));
        return id;
    }

    /// <summary>Null: it is not known, or was made for another tree than the one of <paramref name="epoch"/>.</summary>
    public Rebalancing.Plan? Find(Guid id, long epoch) => _plans.FirstOrDefault(p => p.Id == id && p.Epoch == epoch).Plan;
}
