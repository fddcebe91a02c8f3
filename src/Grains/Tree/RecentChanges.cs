namespace ShitOps.Grains.Tree;

/// <summary>
/// The latest changes of a tree. A tree that grows by a thousand teams then costs each listener a thousand teams, and not
/// a thousand times all of them.
/// </summary>
public sealed class RecentChanges(int capacity)
{
    private sealed record Step(long Epoch, TeamPlace[] Put, string[] Removed);

    private readonly Queue<Step> _steps = new();

    public void Add(TreeSnapshot before, TreeSnapshot after)
    {
        var put = new List<TeamPlace>();
        var removed = new List<string>();
        // Both are in name order.
        int old = 0;
        foreach (TeamPlace team in after.Teams)
        {
            int order = -1;
            while (old < before.Teams.Length && (order = string.CompareOrdinal(before.Teams[old].Name, team.Name)) < 0)
                removed.Add(before.Teams[old++].Name);
            if (order != 0 || before.Teams[old++] != team)
                put.Add(team);
        }
        removed.AddRange(before.Teams[old..].Select(t => t.Name));
        _steps.Enqueue(new(after.Epoch, [.. put], [.. removed]));
        while (_steps.Count > capacity)
            _steps.Dequeue();
    }

    /// <summary>What one who knows that epoch has not heard of yet.</summary>
    public TreeNews Since(long known, TreeSnapshot now)
    {
        if (known == now.Epoch)
            return new(now.Epoch, [], [], null);
        if (known > now.Epoch || !_steps.TryPeek(out Step? first) || first.Epoch > known + 1)
            return TreeNews.All(now);
        var touched = new HashSet<string>(StringComparer.Ordinal);
        foreach (Step step in _steps.Where(s => s.Epoch > known))
        {
            touched.UnionWith(step.Put.Select(t => t.Name));
            touched.UnionWith(step.Removed);
        }
        return new(now.Epoch, [.. touched.Select(now.Find).OfType<TeamPlace>()], [.. touched.Where(name => now.Find(name) is null)], null);
    }
}
