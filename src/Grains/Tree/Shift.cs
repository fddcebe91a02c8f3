namespace ShitOps.Grains.Tree;

/// <summary>Which hubs a change of the tree concerns. Pure.</summary>
public static class Shift
{
    /// <summary>Hubs that some team has left, by index: what they accept from now on they accept by the new tree.</summary>
    public static IReadOnlyList<int> Left(TreeSnapshot before, IEnumerable<TeamPlace> after)
    {
        var stays = new bool[before.Teams.Length];
        foreach (TeamPlace team in after)
        {
            int place = before.IndexOf(team.Name);
            if (place >= 0 && before.Teams[place].Node == team.Node)
                stays[place] = true;
        }
        return [.. before.Teams.Where((_, place) => !stays[place]).Select(t => t.Node).Distinct().Order()];
    }

    /// <summary>Hubs that a team has left, or come to from elsewhere, by index. One that only got a new team has nothing to follow yet.</summary>
    public static IReadOnlyList<int> Touched(TreeSnapshot before, IReadOnlyCollection<TeamPlace> after) =>
        [.. Left(before, after).Concat(after.Where(t => before.Find(t.Name) is { } old && old.Node != t.Node).Select(t => t.Node)).Distinct().Order()];
}
