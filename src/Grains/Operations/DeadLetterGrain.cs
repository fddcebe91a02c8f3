using ShitOps.Grains.Journal;
using ShitOps.Grains.Nodes;
using ShitOps.Grains.Storage;

namespace ShitOps.Grains.Operations;

/// <summary>Replays or discards dead letters, a few hundred a transaction.</summary>
[StatelessWorker, Reentrant]
public sealed class DeadLetterGrain(IArchiveStore archive, TreeWatch tree, ICommitQueue commits, TimeProvider time) : Grain, IDeadLetterGrain
{
    public Task<int> Replay(Immutable<Guid[]>? ids, string? reason, string actor, string? why) => EachAsync(ids, reason, letters => ReplayAsync(letters, actor, why));

    public Task<int> Discard(Immutable<Guid[]>? ids, string? reason, string actor, string? why) => EachAsync(ids, reason, letters => DiscardAsync(letters, actor, why));

    public async Task<DeadLetterStep> DecideSome(DeadLetterSlice slice)
    {
        DateTimeOffset until = slice.Until ?? time.GetUtcNow();
        // The oldest come first.
        DeadLetterView[] letters = [.. (await archive.FindDeadLettersAsync(null, slice.Reason, slice.Team, Limits.PumpBatch)).Where(letter => letter.At <= until)];
        int done = letters.Length == 0 ? 0 : await (slice.Replay ? ReplayAsync(letters, slice.Actor, slice.Why) : DiscardAsync(letters, slice.Actor, slice.Why));
        return new(letters.Length, done, until);
    }

    private async Task<int> ReplayAsync(IReadOnlyList<DeadLetterView> letters, string actor, string? why)
    {
        TreeSnapshot shape = await tree.FetchAsync();
        DateTimeOffset now = time.GetUtcNow();
        var changes = new List<Change>();
        var nodes = new HashSet<NodeKey>();
        long sequence = OutboxInserts.Sequence(now);
        foreach (DeadLetterView letter in letters)
        {
            // A sender that has left the tree has no node: the root looks after what is replayed of it.
            var node = new NodeKey(shape.Tree, shape.Find(letter.From)?.Node ?? 0);
            nodes.Add(node);
            changes.Add(new RemoveDeadLetter(letter.Message, letter.Team, Replay: true));
            changes.Add(new MoveMessage(letter.Message, MessageStateSet.Of(MessageState.Dead, MessageState.Delivered), MessageState.Queued, now, Sequence: sequence++)
            {
                Node = node,
                Events = [Event(EventTypes.MessageReplayed, letter, actor, why, now)],
            });
        }
        // Every second change takes a letter out.
        int done = (await commits.CommitAsync(new Commit(await archive.WithTracesAsync(changes)))).Where((r, i) => i % 2 == 0 && r.Applied).Count();
        foreach (NodeKey node in nodes)
            await GrainFactory.GetGrain<INodeGrain>(node.ToString()).Wake();
        return done;
    }

    private async Task<int> DiscardAsync(IReadOnlyList<DeadLetterView> letters, string actor, string? why)
    {
        DateTimeOffset now = time.GetUtcNow();
        var changes = new List<Change>();
        foreach (DeadLetterView letter in letters)
        {
            changes.Add(new RemoveDeadLetter(letter.Message, letter.Team, Replay: false) { Events = [Event(EventTypes.MessageDiscarded, letter, actor, why, now)] });
        }
        return (await commits.CommitAsync(new Commit(await archive.WithTracesAsync(changes)))).Count(r => r.Applied);
    }

    private async Task<int> EachAsync(Immutable<Guid[]>? ids, string? reason, Func<IReadOnlyList<DeadLetterView>, Task<int>> decide)
    {
        int done = 0;
        if (ids is { } some)
        {
            foreach (Guid[] page in some.Value.Distinct().Chunk(Limits.PumpBatch))
            {
                IReadOnlyList<DeadLetterView> letters = await archive.FindDeadLettersAsync(page, reason, null, int.MaxValue);
                done += letters.Count > 0 ? await decide(letters) : 0;
            }
            return done;
        }
        while (await archive.FindDeadLettersAsync(null, reason, null, Limits.PumpBatch) is { Count: > 0 } letters)
            done += await decide(letters);
        return done;
    }

    private static JournalEvent Event(string type, DeadLetterView letter, string actor, string? why, DateTimeOffset now) =>
        new(type, now) { Message = letter.Message, From = letter.From, Team = letter.Team, Actor = actor, Reason = why ?? letter.Reason, Attempt = letter.Attempts };
}
