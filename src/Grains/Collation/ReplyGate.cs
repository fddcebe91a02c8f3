using ShitOps.Grains.Journal;
using ShitOps.Grains.Scanning;
using ShitOps.Grains.Storage;

namespace ShitOps.Grains.Collation;

/// <summary>A reply with what the scanner says of it, and what it gives to the result if it is clean.</summary>
internal sealed record JudgedReply(NewReply Reply, AnswerState State, Verdict Verdict, string? SignatureVersion, Reduced? Value)
{
    public OwnTeam ToAnswer() => new(Reply.Team, State, Reply.Id, Value);
}

/// <summary>
/// No reply counts before it was found clean. One that the scanner could not look at is stored and held, one that is not
/// clean is stored in quarantine; both in the transaction that tells of it.
/// </summary>
internal sealed class ReplyGate(CollationKey key, CollationServices services, CollationStep step)
{
    public async Task<JudgedReply> JudgeAsync(NewReply reply)
    {
        MessageVerdict found = (await services.Scanner.ScanAsync([new MessageContent(reply.Id, reply.Sha256, reply.BodyKind, reply.SealedBody, null, [])]))[0];
        AnswerState state = found.Verdict.Kind switch
        {
            VerdictKind.Clean => AnswerState.Answered,
            VerdictKind.Unavailable => AnswerState.Held,
            _ => AnswerState.Quarantined,
        };
        Reduced? value = state == AnswerState.Answered ? await services.FindAsync(step.Reduction, reply.Id, reply.BodyKind, reply.SealedBody) : null;
        return new JudgedReply(reply, state, found.Verdict, found.SignatureVersion, value);
    }

    /// <summary>Stores a new reply.</summary>
    public Move Put(CollationState state, JudgedReply judged) => ToMove(state, judged, new PutReply(judged.Reply, judged.State, services.Now) { Events = Events(judged) });

    /// <summary>Scans what is held once more. Null: the scanner is still away, or the reply is gone.</summary>
    public async Task<JudgedReply?> JudgeAgainAsync(string team)
    {
        if (services.Scanner.SignatureVersion is null
            || await services.Asks.AnswerAsync(key.Ask, team) is not { State: AnswerState.Held, Sealed: { } body, Reply: { } id, Sha256: { } digest } row)
            return null;
        JudgedReply judged = await JudgeAsync(new NewReply
        {
            Id = id,
            Ask = key.Ask,
            Team = team,
            BodyKind = row.BodyKind,
            ContentType = row.ContentType ?? "",
            SealedBody = body,
            Size = row.Size,
            Sha256 = digest,
        });
        return judged.State == AnswerState.Held ? null : judged;
    }

    public Move MoveOn(CollationState state, JudgedReply judged) =>
        ToMove(state, judged, new MoveReply(key.Ask, judged.Reply.Team, AnswerState.Held, judged.State) { Events = Events(judged) });

    private Move ToMove(CollationState state, JudgedReply judged, Change change) => new(
        state.WithAnswer(judged.ToAnswer()),
        judged.State == AnswerState.Quarantined ? [change, new InsertQuarantine(Entry(judged))] : [change],
        []);

    private JournalEvent[] Events(JudgedReply judged)
    {
        string type = judged.State switch
        {
            AnswerState.Answered => EventTypes.AskReplied,
            AnswerState.Held => EventTypes.AskReplyHeld,
            _ => EventTypes.AskReplyQuarantined,
        };
        return
        [
            step.Event(type) with
            {
                From = step.Ask.From, Team = judged.Reply.Team, Size = judged.Reply.Size, Sha256 = judged.Reply.Sha256, Verdict = Name(judged.Verdict.Kind),
                SignatureVersion = judged.SignatureVersion, Reason = judged.Verdict.Detail, TraceParent = judged.Reply.TraceParent ?? step.Ask.TraceParent,
            },
        ];
    }

    /// <summary>The reply's id is the entry's: a second try of the same commit adds no second entry.</summary>
    private QuarantineView Entry(JudgedReply judged)
    {
        string verdict = Name(judged.Verdict.Kind);
        CollationLog.Quarantined(services.Log, key.ToString(), judged.Reply.Team, verdict, judged.Verdict.Detail);
        return new QuarantineView
        {
            Id = judged.Reply.Id,
            Ask = key.Ask,
            From = judged.Reply.Team,
            To = step.Ask.From,
            Subject = step.Ask.Subject,
            Verdict = verdict,
            Signature = judged.Verdict.Detail ?? verdict,
            SignatureVersion = judged.SignatureVersion ?? "",
            Node = key.Node,
            Silo = services.Silo,
            At = services.Now,
            State = "waiting",
        };
    }

    private static string Name(VerdictKind kind) => kind switch
    {
        VerdictKind.Clean => "clean",
        VerdictKind.Infected => "infected",
        VerdictKind.Unscannable => "unscannable",
        _ => "unavailable",
    };
}
