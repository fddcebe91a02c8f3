using ShitOps.Grains.Journal;
using ShitOps.Grains.Storage;

namespace ShitOps.Grains.Nodes;

/// <summary>Cancels messages of a hub's outbox, and tells those who wait for one what became of it.</summary>
/// <param name="leaving">The hub is to leave: nobody waits here any longer.</param>
internal sealed class Settlement(NodeKey node, HubServices hub, Outbox outbox, OutboxLoader loader, HubTeams teams, HubTenure tenure, CancellationToken leaving)
{
    /// <summary>Null until somebody waits.</summary>
    private Dictionary<Guid, TaskCompletionSource<MessageState>>? _waiters;

    /// <summary>Called when the outbox is in doubt.</summary>
    public Action Changed { get; set; } = static () => { };

    public async Task<bool> CancelAsync(Guid message, string actor)
    {
        await teams.FollowAsync();
        if (await hub.Outbox.FindAsync(message) is not { } found)
            return false;
        if (!loader.IsOwn(found.From))
            throw new NotCommittedException($"'{found.From}' does not stand at {node} any more");
        if (outbox.IsUnderWay(message))
            return false;
        string? traceParent = outbox.Find(message)?.Envelope.TraceParent;
        outbox.Remove(message);
        DateTimeOffset now = hub.Time.GetUtcNow();
        try
        {
            ChangeResult[] results = await tenure.CommitAsync(await hub.Archive.WithTracesAsync([new MoveMessage(message, MessageStateSet.Unsettled, MessageState.Cancelled, now)
            {
                Events = [new(EventTypes.MessageCancelled, now) { Message = message, Node = node.Index, Silo = hub.Silo, Actor = actor, TraceParent = traceParent }],
            }]));
            if (results[0].Applied)
                Settled(message, MessageState.Cancelled);
            return results[0].Applied;
        }
        catch
        {
            outbox.Doubt();
            Changed();
            throw;
        }
    }

    public async Task<MessageState> WaitAsync(Guid message, TimeSpan wait)
    {
        _waiters ??= [];
        if (!_waiters.TryGetValue(message, out TaskCompletionSource<MessageState>? waiter))
            _waiters[message] = waiter = new(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            if (!outbox.Contains(message) && await StateAsync(message) is var state && state.IsSettled())
                return state;
            return await waiter.Task.WaitAsync(wait, hub.Time, leaving);
        }
        catch (Exception error) when (error is TimeoutException or OperationCanceledException)
        {
            return await StateAsync(message);
        }
        finally
        {
            _waiters.Remove(message);
        }
    }

    public void Settled(Guid message, MessageState state)
    {
        loader.Total = Math.Max(0, loader.Total - 1);
        if (_waiters is not null && _waiters.TryGetValue(message, out TaskCompletionSource<MessageState>? waiter))
            waiter.TrySetResult(state);
    }

    private async Task<MessageState> StateAsync(Guid message) => (await hub.Outbox.FindAsync(message))?.State ?? MessageState.Queued;
}
