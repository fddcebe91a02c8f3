namespace ShitOps.Grains.Tree;

/// <summary>The silo's routes by its newest snapshot of the tree; one for all nodes of the silo.</summary>
public sealed class Router(TreeWatch watch)
{
    private volatile Routes? _routes;

    /// <summary>The newest snapshot this silo has seen; null before the first.</summary>
    public TreeSnapshot? Known => watch.Current;

    /// <summary>Routes of that epoch or a newer one.</summary>
    public async ValueTask<Routes> AtLeastAsync(long epoch)
    {
        TreeSnapshot snapshot = await watch.AtLeastAsync(epoch);
        Routes? known = _routes;
        return known is not null && ReferenceEquals(known.Snapshot, snapshot) ? known : _routes = new Routes(snapshot);
    }

    /// <summary>Routes by what the tree grain says now.</summary>
    public async ValueTask<Routes> NewestAsync() => await AtLeastAsync((await watch.FetchAsync()).Epoch);
}
