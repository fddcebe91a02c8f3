using ShitOps.Grains.Journal;
using ShitOps.Grains.Storage;

namespace ShitOps.Grains.Nodes;

/// <summary>Decides what a source node does with a batch that came back: which changes to store, what is done, what is tried again. Pure but for the clock.</summary>
internal sealed class Bookkeeping
{
    private readonly NodeKey _node;
    private readonly HubServices _hub;
    private readonly DateTimeOffset _now;

    public List<Change> Changes { get; } = [];
    public List<(OutboxEntry Entry, MessageState State)> Done { get; } = [];
    public List<(OutboxEntry Entry, TimeSpan Pause)> Again { get; } = [];
    public List<OutboxEntry> Held { get; } = [];

    /// <param name="missed">Whether a message to many may have missed a team that moved meanwhile: it is distributed again.</param>
    public Bookkeeping(NodeKey node, HubServices hub, IReadOnlyList<OutboxEntry> batch, ForwardStatus?[] statuses, Func<OutboxEntry, bool> missed)
    {
        _node = node;
        _hub = hub;
        _now = hub.Time.GetUtcNow();
        for (int i = 0; i < batch.Count; i++)
            Book(batch[i], statuses[i] ?? ForwardStatus.Failed, missed);
    }

    /// <summary>The changes could not be stored.</summary>
    public void RetryAll()
    {
        foreach ((OutboxEntry entry, _) in Done)
            Again.Add((entry, Pause(entry)));
        Done.Clear();
    }

    private void Book(OutboxEntry entry, ForwardStatus status, Func<OutboxEntry, bool> missed)
    {
        switch (status)
        {
            case ForwardStatus.Delivered when entry.IsToMany && missed(entry):
                Again.Add((entry, TimeSpan.Zero));
                break;
            case ForwardStatus.Delivered:
                if (entry.IsToMany)
                    Changes.Add(new MoveMessage(entry.Id, MessageStateSet.Unsettled, MessageState.Delivered, _now));
                Done.Add((entry, MessageState.Delivered));
                break;
            case ForwardStatus.Quarantined:
                Done.Add((entry, MessageState.Quarantined));
                break;
            case ForwardStatus.RecipientGone:
                Settle(entry, MessageState.Dead, EventTypes.MessageDead, "recipient_gone");
                Changes.Add(new InsertDeadLetter(entry.Id, entry.Envelope.To, entry.Envelope.From, "recipient_gone", entry.Attempts, _now));
                break;
            case ForwardStatus.Expired:
                Settle(entry, MessageState.Expired, EventTypes.MessageExpired, "ttl");
                break;
            case ForwardStatus.Held:
                Held.Add(entry);
                break;
            default:
                entry.Attempts++;
                TimeSpan pause = Pause(entry);
                MessageState stays = entry.Held ? MessageState.Held : MessageState.Queued;
                Changes.Add(new MoveMessage(entry.Id, MessageStateSet.Of(stays), stays, _now)
                {
                    Events = [Event(entry, EventTypes.MessageRetried, $"again in {pause.TotalMilliseconds:F0} ms") with { Attempt = entry.Attempts }],
                });
                Again.Add((entry, pause));
                break;
        }
    }

    private static TimeSpan Pause(OutboxEntry entry) => Backoff.After(Math.Max(1, entry.Attempts), Random.Shared.NextDouble());

    private void Settle(OutboxEntry entry, MessageState state, string type, string reason)
    {
        Changes.Add(new MoveMessage(entry.Id, MessageStateSet.Unsettled, state, _now, reason) { Events = [Event(entry, type, reason)] });
        Done.Add((entry, state));
    }

    private JournalEvent Event(OutboxEntry entry, string type, string reason) => new(type, _now)
    {
        Message = entry.Id,
        From = entry.Envelope.From,
        Team = entry.Envelope.To,
        Node = _node.Index,
        Silo = _hub.Silo,
        Reason = reason,
        TraceParent = entry.Envelope.TraceParent,
    };
}
