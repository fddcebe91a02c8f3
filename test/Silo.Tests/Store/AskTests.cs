using ShitOps.Grains;
using ShitOps.Grains.Journal;
using ShitOps.Grains.Storage;
using ShitOps.Silo.Store;

namespace ShitOps.Silo.Tests.Store;

public sealed class AsksOnMariaDb(OnMariaDb fixture) : AskTests(fixture), IClassFixture<OnMariaDb>;

[Trait("server", "mysql")]
public sealed class AsksOnMySql(OnMySql fixture) : AskTests(fixture), IClassFixture<OnMySql>;

public sealed class AsksOnSqlite(OnSqlite fixture) : AskTests(fixture), IClassFixture<OnSqlite>;

public abstract class AskTests(StoreFixture fixture)
{
    private readonly StoreProcess _store = fixture.Process;

    private IAskStore Asks => _store.Get<IAskStore>();
    private IArchiveStore Archive => _store.Get<IArchiveStore>();

    private static void Answers(bool[] expected, bool[] actual) => Assert.Equal(expected, actual);

    private async Task<ChangeResult[]> AllOrNothingAsync(params Change[] changes) => await _store.Get<ICommitQueue>().CommitAsync(new Commit(changes, AllOrNothing: true));

    private async Task<(Guid Id, string Tree, AskRows Rows)> OpenedAsync(int? quorum = null, DateTimeOffset? deadline = null)
    {
        string tree = Make.Team();
        InsertMessage insert = MakeAsk.Ask(tree, quorum, deadline);
        Answers([true], await _store.AppliedAsync(insert));
        return (insert.Message.Id, tree, insert.Ask!);
    }

    [Fact]
    public async Task An_ask_is_read_as_it_was_stored()
    {
        string tree = Make.Team();
        InsertMessage insert = MakeAsk.Ask(tree, quorum: 2);
        NewMessage m = insert.Message;
        Answers([true], await _store.AppliedAsync(insert));
        var expected = new AskRow(m.Id, tree, m.From, "all", m.Subject, MakeAsk.Top, insert.Ask!.Spec, AskState.Open, 3, insert.Ask.Result, Make.Now, null, m.TraceParent);
        Assert.Equal(expected, await Asks.FindAsync(m.Id));
        CollationRow below = (await Asks.CollationAsync(m.Id, MakeAsk.Below))!, top = (await Asks.CollationAsync(m.Id, MakeAsk.Top))!;
        Assert.Equal((expected, 2, 0, CollationStage.Collecting), (below.Ask, below.Asked, below.Version, below.Stage));
        Assert.Null(below.Data);
        Assert.Equal(["b", "c"], below.Teams.Select(team => team.Team));
        Assert.Equal(new AnswerRow("b", MakeAsk.Below, AnswerState.Asked, null, null, BodyKind.Json, null, 0, null, null), below.Teams[0]);
        Assert.Empty(below.Children);
        Assert.Equal([MakeAsk.Below], top.Children);
        Assert.Equal("a", Assert.Single(top.Teams).Team);
        Assert.Null(await Asks.CollationAsync(m.Id, 4));
        Assert.Null(await Asks.CollationAsync(Guid.CreateVersion7(), MakeAsk.Top));
        Assert.Null(await Asks.FindAsync(Guid.CreateVersion7()));
        AskView view = (await Asks.ViewAsync(m.Id))!;
        Assert.Equal(["b", "c", "a"], view.Teams);
        Assert.Equal((3, 0, AskState.Open), (view.Asked, view.Answered, view.State));
        Assert.Equal([MakeAsk.Below, MakeAsk.Top], view.Nodes.Select(node => node.Index));
        Assert.Null(await Asks.ViewAsync(Guid.CreateVersion7()));
    }

    [Fact]
    public async Task An_ask_is_stored_with_its_message_or_not_at_all()
    {
        string tree = Make.Team(), team = Make.Team();
        InsertMessage first = MakeAsk.Ask(tree, message: Make.Message(team, key: "k")), repeat = MakeAsk.Ask(tree, message: Make.Message(team, key: "k"));
        InsertMessage[] others = [.. Enumerable.Range(0, 20).Select(_ => MakeAsk.Ask(tree))];
        Answers([true], await _store.AppliedAsync(first));
        ChangeResult[] results = await _store.CommitAsync([repeat, .. others]);
        Assert.Equal((false, first.Message.Id), (results[0].Applied, results[0].Existing!.Id));
        Assert.All(results[1..], result => Assert.True(result.Applied));
        Assert.Null(await Asks.FindAsync(repeat.Message.Id));
        foreach (InsertMessage other in others)
            Assert.Equal(2, (await Asks.CollationAsync(other.Message.Id, MakeAsk.Below))!.Teams.Count);
        // The same call again.
        Answers([false], await _store.AppliedAsync(first));
        InsertMessage dropped = MakeAsk.Ask(tree);
        Assert.DoesNotContain(await AllOrNothingAsync(dropped, Make.Move(Guid.CreateVersion7(), MessageState.Held)), result => result.Applied);
        Assert.Null(await Asks.FindAsync(dropped.Message.Id));
    }

    [Fact]
    public async Task A_team_replies_once_and_only_if_it_was_asked_and_while_the_ask_is_open()
    {
        (Guid ask, _, AskRows rows) = await OpenedAsync();
        NewReply reply = MakeAsk.Reply(ask, "b");
        Answers([true], await _store.AppliedAsync(MakeAsk.Put(reply)));
        Answers([false, false, false, true], await _store.AppliedAsync(
            MakeAsk.Put(MakeAsk.Reply(ask, "b")), MakeAsk.Put(MakeAsk.Reply(ask, "stranger")), MakeAsk.Put(MakeAsk.Reply(Guid.CreateVersion7(), "b")), MakeAsk.Put(MakeAsk.Reply(ask, "c"))));
        AnswerRow answer = (await Asks.AnswerAsync(ask, "b"))!;
        Assert.Equivalent(new AnswerRow("b", MakeAsk.Below, AnswerState.Answered, reply.Id, Make.Now.AddSeconds(1), BodyKind.Json, reply.ContentType, 2, reply.Sha256, reply.SealedBody), answer, strict: true);
        Assert.Null(await Asks.AnswerAsync(ask, "stranger"));

        Answers([true], await _store.AppliedAsync(MakeAsk.End(ask, AskState.Partial, answered: 2)));
        Answers([false, false], await _store.AppliedAsync(MakeAsk.Put(MakeAsk.Reply(ask, "a")), MakeAsk.End(ask)));
        AskView view = (await Asks.ViewAsync(ask))!;
        Assert.Equal((AskState.Partial, 2, rows.Result, (DateTimeOffset?)Make.Now.AddSeconds(2)), (view.State, view.Answered, view.Result, view.EndedAt));
        Assert.Equal([7, 7], view.SealedResult);
        Assert.Equal([new MissingTeam("a", "no_reply")], view.Missing);
        Assert.Equal([(MakeAsk.Below, 2, 0), (MakeAsk.Top, 0, 1)], view.Nodes.Select(node => (node.Index, node.Answered, node.Missing.Length)));
    }

    [Fact]
    public async Task Of_two_replies_of_one_team_in_one_batch_the_first_wins()
    {
        (Guid ask, _, _) = await OpenedAsync();
        NewReply first = MakeAsk.Reply(ask, "b");
        Answers([true, false], await _store.AppliedAsync(MakeAsk.Put(first), MakeAsk.Put(MakeAsk.Reply(ask, "b"))));
        Assert.Equal(first.Id, (await Asks.AnswerAsync(ask, "b"))!.Reply);
    }

    [Fact]
    public async Task A_reply_and_its_collation_are_stored_together_under_the_version_last_read()
    {
        (Guid ask, _, _) = await OpenedAsync();
        Assert.All(await AllOrNothingAsync(MakeAsk.Put(MakeAsk.Reply(ask, "b")), MakeAsk.Collate(ask, MakeAsk.Below, 0)), result => Assert.True(result.Applied));
        // A second activation still has the version before.
        Assert.All(await AllOrNothingAsync(MakeAsk.Put(MakeAsk.Reply(ask, "c")), MakeAsk.Collate(ask, MakeAsk.Below, 0)), result => Assert.False(result.Applied));
        Assert.Equal(AnswerState.Asked, (await Asks.AnswerAsync(ask, "c"))!.State);
        Assert.All(await AllOrNothingAsync(MakeAsk.Put(MakeAsk.Reply(ask, "c")), MakeAsk.Collate(ask, MakeAsk.Below, 1, CollationStage.Ready)), result => Assert.True(result.Applied));
        CollationRow row = (await Asks.CollationAsync(ask, MakeAsk.Below))!;
        Assert.Equal((2, CollationStage.Ready), (row.Version, row.Stage));
        Assert.Equal([1], row.Data);
        Answers([false, false], await _store.AppliedAsync(MakeAsk.Collate(ask, 4, 0), MakeAsk.Collate(Guid.CreateVersion7(), MakeAsk.Top, 0)));
    }

    [Fact]
    public async Task A_reply_moves_only_from_the_state_named_and_while_the_ask_is_open()
    {
        (Guid ask, _, _) = await OpenedAsync();
        await _store.CommitAsync(MakeAsk.Put(MakeAsk.Reply(ask, "b"), AnswerState.Held), MakeAsk.Put(MakeAsk.Reply(ask, "c"), AnswerState.Quarantined));
        Assert.Equal(["scanner_unavailable", "quarantined", "no_reply"], (await Asks.ViewAsync(ask))!.Missing.Select(missing => missing.Reason));
        Answers([false, true, false, false], await _store.AppliedAsync(
            new MoveReply(ask, "b", AnswerState.Quarantined, AnswerState.Answered), new MoveReply(ask, "b", AnswerState.Held, AnswerState.Answered),
            new MoveReply(ask, "b", AnswerState.Held, AnswerState.Answered), new MoveReply(ask, "a", AnswerState.Held, AnswerState.Answered)));
        Answers([true], await _store.AppliedAsync(MakeAsk.End(ask)));
        Answers([false], await _store.AppliedAsync(new MoveReply(ask, "c", AnswerState.Quarantined, AnswerState.Answered)));
    }

    [Fact]
    public async Task Purging_destroys_a_reply_in_quarantine_and_no_other()
    {
        (Guid ask, _, _) = await OpenedAsync();
        NewReply good = MakeAsk.Reply(ask, "b"), bad = MakeAsk.Reply(ask, "c");
        var entry = new QuarantineView
        {
            Id = bad.Id,
            Ask = ask,
            From = "c",
            To = "asker",
            Verdict = "infected",
            Signature = "Eicar",
            SignatureVersion = "1",
            Node = 3,
            Silo = "s",
            At = Make.Now,
            State = "waiting",
        };
        Assert.All(await AllOrNothingAsync(MakeAsk.Put(good), MakeAsk.Put(bad, AnswerState.Quarantined), new InsertQuarantine(entry)), result => Assert.True(result.Applied));
        Assert.Equal(entry, await Archive.QuarantineEntryAsync(bad.Id));
        await _store.CommitAsync(MakeAsk.End(ask));
        Answers([false, true, false], await _store.AppliedAsync(new PurgeReply(ask, good.Id), new PurgeReply(ask, bad.Id), new PurgeReply(ask, bad.Id)));
        Assert.Null((await Asks.AnswerAsync(ask, "c"))!.Sealed);
        Assert.NotNull((await Asks.AnswerAsync(ask, "b"))!.Sealed);
    }

    [Fact]
    public async Task Clean_replies_are_paged_in_post_order()
    {
        (Guid ask, _, _) = await OpenedAsync();
        await _store.CommitAsync(MakeAsk.Put(MakeAsk.Reply(ask, "a", 9)), MakeAsk.Put(MakeAsk.Reply(ask, "c", 8)));
        Page<ReplyView> page = await Asks.RepliesAsync(ask, null, 1);
        Assert.Equal("c", Assert.Single(page.Items).Team);
        page = await Asks.RepliesAsync(ask, page.Next, 1);
        Assert.Equal(("a", (byte)9), (Assert.Single(page.Items).Team, page.Items[0].SealedBody[0]));
        Assert.Null(page.Next);
        await _store.CommitAsync(MakeAsk.Put(MakeAsk.Reply(ask, "b"), AnswerState.Held));
        Assert.Equal(2, (await Asks.RepliesAsync(ask, null, 10)).Items.Length);
        Assert.Equal("c", Assert.Single(await Asks.AnswersAsync(ask, ["b", "c", "stranger"])).Team);
        await Assert.ThrowsAsync<FormatException>(() => Asks.RepliesAsync(ask, "x", 1));
    }

    [Fact]
    public async Task An_ask_is_due_at_its_deadline_or_once_its_quorum_is_reached_until_it_ends()
    {
        (Guid ask, string tree, _) = await OpenedAsync(quorum: 2);
        async Task<bool> DueAsync(DateTimeOffset now) => (await Asks.DueAsync(tree, now, 10)).Contains((ask, MakeAsk.Top));
        Assert.False(await DueAsync(Make.Now.AddHours(1).AddMilliseconds(-1)));
        Assert.True(await DueAsync(Make.Now.AddHours(1)));
        await _store.CommitAsync(MakeAsk.Put(MakeAsk.Reply(ask, "b")), MakeAsk.Put(MakeAsk.Reply(ask, "c"), AnswerState.Held));
        Assert.False(await DueAsync(Make.Now));
        await _store.CommitAsync(new MoveReply(ask, "c", AnswerState.Held, AnswerState.Answered));
        Assert.True(await DueAsync(Make.Now));
        Assert.Empty(await Asks.DueAsync(Make.Team(), Make.Now.AddDays(1), 10));
        await _store.CommitAsync(MakeAsk.End(ask));
        Assert.False(await DueAsync(Make.Now.AddDays(1)));
    }

    [Fact]
    public async Task A_quorum_reached_within_one_commit_is_seen_and_without_a_quorum_no_count_is_kept()
    {
        (Guid ask, string tree, _) = await OpenedAsync(quorum: 3);
        (Guid all, string other, _) = await OpenedAsync();
        await _store.CommitAsync([.. new[] { "a", "b", "c" }.SelectMany(team => new Change[] { MakeAsk.Put(MakeAsk.Reply(ask, team)), MakeAsk.Put(MakeAsk.Reply(all, team)) })]);
        Assert.Equal(ask, Assert.Single(await Asks.DueAsync(tree, Make.Now, 10)).Ask);
        Assert.Empty(await Asks.DueAsync(other, Make.Now, 10));
    }

    [Fact]
    public async Task Stranded_are_nodes_that_are_ready_for_long_or_hold_replies_of_open_asks()
    {
        (Guid ask, string tree, _) = await OpenedAsync();
        await _store.CommitAsync(MakeAsk.Collate(ask, MakeAsk.Below, 0, CollationStage.Ready));
        Assert.Empty(await Asks.StrandedAsync(tree, Make.Now.AddSeconds(1), 10));
        Assert.Equal([(ask, MakeAsk.Below)], await Asks.StrandedAsync(tree, Make.Now.AddSeconds(2), 10));
        Assert.Empty(await Asks.StrandedAsync(Make.Team(), Make.Now.AddSeconds(2), 10));
        await _store.CommitAsync(MakeAsk.Collate(ask, MakeAsk.Below, 1, CollationStage.Passed), MakeAsk.Put(MakeAsk.Reply(ask, "a"), AnswerState.Held));
        Assert.Equal([(ask, MakeAsk.Top)], await Asks.StrandedAsync(tree, Make.Now, 10));
        await _store.CommitAsync(MakeAsk.Collate(ask, MakeAsk.Top, 0, CollationStage.Ready), MakeAsk.End(ask));
        Assert.Empty(await Asks.StrandedAsync(tree, Make.Now.AddDays(1), 10));
    }

    [Fact]
    public async Task The_end_and_the_collation_for_the_asker_are_one_commit()
    {
        (Guid ask, string tree, AskRows rows) = await OpenedAsync();
        InsertMessage result = Make.Insert(Make.Message("asker") with { Id = rows.Result, Kind = MessageKind.Collation, To = "asker", Reference = ask }, node: new(tree, 5));
        Assert.All(await AllOrNothingAsync(MakeAsk.End(ask), result), r => Assert.True(r.Applied));
        InsertMessage again = Make.Insert(Make.Message("asker"), node: new(tree, 5));
        Assert.All(await AllOrNothingAsync(MakeAsk.End(ask), again), r => Assert.False(r.Applied));
        Assert.Null(await Archive.MessageAsync(again.Message.Id));
        Assert.NotNull(await Archive.MessageAsync(rows.Result));
    }

    [Fact]
    public async Task A_trace_of_an_ask_holds_what_was_told_of_it_wherever_that_was_told()
    {
        (Guid ask, _, _) = await OpenedAsync();
        await _store.CommitAsync(MakeAsk.Put(MakeAsk.Reply(ask, "b")), MakeAsk.Collate(ask, MakeAsk.Below, 0));
        await _store.CommitAsync(MakeAsk.Collate(ask, MakeAsk.Below, 1) with { Events = [MakeAsk.Told(EventTypes.AskCollated, ask, 2) with { Node = 3 }] });
        await _store.CommitAsync(new Note { Events = [MakeAsk.Told(EventTypes.QuarantineReleased, ask, 3)] });
        await _store.CommitAsync(MakeAsk.End(ask) with { Events = [MakeAsk.Told(EventTypes.AskCompleted, ask, 4)] });
        // Refused: not told.
        await _store.CommitAsync(MakeAsk.Put(MakeAsk.Reply(ask, "c")));
        await _store.CommitAsync(MakeAsk.Put(MakeAsk.Reply((await OpenedAsync()).Id, "b")));
        IReadOnlyList<EventView> trace = await Asks.TraceAsync(ask);
        Assert.Equal([EventTypes.AskOpened, EventTypes.AskReplied, EventTypes.AskCollated, EventTypes.QuarantineReleased, EventTypes.AskCompleted], trace.Select(e => e.Type));
        Assert.All(trace, e => Assert.Equal(ask, e.Reference));
        Assert.Equal([EventTypes.MessageAccepted, EventTypes.AskOpened], (await Archive.TraceAsync(ask)).Select(e => e.Type));
        Assert.Contains(await _store.EventsAsync("ask.*", "b"), e => e.Reference == ask);
    }

    [Fact]
    public async Task Replies_of_many_teams_through_two_silos_are_each_stored_once()
    {
        string tree = Make.Team();
        string[] teams = [.. Enumerable.Range(0, 120).Select(i => $"t{i:000}")];
        InsertMessage insert = MakeAsk.Ask(tree);
        insert = insert with { Ask = insert.Ask! with { Spec = insert.Ask.Spec with { Quorum = 100 }, Teams = [.. teams.Select((team, i) => new AskTeamRow(team, i / 2))], Nodes = [.. Enumerable.Range(0, 60).Select(i => new AskNodeRow(i, 2))] } };
        Guid ask = insert.Message.Id;
        await _store.CommitAsync(insert);
        await using StoreProcess second = await fixture.NewProcessAsync();
        int stored = 0;
        await Parallel.ForEachAsync(teams.Concat(teams.Reverse()), new ParallelOptions { MaxDegreeOfParallelism = 60 }, async (team, _) =>
        {
            StoreProcess store = Random.Shared.Next(2) == 0 ? _store : second;
            Interlocked.Add(ref stored, (await store.AppliedAsync(MakeAsk.Put(MakeAsk.Reply(ask, team)))).Count(applied => applied));
        });
        Assert.Equal(120, stored);
        Assert.Equal(ask, Assert.Single(await Asks.DueAsync(tree, Make.Now, 10)).Ask);
        Assert.Equal(120, (await Asks.TraceAsync(ask)).Count(e => e.Type == EventTypes.AskReplied));
        Assert.Equal(teams, (await Asks.RepliesAsync(ask, null, 1000)).Items.Select(reply => reply.Team));
    }

    [Fact]
    public async Task Retention_deletes_asks_that_ended_long_ago_and_no_open_one()
    {
        DateTimeOffset old = TimeProvider.System.GetUtcNow().AddDays(-40);
        InsertMessage Old() => MakeAsk.Ask(Make.Team(), message: Make.Message("a") with { Id = Guid.CreateVersion7(old) }) with { AcceptedAt = old };
        InsertMessage ended = Old(), open = Old(), late = Old();
        var delivered = new MoveMessage(open.Message.Id, MessageStateSet.Unsettled, MessageState.Delivered, old);
        await _store.CommitAsync(ended, open, late, delivered, MakeAsk.End(ended.Message.Id, at: old.AddDays(1)), MakeAsk.End(late.Message.Id, at: old.AddDays(39)));
        await _store.Get<Retention>().RunAsync();
        Assert.Null(await Asks.ViewAsync(ended.Message.Id));
        Assert.Null(await Asks.AnswerAsync(ended.Message.Id, "b"));
        Assert.Equal(3, (await Asks.ViewAsync(open.Message.Id))!.Teams.Length);
        Assert.NotNull(await Archive.MessageAsync(open.Message.Id));
        Assert.NotNull(await Asks.ViewAsync(late.Message.Id));
    }
}
