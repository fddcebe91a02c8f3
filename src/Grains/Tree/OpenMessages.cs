using ShitOps.Grains.Journal;
using ShitOps.Grains.Storage;

namespace ShitOps.Grains.Tree;

/// <summary>Dead-letters whatever a team that leaves has not finished: its outbox, what is on the way to it, its inbox.</summary>
internal sealed class OpenMessages(IOutboxStore outbox, IInboxStore inbox, IArchiveStore archive, ICommitQueue commits, TimeProvider time)
{
    private const string Reason = "team_removed";

    public async Task DeadLetterAllAsync(string team, IGrainFactory grains)
    {
        while (await outbox.UnsettledOfAsync(team, Limits.PumpBatch) is { Count: > 0 } ids)
            await DeadLetterOutboxAsync(team, ids);
        foreach (Priority rank in Enum.GetValues<Priority>())
        {
            while (await inbox.LoadKeysAsync(team, rank, -1, long.MaxValue, Limits.PumpBatch) is { Count: > 0 } keys)
                await DeadLetterInboxAsync(team, keys);
        }
        await grains.GetGrain<ITeamGrain>(new TeamKey(Limits.DefaultTree, team).ToString()).Notify(ranks: 0, expires: null);
    }

    private async Task DeadLetterOutboxAsync(string team, IReadOnlyList<Guid> ids)
    {
        DateTimeOffset now = time.GetUtcNow();
        var changes = new List<Change>();
        foreach (Guid id in ids)
        {
            changes.Add(new MoveMessage(id, MessageStateSet.Unsettled, MessageState.Dead, now, Reason)
            {
                Events = [new(EventTypes.MessageDead, now) { Message = id, Team = team, Reason = Reason }],
            });
            changes.Add(new InsertDeadLetter(id, team, "", Reason, 0, now));
        }
        await commits.CommitAsync(new Commit(await archive.WithTracesAsync(changes)));
    }

    private async Task DeadLetterInboxAsync(string team, IReadOnlyList<InboxKey> keys)
    {
        DateTimeOffset now = time.GetUtcNow();
        var changes = new List<Change>();
        foreach (InboxKey key in keys)
        {
            changes.Add(new MoveDelivery(key.Message, team, DeliveryState.Dead, key.Attempts, now)
            {
                Sequence = key.Sequence,
                Events = [new(EventTypes.MessageDead, now) { Message = key.Message, From = key.From, Team = team, Reason = Reason }],
            });
            changes.Add(new InsertDeadLetter(key.Message, team, key.From, Reason, key.Attempts, now));
        }
        await commits.CommitAsync(new Commit(await archive.WithTracesAsync(changes)));
    }
}
