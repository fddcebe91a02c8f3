namespace ShitOps.Grains.Tree;

/// <summary>Which hubs a change of the tree concerns. Pure.</summary>
public static class Shift
{
    /// <summary>Hubs that some team has left, by index: what they accept from now on they accept by the new tree.</summary>
    public static IReadOnlyList<int> Left(TreeSnapshot before, IEnumerable<TeamPlace> after)
    {
        Dictionary<string, int> places = after.ToDictionary(t => t.Name, t => t.Node, StringComparer.Ordinal);
        return [.. before.Teams.Where(t => !places.TryGetValue(t.Name, out int node) || node != t.Node).Select(t => t.Node).Distinct().Order()];
    }

    /// <summary>Hubs that a team has left, or come to from elsewhere, by index. One that only got a new team has nothing to follow yet.</summary>
    public static IReadOnlyList<int> Touched(TreeSnapshot before, IReadOnlyCollection<TeamPlace> after) =>
        [.. Left(before, after).Concat(after.Where(t => before.Find(t.Name) is { } old && old.Node != t.Node).Select(t => t.Node)).Distinct().Order()];
}
