using System.Numerics;

namespace ShitOps.Grains.Tree;

/// <summary>
/// Which silo each hub belongs to. From left to right through the tree the silos take runs of as many hubs each, so that
/// parents and children mostly share a silo and few of a message's hops leave their process. Pure: every silo works it out
/// for itself and finds the same.
/// </summary>
public static class Subtrees
{
    /// <param name="hubs">Hubs of the tree.</param>
    /// <param name="silos">Silos there are.</param>
    /// <returns>For each hub by index the rank of its silo, 0 to <paramref name="silos"/> − 1.</returns>
    public static int[] Divide(int hubs, int silos)
    {
        var ranks = new int[hubs];
        int place = 0;
        foreach (int hub in Enumerable.Range(0, hubs).OrderBy(FirstLeaf).ThenBy(hub => hub))
            ranks[hub] = (int)((long)place++ * silos / hubs);
        return ranks;
    }

    /// <summary>The place of the first leaf below, from left to right: a run of places is a part of the tree.</summary>
    private static long FirstLeaf(int hub) => (long)(hub + 1) << (31 - BitOperations.Log2((uint)hub + 1));
}
