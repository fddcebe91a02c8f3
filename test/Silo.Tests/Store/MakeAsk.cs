using ShitOps.Grains;
using ShitOps.Grains.Journal;
using ShitOps.Grains.Storage;

namespace ShitOps.Silo.Tests.Store;

/// <summary>Changes of asks as collation grains make them. The ask goes to teams b and c at node 3 and to a at node 1, its top.</summary>
internal static class MakeAsk
{
    public const int Top = 1, Below = 3;

    public static InsertMessage Ask(string tree, int? quorum = null, DateTimeOffset? deadline = null, NewMessage? message = null, string suffix = "")
    {
        NewMessage m = (message ?? Make.Message("asker")) with { Kind = MessageKind.Ask, To = "all" };
        m = m with { Reference = m.Id };
        return Make.Insert(m, node: new(tree, 5)) with
        {
            Ask = new AskRows(new AskSpec(deadline ?? Make.Now.AddHours(1), quorum, CollateKind.Tally, "/ready"), Top, Guid.CreateVersion7(),
                [new(Below, 2), new(Top, 3)], [new("b" + suffix, Below), new("c" + suffix, Below), new("a" + suffix, Top)]),
            Events = [Make.Told(EventTypes.MessageAccepted, m.Id), Make.Told(EventTypes.AskOpened, m.Id) with { Reference = m.Id, From = m.From }],
        };
    }

    public static NewReply Reply(Guid ask, string team, byte seed = 1) => new()
    {
        Id = Guid.CreateVersion7(),
        Ask = ask,
        Team = team,
        BodyKind = BodyKind.Json,
        ContentType = "application/json",
        SealedBody = [seed, 2, 3],
        Size = 2,
        Sha256 = [.. Enumerable.Repeat(seed, 32)],
    };

    public static PutReply Put(NewReply reply, AnswerState to = AnswerState.Answered) =>
        new(reply, to, Make.Now.AddSeconds(1)) { Events = [Told(EventTypes.AskReplied, reply.Ask, 1) with { Team = reply.Team, Sha256 = reply.Sha256 }] };

    public static PutCollation Collate(Guid ask, int node, int version, CollationStage stage = CollationStage.Collecting, DateTimeOffset? at = null) =>
        new(ask, node, version, stage, [(byte)version], at ?? Make.Now.AddSeconds(1));

    public static EndAsk End(Guid ask, AskState to = AskState.Complete, int answered = 3, DateTimeOffset? at = null) =>
        new(ask, to, answered, [7, 7], at ?? Make.Now.AddSeconds(2)) { Events = [Told(EventTypes.AskCompleted, ask, 2)] };

    public static JournalEvent Told(string type, Guid reference, int second) => new(type, Make.Now.AddSeconds(second)) { Reference = reference, Silo = "silo-1" };
}
