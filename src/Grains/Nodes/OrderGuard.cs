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

    /// <summary>
    /// What stands in a batch behind a message of its own pair that is held is held too: a scanner that breaks off in mid-batch
    /// has looked at some, and those may not pass the others.
    /// </summary>
    public static void HoldBehind(int count, Func<int, Envelope> envelope, ForwardStatus?[] statuses)
    {
        if (!statuses.Contains(ForwardStatus.Held))
            return;
        var order = new OrderGuard();
        for (int i = 0; i < count; i++)
        {
            Envelope item = envelope(i);
            (Lane lane, bool toMany) = (Lane.Of(item), OutboxEntry.IsMany(item.To));
            if (statuses[i] is null && !order.MayGo(lane, item.To, toMany))
                statuses[i] = ForwardStatus.Held;
            if (statuses[i] == ForwardStatus.Held)
                order.Block(lane, item.To, toMany);
        }
    }

    public bool MayGo(OutboxEntry entry) => MayGo(entry.Lane, entry.Envelope.To, entry.IsToMany);

    public void Block(OutboxEntry entry) => Block(entry.Lane, entry.Envelope.To, entry.IsToMany);

    /// <summary>If it may go it counts as gone.</summary>
    private bool MayGo(Lane lane, string to, bool toMany)
    {
        if (_blockedLanes.Contains(lane))
            return false;
        if (toMany)
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

    private void Block(Lane lane, string to, bool toMany)
    {
        if (toMany)
        {
            _blockedLanes.Add(lane);
        }
        else
        {
            _blockedPairs.Add((lane, to));
            _lanesWithBlockedPair.Add(lane);
        }
    }
}
