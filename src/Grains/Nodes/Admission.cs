using ShitOps.Grains.Journal;
using ShitOps.Grains.Storage;
using ShitOps.Grains.Tree;

namespace ShitOps.Grains.Nodes;

/// <summary>Whether a hub takes a message, by the tree it knows.</summary>
internal sealed class Admission(NodeKey node, Routes routes, HubServices hub, DateTimeOffset now)
{
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
        return AcceptStatus.Accepted;
    }

    public InsertMessage Change(NewMessage message, long sequence, bool scheduled) =>
        new(message, node, scheduled ? MessageState.Scheduled : MessageState.Queued, sequence, now)
        {
            Events =
            [
                new JournalEvent(EventTypes.MessageAccepted, now)
                {
                    Message = message.Id, From = message.From, Team = message.To, Node = node.Index, Silo = hub.Silo,
                    Size = message.Size, Sha256 = message.Sha256, TraceParent = message.TraceParent,
                },
            ],
        };
}
