namespace ShitOps.Gateway.Board.Data;

/// <summary>What moved, told so that a silo's end with thousands of hubs is one line. Pure.</summary>
internal static class FailoverLog
{
    /// <summary>Failovers that are kept.</summary>
    public const int Most = 30;

    /// <summary>Hubs of one silo wake up one after the other; those that follow within this time belong to the same failover.</summary>
    public static readonly TimeSpan Together = TimeSpan.FromSeconds(30);

    /// <param name="log">Newest first, as is what is returned.</param>
    public static IReadOnlyList<Failover> Add(IReadOnlyList<Failover> log, IReadOnlyCollection<(int Hub, string From, string To)> moves, DateTimeOffset now)
    {
        if (moves.Count == 0)
            return log;
        var all = log.ToList();
        foreach (IGrouping<(string From, string To), int> group in moves.GroupBy(m => (m.From, m.To), m => m.Hub))
        {
            int before = all.FindIndex(f => (f.From, f.To) == group.Key && now - f.At < Together);
            IEnumerable<int> hubs = before < 0 ? group : all[before].Hubs.Union(group);
            if (before >= 0)
                all.RemoveAt(before);
            all.Insert(0, new(group.Key.From, group.Key.To, [.. hubs.Order()], now));
        }
        return [.. all.Take(Most)];
    }
}
