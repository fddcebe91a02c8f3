using ShitOps.Grains.Storage;
using ShitOps.Grains.Tree;

namespace ShitOps.Grains.Nodes;

/// <summary>
/// Brings the rows of a node's own senders from the database into the window: at activation, when teams come, when the
/// window runs low, when scheduled ones are due.
/// </summary>
internal sealed class OutboxLoader(NodeKey node, HubServices hub, Outbox outbox, HubTenure tenure)
{
    private static readonly MessageStateSet Waiting = MessageStateSet.Of(MessageState.Queued, MessageState.Held);

    /// <summary>Senders without a place in the tree that the root looks after at a time.</summary>
    private const int Orphans = 50;

    private string[] _orphans = [];

    /// <summary>The greatest sequence seen or given; a message accepted now goes behind it.</summary>
    public long LastSequence { get; private set; }

    /// <summary>The teams that stand here.</summary>
    public string[] Teams { get; set; } = [];

    /// <summary>True of the teams that stand here, and at the root of senders that have left the tree.</summary>
    public bool IsOwn(string sender) => Teams.Contains(sender, StringComparer.Ordinal) || _orphans.Contains(sender, StringComparer.Ordinal);

    /// <summary>When the next scheduled message is due; null if none is known.</summary>
    public DateTimeOffset? NextDue { get; private set; }

    private OutboxOf Own => new(node.Tree, [.. Teams, .. _orphans]);

    /// <summary>Unsettled rows of this node in the database, scheduled ones among them; kept by counting.</summary>
    public int Total { get; set; }

    /// <returns>How many rows are queued or held; when the next scheduled one is due is known afterwards.</returns>
    public async Task<int> CountAsync()
    {
        if (node.Index == TreeShape.Root)
            await FindOrphansAsync();
        OutboxCount count = await hub.Outbox.CountAsync(Own);
        Total = count.Queued + count.Scheduled + count.Held;
        LastSequence = Math.Max(LastSequence, count.LastSequence);
        if (count.Scheduled > 0)
            await FindNextDueAsync();
        return count.Queued + count.Held;
    }

    /// <summary>Rises with every message; by the clock, so that it rises across activations too.</summary>
    public long NextSequence() => LastSequence = OutboxInserts.SequenceAfter(LastSequence, hub.Time.GetUtcNow());

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
            IReadOnlyList<OutboxRow> rows = await hub.Outbox.LoadAsync(Own, Waiting, after, room);
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
        // As of before the read: if their team goes meanwhile they take their place where it is then.
        Fence fence = tenure.Fence;
        IReadOnlyList<OutboxRow> rows = await hub.Outbox.LoadAsync(Own, MessageState.Scheduled, -1, Limits.PumpBatch);
        OutboxRow[] due = [.. rows.Where(r => r.Sequence <= now.ToUnixTimeMilliseconds()).Select(r => r with { Sequence = NextSequence() })];
        if (due.Length > 0)
        {
            ChangeResult[] results = await tenure.CommitAsync([.. due.Select(r =>
                new MoveMessage(r.Id, MessageStateSet.Of(MessageState.Scheduled), MessageState.Queued, now, Sequence: r.Sequence))], fence);
            for (int i = 0; i < due.Length; i++)
            {
                if (results[i].Applied)
                    outbox.Add(OutboxEntry.From(due[i]));
            }
        }
        await FindNextDueAsync();
    }

    /// <summary>What a sender had posted before it left, or what was replayed of it since, the root carries.</summary>
    private async Task FindOrphansAsync()
    {
        IReadOnlyList<string> senders = await hub.Outbox.SendersAsync(node.Tree);
        TreeSnapshot tree = (await hub.Router.NewestAsync()).Snapshot;
        _orphans = [.. senders.Where(sender => tree.Find(sender) is null).Take(Orphans)];
    }

    private async Task FindNextDueAsync()
    {
        IReadOnlyList<OutboxRow> first = await hub.Outbox.LoadAsync(Own, MessageState.Scheduled, -1, 1);
        NextDue = first.Count == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(first[0].Sequence);
    }
}
