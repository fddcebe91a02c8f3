using ShitOps.Grains.Storage;

namespace ShitOps.Grains.Nodes;

/// <summary>Brings a node's rows from the database into the window: at activation, when the window runs low, when scheduled ones are due.</summary>
internal sealed class OutboxLoader(NodeKey node, HubServices hub, Outbox outbox, HubTenure tenure, Func<long> nextSequence)
{
    private static readonly MessageStateSet Waiting = MessageStateSet.Of(MessageState.Queued, MessageState.Held);

    private long _lastSequence;

    /// <summary>When the next scheduled message is due; null if none is known.</summary>
    public DateTimeOffset? NextDue { get; private set; }

    /// <summary>Unsettled rows of this node in the database, scheduled ones among them; kept by counting.</summary>
    public int Total { get; set; }

    /// <returns>The greatest sequence in use.</returns>
    public async Task<long> LoadAsync()
    {
        await CountAsync();
        outbox.Doubt();
        await RefillAsync();
        return _lastSequence;
    }

    /// <returns>How many rows are queued or held; when the next scheduled one is due is known afterwards.</returns>
    public async Task<int> CountAsync()
    {
        OutboxCount count = await hub.Outbox.CountAsync(node);
        Total = count.Queued + count.Scheduled + count.Held;
        _lastSequence = count.LastSequence;
        if (count.Scheduled > 0)
            await FindNextDueAsync();
        return count.Queued + count.Held;
    }

    public void Scheduled(DateTimeOffset due)
    {
        if (NextDue is null || due < NextDue)
            NextDue = due;
    }

    public async Task RefillAsync()
    {
        bool doubted = true;
        while (doubted && outbox.WantsRefill)
        {
            int room = outbox.Room;
            long after = outbox.LoadedUpTo;
            outbox.BeginRefill();
            IReadOnlyList<OutboxRow> rows = await hub.Outbox.LoadAsync(node, Waiting, after, room);
            // Doubted meanwhile: nothing may leave before what this read missed is there too.
            doubted = !outbox.Refill([.. rows.Select(OutboxEntry.From)], toTheEnd: rows.Count < room);
        }
    }

    /// <summary>Scheduled messages whose time has come take their place at the end of the queue.</summary>
    public async Task PromoteDueAsync()
    {
        DateTimeOffset now = hub.Time.GetUtcNow();
        if (NextDue is null || NextDue > now)
            return;
        IReadOnlyList<OutboxRow> rows = await hub.Outbox.LoadAsync(node, MessageState.Scheduled, -1, Limits.PumpBatch);
        OutboxRow[] due = [.. rows.Where(r => r.Sequence <= now.ToUnixTimeMilliseconds()).Select(r => r with { Sequence = nextSequence() })];
        if (due.Length > 0)
        {
            ChangeResult[] results = await tenure.CommitAsync([.. due.Select(r =>
                new MoveMessage(r.Id, MessageStateSet.Of(MessageState.Scheduled), MessageState.Queued, now, Sequence: r.Sequence))]);
            for (int i = 0; i < due.Length; i++)
            {
                if (results[i].Applied)
                    outbox.Add(OutboxEntry.From(due[i]));
            }
        }
        await FindNextDueAsync();
    }

    private async Task FindNextDueAsync()
    {
        IReadOnlyList<OutboxRow> first = await hub.Outbox.LoadAsync(node, MessageState.Scheduled, -1, 1);
        NextDue = first.Count == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(first[0].Sequence);
    }
}
