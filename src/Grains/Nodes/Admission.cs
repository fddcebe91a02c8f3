using ShitOps.Grains.Collation;
using ShitOps.Grains.Journal;
using ShitOps.Grains.Storage;
using ShitOps.Grains.Tree;

namespace ShitOps.Grains.Nodes;

/// <summary>Whether a hub takes a message, by the tree it knows.</summary>
internal sealed class Admission(NodeKey node, Routes routes, HubServices hub, DateTimeOffset now)
{
    private readonly Dictionary<Guid, AskRows> _asks = [];
    private Dictionary<Guid, AttachmentInfo> _attachments = [];

    public async Task LoadAttachmentsAsync(NewMessage[] messages)
    {
        Guid[] ids = [.. messages.SelectMany(m => m.Attachments).Distinct()];
        if (ids.Length > 0)
            _attachments = (await hub.Attachments.InfosAsync(ids)).ToDictionary(a => a.Id);
    }

    public AcceptStatus Check(NewMessage message)
    {
        if (routes.Snapshot.Find(message.From)?.Node != node.Index)
            return AcceptStatus.Moved;
        if (routes.Find(message.To) is not { } scope)
            return AcceptStatus.UnknownRecipient;
        if (!routes.ReachesAnyone(scope, message.From))
            return AcceptStatus.NoRecipient;
        foreach (Guid id in message.Attachments)
        {
            if (!_attachments.TryGetValue(id, out AttachmentInfo? attachment) || attachment.Team != message.From || attachment.State is not ("clean" or "released"))
                return AcceptStatus.UnknownAttachment;
        }
        return message.Ask is { } ask ? CheckAsk(message, ask, scope) : AcceptStatus.Accepted;
    }

    /// <summary>Whom an ask asks is fixed here, by the tree by which it is accepted.</summary>
    private AcceptStatus CheckAsk(NewMessage message, AskSpec ask, Scope scope)
    {
        if (AskPlan.For(routes, scope, message.From) is not { } plan)
            return AcceptStatus.NoRecipient;
        if (ask.Quorum > plan.Teams.Count)
            return AcceptStatus.QuorumTooLarge;
        _asks[message.Id] = plan.ToRows(ask, Guid.CreateVersion7(now));
        return AcceptStatus.Accepted;
    }

    public InsertMessage Change(NewMessage message, long sequence, bool scheduled)
    {
        InsertMessage insert = OutboxInserts.Insert(message, node, hub.Silo, scheduled ? MessageState.Scheduled : MessageState.Queued, sequence, now);
        return message.Ask is null ? insert : insert with
        {
            Ask = _asks.GetValueOrDefault(message.Id),
            Events = [.. insert.Events, OutboxInserts.Event(EventTypes.AskOpened, message, node, hub.Silo, now)],
        };
    }
}
