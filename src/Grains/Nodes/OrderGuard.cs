namespace ShitOps.Grains.Nodes;

/// <summary>
/// Keeps the order of pairs while a batch is put together: entries are shown in order, and one may go only if nothing
/// before it in its lane that concerns the same recipient stays behind or takes another way through the tree.
/// </summary>
internal sealed class OrderGuard
{
    private readonly HashSet<(Lane, string)> _blockedPairs = [];
    private readonly HashSet<Lane> _blockedLanes = [];
    private readonly HashSet<Lane> _lanesWithBlockedPair = [];
    private readonly Dictionary<Lane, string> _toMany = [];
    private readonly HashSet<Lane> _toOne = [];

    /// <summary>If it may go it counts as gone.</summary>
    public bool MayGo(OutboxEntry entry)
    {
        Lane lane = entry.Lane;
        if (_blockedLanes.Contains(lane))
            return false;
        string to = entry.Envelope.To;
        if (entry.IsToMany)
        {
            // Messages to the same many take the same way and keep their order; others must wait for the next batch.
            if (_lanesWithBlockedPair.Contains(lane) || _toOne.Contains(lane) || (_toMany.TryGetValue(lane, out string? other) && other != to))
                return false;
            _toMany[lane] = to;
            return true;
        }
        if (_toMany.ContainsKey(lane) || _blockedPairs.Contains((lane, to)))
            return false;
        _toOne.Add(lane);
        return true;
    }

    public void Block(OutboxEntry entry)
    {
        if (entry.IsToMany)
        {
            _blockedLanes.Add(entry.Lane);
        }
        else
        {
            _blockedPairs.Add((entry.Lane, entry.Envelope.To));
            _lanesWithBlockedPair.Add(entry.Lane);
        }
    }
}
