using System.Numerics;

namespace ShitOps.Grains.Tree;

/// <summary>
/// Arithmetic of a complete binary tree in level order: node i has children 2i + 1 and 2i + 2 and parent (i − 1) / 2.
/// A node's path from the root is written in the bits of i + 1 below the highest one, which makes every question here
/// a shift and a compare.
/// </summary>
public static class TreeShape
{
    public const int Root = 0;

    /// <summary>−1 for the root.</summary>
    public static int Parent(int node) => node == Root ? -1 : (node - 1) / 2;

    public static int Left(int node) => (2 * node) + 1;

    public static int Right(int node) => (2 * node) + 2;

    /// <summary>Edges from the root.</summary>
    public static int Depth(int node) => BitOperations.Log2((uint)node + 1);

    public static bool IsInSubtree(int node, int root)
    {
        int below = Depth(node) - Depth(root);
        return below >= 0 && (node + 1) >> below == root + 1;
    }

    public static int LowestCommonAncestor(int a, int b)
    {
        int x = a + 1, y = b + 1;
        int difference = Depth(a) - Depth(b);
        if (difference > 0)
            x >>= difference;
        else
            y >>= -difference;
        return (x >> (32 - BitOperations.LeadingZeroCount((uint)(x ^ y)))) - 1;
    }

    /// <summary>The neighbour of <paramref name="from"/> on the way to <paramref name="to"/>; itself when it has arrived.</summary>
    public static int NextHop(int from, int to)
    {
        if (from == to)
            return from;
        return IsInSubtree(to, from) ? ((to + 1) >> (Depth(to) - Depth(from) - 1)) - 1 : Parent(from);
    }

    /// <summary>Edges between two nodes.</summary>
    public static int Distance(int a, int b) => Depth(a) + Depth(b) - (2 * Depth(LowestCommonAncestor(a, b)));

    /// <summary>Every node passed, both ends included.</summary>
    public static IReadOnlyList<int> Path(int from, int to)
    {
        var path = new List<int> { from };
        while (from != to)
            path.Add(from = NextHop(from, to));
        return path;
    }
}
