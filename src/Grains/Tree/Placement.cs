namespace ShitOps.Grains.Tree;

/// <summary>
/// Where teams stand. A hub holds <see cref="Limits.HubCapacity"/> in weight. Nodes 0 to n − 1 each hold at least one
/// team, so the tree is always complete and balanced: a new team takes the first free place in level order or opens
/// the next node; when one leaves, a team of the last node fills the gap.
/// </summary>
public static class Placement
{
    /// <summary>The node for a new team of that weight.</summary>
    public static int PlaceFor(IReadOnlyList<TeamPlace> teams, int weight)
    {
        int[] loads = Loads(teams);
        int node = Array.FindIndex(loads, load => load + weight <= Limits.HubCapacity);
        return node >= 0 ? node : loads.Length;
    }

    /// <summary>The teams that stand elsewhere once <paramref name="leaving"/> is gone, with their new node; at most two.</summary>
    public static IReadOnlyList<TeamPlace> MovesAfter(IReadOnlyList<TeamPlace> teams, string leaving)
    {
        TeamPlace gone = teams.Single(t => t.Name == leaving);
        TeamPlace[] stay = [.. teams.Where(t => t.Name != leaving)];
        if (stay.Length == 0)
            return [];
        int last = stay.Max(t => t.Node);
        if (gone.Node >= last)
            return [];
        TeamPlace[] atLast = [.. stay.Where(t => t.Node == last).OrderBy(t => t.Name, StringComparer.Ordinal)];
        TeamPlace[] atGap = [.. stay.Where(t => t.Node == gone.Node)];
        int free = Limits.HubCapacity - atGap.Sum(t => t.Weight);
        // An empty node would break the tree: everybody of the last node comes. Otherwise one that fits.
        TeamPlace[] coming = atGap.Length == 0 ? atLast : [.. atLast.Where(t => t.Weight <= free).TakeLast(1)];
        return [.. coming.Select(t => t with { Node = gone.Node })];
    }

    private static int[] Loads(IReadOnlyList<TeamPlace> teams)
    {
        var loads = new int[teams.Count == 0 ? 0 : teams.Max(t => t.Node) + 1];
        foreach (TeamPlace team in teams)
            loads[team.Node] += team.Weight;
        return loads;
    }
}
