using System.Security.Cryptography;
using ShitOps.Grains.Journal;
using ShitOps.Grains.Nodes;
using ShitOps.Grains.Scanning;
using ShitOps.Grains.Storage;

namespace ShitOps.Grains.Collation;

/// <summary>
/// Ends an ask at its top: makes the collation and puts it into the outbox of the asker's hub, in the transaction that
/// ends the ask. So it ends once, and the collation goes once.
/// </summary>
internal sealed class AskEnding(CollationKey key, CollationServices services, CollationStep step)
{
    /// <summary>Replies read at a time.</summary>
    private const int Page = 32;

    private const int SmallestRoom = 16 * 1024;

    /// <param name="state">All children have passed.</param>
    /// <returns>False: something changed meanwhile; look again.</returns>
    public async Task<bool> EndAsync(CollationState state)
    {
        AskRow ask = step.Ask;
        Taken all = state.Compose(step.Reduction);
        AskState to = CollationState.End(ask.Spec, all.Partial);
        (byte[] body, byte[] sealedBody) = await ComposeAsync(to, all);
        TeamPlace? asker = (await services.Tree.FetchAsync()).Find(ask.From);
        DateTimeOffset now = services.Now;
        int missing = all.Partial.Missing.Length;
        List<Change> changes =
        [
            new EndAsk(key.Ask, to, all.Partial.Answered.Length, sealedBody, now)
            {
                Events =
                [
                    step.Event(to == AskState.Complete ? EventTypes.AskCompleted : EventTypes.AskPartial) with
                    {
                        From = ask.From, Team = ask.To, Reason = missing == 0 ? $"all {all.Partial.Asked} answered" : $"{missing} of {all.Partial.Asked} missing",
                    },
                ],
            },
        ];
        if (asker is null)
            CollationLog.AskerGone(services.Log, key.Ask, ask.From);
        else
            changes.Add(Message(body, sealedBody, new NodeKey(key.Tree, asker.Node), now));
        if ((await step.ChangeAsync(s => s.Version == state.Version && step.Ask.State == AskState.Open ? new Move(s.Pass(), changes, []) : null)) is { Stored: false })
            return step.Ask.State != AskState.Open;
        step.Ended(to);
        CollationLog.Ended(services.Log, key.Ask, to, all.Partial.Answered.Length, all.Partial.Asked);
        if (asker is not null)
            await services.Hub(new NodeKey(key.Tree, asker.Node)).Wake();
        return true;
    }

    /// <summary>
    /// Whether replies were released from quarantine that have not come up yet: whoever answers after a release must not end
    /// the ask without it. Their nodes are told to pass once more.
    /// </summary>
    public async Task<bool> AwaitsReleasedAsync(CollationState state)
    {
        string[] quarantined = [.. state.Compose(step.Reduction).Partial.Missing.Where(m => m.Reason == CollationState.Quarantined).Select(m => m.Team)];
        if (quarantined.Length == 0)
            return false;
        int[] nodes = [.. (await services.Asks.AnswersAsync(key.Ask, quarantined)).Select(r => r.Node).Distinct()];
        foreach (int node in nodes)
            await services.Node(key with { Node = node }).Wake();
        return nodes.Length > 0;
    }

    private InsertMessage Message(byte[] body, byte[] sealedBody, NodeKey hub, DateTimeOffset now)
    {
        AskRow ask = step.Ask;
        NewMessage message = OutboxInserts.Made(ask.Result, MessageKind.Collation, key.Ask, ask.From, ask.From, ask.Subject, body, sealedBody, ask.TraceParent);
        return OutboxInserts.Insert(message, hub, services.Silo, MessageState.Queued, OutboxInserts.Sequence(now), now);
    }

    /// <summary>
    /// The body, plain and sealed. Replies that may travel one by one may be too much together, or one may have come out of
    /// quarantine: then fewer of them stand in the list, since a collation in quarantine helps nobody.
    /// </summary>
    private async Task<(byte[] Plain, byte[] Sealed)> ComposeAsync(AskState to, Taken all)
    {
        List<ListedReply> replies = step.Reduction.IsList ? await RepliesAsync(all.Partial.Answered) : [];
        for (int room = Limits.CollationBytes; ; room = room > SmallestRoom ? room / 2 : 0)
        {
            var budget = new ListBudget(room);
            byte[] body = CollationBody.Write(step.Ask, to, all, [.. replies.Select(budget.Admit)]);
            byte[] sealedBody = await services.Sealer.SealAsync(body, step.Ask.Result);
            if (room == 0 || replies.Count == 0 || await MayTravelAsync(body, sealedBody))
                return (body, sealedBody);
        }
    }

    /// <summary>Asked before the hub's pump asks; what is found clean here is remembered for it. A scanner that is away holds nothing up here.</summary>
    private async Task<bool> MayTravelAsync(byte[] body, byte[] sealedBody)
    {
        var content = new MessageContent(step.Ask.Result, SHA256.HashData(body), BodyKind.Json, sealedBody, step.Ask.Subject, []);
        return (await services.Scanner.ScanAsync([content]))[0].Verdict.Kind is VerdictKind.Clean or VerdictKind.Unavailable;
    }

    private async Task<List<ListedReply>> RepliesAsync(string[] teams)
    {
        var replies = new List<ListedReply>(teams.Length);
        var budget = new ListBudget(Limits.CollationBytes);
        foreach (string[] page in teams.Chunk(Page))
        {
            Dictionary<string, AnswerRow> rows = (await services.Asks.AnswersAsync(key.Ask, page)).ToDictionary(r => r.Team, StringComparer.Ordinal);
            foreach (string team in page)
            {
                if (!rows.TryGetValue(team, out AnswerRow? row))
                    continue;
                byte[]? body = budget.HasRoom(row.Size) ? await services.OpenReplyAsync(row.Reply!.Value, row.Sealed) : null;
                replies.Add(budget.Admit(new ListedReply(team, row.At!.Value, row.Size, row.BodyKind, row.ContentType!, body)));
            }
        }
        return replies;
    }
}
