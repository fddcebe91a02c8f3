using ShitOps.Grains.Journal;
using ShitOps.Grains.Storage;

namespace ShitOps.Grains.Operations;

/// <summary>Decides on one entry. Decision, its effect and the journal stand in one transaction.</summary>
public sealed class QuarantineGrain(IArchiveStore archive, ICommitQueue commits, TimeProvider time) : Grain, IQuarantineGrain
{
    public Task<DecisionStatus> Release(string actor, string reason) => DecideAsync("released", EventTypes.QuarantineReleased, actor, reason);

    public Task<DecisionStatus> Purge(string actor, string reason) => DecideAsync("purged", EventTypes.QuarantinePurged, actor, reason);

    private async Task<DecisionStatus> DecideAsync(string state, string type, string actor, string reason)
    {
        if (await archive.QuarantineEntryAsync(this.GetPrimaryKey()) is not { } entry)
            return DecisionStatus.NotFound;
        if (entry.State != "waiting")
            return DecisionStatus.AlreadyDecided;
        bool release = state == "released";
        DateTimeOffset now = time.GetUtcNow();
        MessageView? message = entry.Message is { } id ? await archive.MessageAsync(id) : null;
        var changes = new List<Change>();
        JournalEvent told = new(type, now) { Message = entry.Message, From = entry.From, Team = entry.To, Node = entry.Node, Actor = actor, Reason = reason };
        if (message is not null)
        {
            var quarantined = MessageStateSet.Of(MessageState.Quarantined);
            changes.Add(release
                ? new MoveMessage(message.Id, quarantined, MessageState.Queued, now, Sequence: now.ToUnixTimeMilliseconds() * 1000) { Release = true, Events = [told] }
                : new MoveMessage(message.Id, quarantined, MessageState.Quarantined, now, entry.Signature) { Purge = true, Events = [told] });
        }
        if (entry.Attachment is { } attachment)
            changes.Add(new MoveAttachment(attachment, "quarantined", state) { Events = [told] });
        changes.Add(new DecideQuarantine(entry.Id, state, actor, reason, now));
        ChangeResult[] results = await commits.CommitAsync(new Commit(changes, AllOrNothing: true));
        if (!results[^1].Applied)
            return DecisionStatus.AlreadyDecided;
        if (release && message is not null)
            await GrainFactory.GetGrain<INodeGrain>(new NodeKey(Limits.DefaultTree, message.Node).ToString()).Wake();
        return DecisionStatus.Done;
    }
}
