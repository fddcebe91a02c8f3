namespace ShitOps.Grains.Nodes;

/// <summary>
/// Finds what others put into a hub's outbox: when they wake it, and now and then by itself, since whoever put rows there
/// may have died before it could.
/// </summary>
internal sealed class OutboxWatch(NodeKey node, HubServices hub, Outbox outbox, OutboxLoader loader, HubTeams teams, HubTenure tenure)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMinutes(1);

    private DateTimeOffset _lookedAt = hub.Time.GetUtcNow();

    /// <summary>Called when the outbox is in doubt: something may be able to leave.</summary>
    public Action Changed { get; set; } = static () => { };

    public async Task WakeAsync()
    {
        // Who wakes this hub may mean a team that has just gone.
        foreach (int other in teams.PassedOn(hub.Router.Known ?? TreeSnapshot.Empty(node.Tree)))
            hub.Node(node with { Index = other }).WakeAfterMove().Ignore();
        await WakeAfterMoveAsync();
    }

    public async Task WakeAfterMoveAsync()
    {
        if (!await tenure.CheckAsync())
            return;
        await loader.CountAsync();
        outbox.Doubt();
        Changed();
    }

    /// <summary>Called often; asks the database seldom, and nobody waits for it.</summary>
    public void Look()
    {
        if (_lookedAt + LookAgain <= hub.Time.GetUtcNow())
            _ = LookAsync();
    }

    private async Task LookAsync()
    {
        _lookedAt = hub.Time.GetUtcNow();
        try
        {
            if (await tenure.CheckAsync() && await loader.CountAsync() > outbox.Count && outbox.Complete)
            {
                outbox.Doubt();
                Changed();
            }
        }
        catch (Exception error)
        {
            NodeLog.LookFailed(hub.Log, node.ToString(), error);
        }
    }
}
