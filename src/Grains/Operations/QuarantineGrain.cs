using ShitOps.Grains.Journal;
using ShitOps.Grains.Nodes;
using ShitOps.Grains.Storage;

namespace ShitOps.Grains.Operations;

/// <summary>Decides on one entry. Decision, its effect and the journal stand in one transaction.</summary>
public sealed class QuarantineGrain(IArchiveStore archive, TreeWatch tree, ICommitQueue commits, TimeProvider time) : Grain, IQuarantineGrain
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
        if (entry.Ask is { } ask)
            return await DecideReplyAsync(entry, ask, release, new(type, now) { Reference = ask, From = entry.To, Team = entry.From, Node = entry.Node, Actor = actor, Reason = reason });
        MessageView? message = entry.Message is { } id ? await archive.MessageAsync(id) : null;
        var changes = new List<Change>();
        JournalEvent told = new(type, now) { Message = entry.Message, From = entry.From, Team = entry.To, Node = entry.Node, Actor = actor, Reason = reason, TraceParent = message?.TraceParent };
        if (message is not null)
        {
            var quarantined = MessageStateSet.Of(MessageState.Quarantined);
            changes.Add(release
                ? new MoveMessage(message.Id, quarantined, MessageState.Queued, now, Sequence: OutboxInserts.Sequence(now)) { Release = true, Events = [told] }
                : new MoveMessage(message.Id, quarantined, MessageState.Quarantined, now, entry.Signature) { Purge = true, Events = [told] });
        }
        if (entry.Attachment is { } attachment)
            changes.Add(new MoveAttachment(attachment, "quarantined", state) { Events = [told] });
        changes.Add(new DecideQuarantine(entry.Id, state, actor, reason, now));
        ChangeResult[] results = await commits.CommitAsync(new Commit(changes, AllOrNothing: true));
        if (!results[^1].Applied)
            return DecisionStatus.AlreadyDecided;
        if (release && message is not null)
            await WakeAsync(message.From);
        return DecisionStatus.Done;
    }

    /// <summary>The hub where the sender stands by now; the root looks after those of senders that have left.</summary>
    private async Task WakeAsync(string sender)
    {
        TreeSnapshot shape = await tree.FetchAsync();
        await GrainFactory.GetGrain<INodeGrain>(new NodeKey(shape.Tree, shape.Find(sender)?.Node ?? 0).ToString()).Wake();
    }

    /// <summary>A released reply counts if its ask is still open. The decision stands either way.</summary>
    private async Task<DecisionStatus> DecideReplyAsync(QuarantineView entry, Guid ask, bool release, JournalEvent told)
    {
        var decide = new DecideQuarantine(entry.Id, release ? "released" : "purged", told.Actor!, told.Reason ?? "", told.At);
        Change reply = release
            ? new MoveReply(ask, entry.From, AnswerState.Quarantined, AnswerState.Answered) { Events = [told] }
            : new PurgeReply(ask, entry.Id) { Events = [told] };
        ChangeResult[] results = await commits.CommitAsync(new Commit([decide, reply], AllOrNothing: true));
        if (results.All(r => r.Applied))
        {
            if (release)
                await GrainFactory.GetGrain<ICollationGrain>(new CollationKey(Limits.DefaultTree, ask, entry.Node).ToString()).Wake();
            return DecisionStatus.Done;
        }
        results = await commits.CommitAsync(new Commit([decide with { Events = [told] }]));
        return results[0].Applied ? DecisionStatus.Done : DecisionStatus.AlreadyDecided;
    }
}
