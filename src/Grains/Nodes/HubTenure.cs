using ShitOps.Grains.Journal;
using ShitOps.Grains.Storage;

namespace ShitOps.Grains.Nodes;

/// <summary>
/// What makes this activation the hub: taken before the outbox is read, carried by every commit that is the hub's own,
/// given back when it leaves. Once another has taken the hub, nothing of this one is stored any more.
/// </summary>
internal sealed class HubTenure(NodeKey node, HubServices hub)
{
    private HubRow _row = new(0, 0, 0);
    private HubTaken? _taken;

    /// <summary>Called on the node's scheduler when it turns out that another has the hub; more than once, perhaps.</summary>
    public Action Lost { get; set; } = static () => { };

    /// <summary>Called on the node's scheduler when the tree has taken a team from this hub.</summary>
    public Action Moved { get; set; } = static () => { };

    public Fence Fence => new(node, _row.Generation);

    /// <summary>The hub may accept nothing by an older tree.</summary>
    public long Epoch => _row.Epoch;

    public async Task TakeAsync()
    {
        _taken = await hub.Hubs.TakeAsync(node, hub.Silo);
        _row = _taken.Row;
    }

    /// <exception cref="FencedException">
    /// The hub is another's (<see cref="Lost"/> was called), or the tree has taken a team from it (<see cref="Moved"/> was
    /// called): nothing is stored.
    /// </exception>
    public async Task<ChangeResult[]> CommitAsync(IReadOnlyList<Change> changes, Fence? fence = null)
    {
        try
        {
            return await hub.Commits.CommitAsync(new Commit(changes, Fence: fence ?? Fence));
        }
        catch (FencedException)
        {
            await CheckAsync();
            throw;
        }
    }

    /// <summary>Looks whether the hub is still this one's; one that commits nothing would not find out.</summary>
    public async Task<bool> CheckAsync()
    {
        HubRow? row = await hub.Hubs.FindAsync(node);
        if (row is null || !row.IsSameOwners(_row))
        {
            Lose();
            return false;
        }
        if (row.Generation > _row.Generation)
        {
            _row = row;
            Moved();
        }
        return true;
    }

    private void Lose()
    {
        NodeLog.Fenced(hub.Log, node.ToString(), hub.Silo);
        Lost();
    }

    public async Task LeaveAsync()
    {
        if (_taken is null)
            return;
        try
        {
            await hub.Hubs.LeaveAsync(Fence);
        }
        catch (Exception error)
        {
            // The next activation counts as a failover then, which does no harm.
            NodeLog.NotLeft(hub.Log, node.ToString(), error);
        }
    }

    /// <summary>Tells where the hub woke. If its last silo did not see it leave, that is a failover.</summary>
    public async Task TellAsync(int unsettled)
    {
        try
        {
            DateTimeOffset now = hub.Time.GetUtcNow();
            JournalEvent told = _taken is { Silo: { } last, Left: false } && last != hub.Silo
                ? await FailoverAsync(last, _taken.Since, now, unsettled)
                : new JournalEvent(EventTypes.NodeActivated, now) { Node = node.Index, Silo = hub.Silo };
            await hub.Commits.CommitAsync(new Commit([new Note { Events = [told] }]));
        }
        catch (Exception error)
        {
            NodeLog.ArrivalNotRecorded(hub.Log, node.ToString(), error);
        }
    }

    private async Task<JournalEvent> FailoverAsync(string last, DateTimeOffset seen, DateTimeOffset now, int unsettled)
    {
        try
        {
            NodeStatus[] known = (await hub.Grains.GetGrain<IHealthGrain>(node.Tree).Read(node.Index, 1)).Value;
            if (known is [{ PingedAt: { } pinged }] && pinged > seen)
                seen = pinged;
        }
        catch (Exception error)
        {
            // Then the gap is told from the last activation.
            NodeLog.LastPingUnknown(hub.Log, node.ToString(), error);
        }
        NodeLog.FailedOver(hub.Log, node.ToString(), hub.Silo, last, now - seen, unsettled);
        return new JournalEvent(EventTypes.NodeFailedOver, now)
        {
            Node = node.Index,
            Silo = hub.Silo,
            Reason = FormattableString.Invariant($"last on {last}, seen {(now - seen).TotalSeconds:F1} s before"),
        };
    }
}
