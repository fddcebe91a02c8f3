using System.Numerics;

namespace ShitOps.Grains.Health;

/// <summary>
/// Which hubs a silo hands over so that each silo has its share of them. Pure: every silo works it out for itself from the
/// same pings, and gives only what is its own to give.
/// </summary>
public static class Shares
{
    /// <param name="silos">The silo of each hub by index; null where it is not known.</param>
    /// <param name="living">Names of the silos there are.</param>
    /// <returns>Hubs of <paramref name="own"/> and to whom they go; neighbours in the tree go together.</returns>
    public static IReadOnlyList<(int Node, string To)> HandOver(IReadOnlyList<string?> silos, IReadOnlyCollection<string> living, string own)
    {
        if (living.Count < 2)
            return [];
        string[] names = [.. living.Order(StringComparer.Ordinal)];
        Dictionary<string, int> counts = names.ToDictionary(name => name, name => silos.Count(s => s == name), StringComparer.Ordinal);
        int all = counts.Values.Sum(), least = all / names.Length;
        // A few more or less are not worth a pause.
        int slack = 1 + (least / 10);
        if (counts.Values.Max() - counts.Values.Min() <= slack)
            return [];
        // Who has most keeps one more where it does not come out even: so the fewest move.
        Dictionary<string, int> targets = names.OrderByDescending(name => counts[name]).ThenBy(name => name, StringComparer.Ordinal)
            .Select((name, rank) => (name, Target: least + (rank < all % names.Length ? 1 : 0))).ToDictionary(t => t.name, t => t.Target, StringComparer.Ordinal);
        var wanting = new Queue<string>(names.SelectMany(name => Enumerable.Repeat(name, Math.Max(0, targets[name] - counts[name]))));
        var given = new List<string>();
        foreach (string giver in names)
        {
            for (int spare = counts[giver] - targets[giver]; spare > 0; spare--)
            {
                string to = wanting.Dequeue();
                if (giver == own)
                    given.Add(to);
            }
        }
        int[] mine = [.. Enumerable.Range(0, silos.Count).Where(i => silos[i] == own).OrderByDescending(Place).ThenBy(i => i).Take(given.Count)];
        return [.. mine.Zip(given)];
    }

    /// <summary>From left to right by the first leaf below: a run of places is a part of the tree.</summary>
    private static long Place(int node) => (long)(node + 1) << (31 - BitOperations.Log2((uint)node + 1));
}
