using ShitOps.Grains.Tree;

namespace ShitOps.Grains.Health;

/// <summary>
/// Which hubs a silo hands over so that each silo has its share, the part of the tree that <see cref="Subtrees"/> gives it.
/// Pure: every silo works it out for itself from the same pings, and gives only what is its own to give.
/// </summary>
public static class Shares
{
    /// <param name="silos">The silo of each hub by index; null where it is not known.</param>
    /// <param name="living">Names of the silos there are.</param>
    /// <returns>Hubs of <paramref name="own"/> and to whom they go.</returns>
    public static IReadOnlyList<(int Node, string To)> HandOver(IReadOnlyList<string?> silos, IReadOnlyCollection<string> living, string own)
    {
        if (living.Count < 2)
            return [];
        string[] names = [.. living.Order(StringComparer.Ordinal)];
        int[] ranks = Subtrees.Divide(silos.Count, names.Length);
        int[] astray = [.. Enumerable.Range(0, silos.Count).Where(hub => silos[hub] is { } silo && living.Contains(silo) && silo != names[ranks[hub]])];
        // A few are not worth a pause: a tree that grows shifts its parts by one hub each time.
        return astray.Length <= Slack(silos.Count / names.Length) ? [] : [.. astray.Where(hub => silos[hub] == own).Select(hub => (hub, names[ranks[hub]]))];
    }

    /// <summary>So many hubs of all may be elsewhere, by the hubs of a silo.</summary>
    public static int Slack(int share) => 1 + (share / 10);
}
