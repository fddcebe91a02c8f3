using ShitOps.Grains;
using ShitOps.Grains.Journal;
using ShitOps.Grains.Storage;
using ShitOps.Silo.Store;

namespace ShitOps.Silo.Tests.Store;

public sealed class CommitsOnMariaDb(OnMariaDb fixture) : CommitTests(fixture), IClassFixture<OnMariaDb>;

[Trait("server", "mysql")]
public sealed class CommitsOnMySql(OnMySql fixture) : CommitTests(fixture), IClassFixture<OnMySql>;

public sealed class CommitsOnSqlite(OnSqlite fixture) : CommitTests(fixture), IClassFixture<OnSqlite>;

public abstract class CommitTests(StoreFixture fixture)
{
    private readonly StoreProcess _store = fixture.Process;

    private IOutboxStore Outbox => _store.Get<IOutboxStore>();
    private IInboxStore Inbox => _store.Get<IInboxStore>();
    private IArchiveStore Archive => _store.Get<IArchiveStore>();

    private static void Answers(bool[] expected, bool[] actual) => Assert.Equal(expected, actual);

    [Fact]
    public async Task A_message_is_read_as_it_was_stored()
    {
        string sender = Make.Team();
        NewMessage m = Make.Message(sender) with
        {
            ExpiresAt = Make.Now.AddHours(1),
            DeliverAt = Make.Now.AddMinutes(1),
            Priority = Priority.Urgent,
            Kind = MessageKind.Task,
            BodyKind = BodyKind.Bytes,
            Attachments = [Guid.CreateVersion7(), Guid.CreateVersion7()],
            To = "function:Qualität",
        };
        var node = new NodeKey("main", 501);
        Answers([true], await _store.AppliedAsync(Make.Insert(m, sequence: 7, node: node)));

        OutboxRow row = Assert.Single(await Outbox.LoadAsync(new("main", [sender]), MessageState.Queued, 6, 10));
        Assert.Equivalent(new OutboxRow(m.Id, 7, MessageState.Queued, sender, m.To, m.Sha256, m.Size, Priority.Urgent, "build", Make.Now, m.ExpiresAt,
            MessageKind.Task, m.TraceParent, false, BodyKind.Bytes, m.Attachments), row, strict: true);
        Assert.Empty(await Outbox.LoadAsync(new("main", [sender]), MessageState.Queued, 7, 10));
        StoredBody body = Assert.Single(await Outbox.LoadBodiesAsync([m.Id]));
        Assert.Equal(m.SealedBody, body.Sealed);
        Assert.Equal(m.Subject, body.Subject);
        Assert.Equal((sender, MessageState.Queued), await Outbox.FindAsync(m.Id));
        Assert.Null(await Outbox.FindAsync(Guid.CreateVersion7()));
        MessageView view = (await Archive.MessageAsync(m.Id))!;
        Assert.Equal((m.From, m.To, m.Subject, m.DeliverAt, m.CorrelationId), (view.From, view.To, view.Subject, view.DeliverAt, view.CorrelationId));
    }

    [Fact]
    public async Task The_same_message_again_is_not_stored_again()
    {
        NewMessage m = Make.Message("a");
        await _store.CommitAsync(Make.Insert(m));
        ChangeResult again = (await _store.CommitAsync(Make.Insert(m), Make.Insert(Make.Message("a"))))[0];
        Assert.False(again.Applied);
        Assert.Equal(new ExistingMessage(m.Id, MessageState.Queued, true), again.Existing);
        Assert.Single(await Archive.TraceAsync(m.Id));
    }

    [Fact]
    public async Task An_idempotency_key_used_again_names_the_first_message_and_whether_the_request_is_the_same()
    {
        string team = Make.Team();
        NewMessage first = Make.Message(team, key: "k é", digest: [1]);
        NewMessage repeat = Make.Message(team, key: "k é", digest: [1]), other = Make.Message(team, key: "k é", digest: [2]);
        await _store.CommitAsync(Make.Insert(first));
        ChangeResult[] results = await _store.CommitAsync(Make.Insert(repeat), Make.Insert(other), Make.Insert(Make.Message(Make.Team(), key: "k é")));
        Assert.Equal(new ChangeResult(false, new(first.Id, MessageState.Queued, true)), results[0]);
        Assert.Equal(new ChangeResult(false, new(first.Id, MessageState.Queued, false)), results[1]);
        Assert.True(results[2].Applied);
        Assert.Null(await Archive.MessageAsync(repeat.Id));
    }

    [Fact]
    public async Task Keys_that_differ_in_case_accent_or_trailing_space_are_different_keys()
    {
        string team = Make.Team();
        Assert.All(await _store.AppliedAsync([.. new[] { "key", "KEY", "kéy", "key ", "key\0", "" }.Select(k => Make.Insert(Make.Message(team, key: k)))]), Assert.True);
    }

    [Fact]
    public async Task Within_one_batch_the_first_of_two_messages_under_a_key_wins()
    {
        string team = Make.Team();
        NewMessage first = Make.Message(team, key: "k"), second = Make.Message(team, key: "k");
        ChangeResult[] results = await _store.CommitAsync(Make.Insert(first), Make.Insert(second));
        Assert.Equal([true, false], results.Select(r => r.Applied));
        Assert.Equal(first.Id, results[1].Existing!.Id);
    }

    [Fact]
    public async Task After_its_window_a_key_is_free_again()
    {
        string team = Make.Team();
        NewMessage second = Make.Message(team, key: "k", digest: [2]);
        await _store.CommitAsync(Make.Insert(Make.Message(team, key: "k", digest: [1])));
        DateTimeOffset later = Make.Now + Limits.IdempotencyWindow;
        Answers([false], await _store.AppliedAsync(Make.Insert(second, at: later.AddMilliseconds(-1))));
        Answers([true], await _store.AppliedAsync(Make.Insert(second, at: later)));
        ChangeResult third = (await _store.CommitAsync(Make.Insert(Make.Message(team, key: "k", digest: [2]), at: later)))[0];
        Assert.Equal(new ExistingMessage(second.Id, MessageState.Queued, true), third.Existing);
    }

    [Fact]
    public async Task A_message_moves_only_from_the_states_named()
    {
        NewMessage m = Make.Message("a");
        await _store.CommitAsync(Make.Insert(m));
        Answers([false], await _store.AppliedAsync(Make.Move(m.Id, MessageState.Delivered, MessageStateSet.Of(MessageState.Held))));
        Answers([true], await _store.AppliedAsync(Make.Move(m.Id, MessageState.Held, reason: "scanner away")));
        Answers([true, false], await _store.AppliedAsync(Make.Move(m.Id, MessageState.Delivered), Make.Move(m.Id, MessageState.Cancelled)));
        Answers([false], await _store.AppliedAsync(Make.Move(Guid.CreateVersion7(), MessageState.Held)));
        MessageView view = (await Archive.MessageAsync(m.Id))!;
        Assert.Equal((MessageState.Delivered, (DateTimeOffset?)Make.Now.AddSeconds(2)), (view.State, view.SettledAt));
        Assert.DoesNotContain(await Archive.TraceAsync(m.Id), e => e.Reason == "Cancelled");
    }

    [Fact]
    public async Task On_its_usual_way_a_row_keeps_its_length_so_that_the_database_need_not_move_it()
    {
        NewMessage m = Make.Message("a");
        await _store.CommitAsync(Make.Insert(m));
        List<long> message = await LengthsAsync("message", "id", "settled_at");
        Assert.Null((await Archive.MessageAsync(m.Id))!.SettledAt);
        Answers([true, true], await _store.AppliedAsync(Make.Deliver(m.Id, "qa"), Make.Move(m.Id, MessageState.Delivered) with { Events = [] }));
        Assert.Equal(message, await LengthsAsync("message", "id", "settled_at"));

        List<long> delivery = await LengthsAsync("delivery", "message_id", "acknowledged_at");
        Assert.Null(Assert.Single((await Archive.MessageAsync(m.Id))!.Deliveries).AcknowledgedAt);
        Answers([true], await _store.AppliedAsync(Make.Ack(m.Id, "qa")));
        Assert.Equal(delivery, await LengthsAsync("delivery", "message_id", "acknowledged_at"));

        MessageView view = (await Archive.MessageAsync(m.Id))!;
        Assert.NotNull(view.SettledAt);
        Assert.NotNull(Assert.Single(view.Deliveries).AcknowledgedAt);
        Assert.Equal([EventTypes.MessageAccepted, EventTypes.MessageDelivered, EventTypes.MessageAcknowledged], (await Archive.TraceAsync(m.Id)).Select(e => e.Type));

        // The place of the acknowledgement is taken: what else is told goes behind it.
        await _store.CommitAsync(Make.Move(m.Id, MessageState.Quarantined, MessageState.Delivered));
        Assert.Equal(4, (await Archive.TraceAsync(m.Id)).Count);

        async Task<List<long>> LengthsAsync(string table, string id, string time) => Assert.Single(await _store.Get<Database>().QueryAsync(
            $"SELECT LENGTH(trail), COUNT({time}) FROM {table} WHERE {id} = ? GROUP BY LENGTH(trail)", [m.Id.ToColumn()], row => new List<long> { row.GetInt64(0), row.GetInt64(1) }));
    }

    [Fact]
    public async Task Changes_of_one_row_in_one_commit_take_effect_in_order()
    {
        string sender = Make.Team();
        NewMessage m = Make.Message(sender);
        Answers([true, true, true, true, true], await _store.AppliedAsync(
            Make.Insert(m), Make.Move(m.Id, MessageState.Held, MessageStateSet.Of(MessageState.Queued)),
            Make.Move(m.Id, MessageState.Queued, MessageStateSet.Of(MessageState.Held)) with { Sequence = 99, Node = new("main", 77) },
            Make.Deliver(m.Id, "qa"), Make.Ack(m.Id, "qa")));
        Assert.Equal(99, Assert.Single(await Outbox.LoadAsync(new("main", [sender]), MessageState.Queued, 0, 9)).Sequence);
        Assert.Equal(DeliveryState.Acknowledged, (await Inbox.StatesAsync("qa", [m.Id]))[m.Id]);
    }

    [Fact]
    public async Task Release_and_purge_reach_the_row()
    {
        string sender = Make.Team();
        NewMessage released = Make.Message(sender), purged = Make.Message(sender);
        await _store.CommitAsync(Make.Insert(released), Make.Insert(purged));
        await _store.CommitAsync(Make.Move(released.Id, MessageState.Queued) with { Release = true }, Make.Move(purged.Id, MessageState.Quarantined) with { Purge = true });
        Assert.True(Assert.Single(await Outbox.LoadAsync(new("main", [sender]), MessageState.Queued, 0, 9)).Released);
        Assert.Null(Assert.Single(await Outbox.LoadBodiesAsync([purged.Id])).Sealed);
    }

    [Fact]
    public async Task A_team_gets_a_message_once_in_the_order_of_posting()
    {
        string team = Make.Team();
        NewMessage[] messages = [.. Enumerable.Range(0, 50).Select(_ => Make.Message("a"))];
        await _store.CommitAsync([.. messages.Select(m => Make.Insert(m))]);
        // Not in the order of ids, so that only the order of posting can explain the order of the inbox.
        NewMessage[] shuffled = [.. messages.OrderBy(m => m.Id.ToString()[^6..])];
        Assert.All(await _store.AppliedAsync([.. shuffled.Select(m => Make.Deliver(m.Id, team))]), Assert.True);
        Answers([false, false], await _store.AppliedAsync(Make.Deliver(messages[0].Id, team), Make.Deliver(messages[1].Id, team)));

        IReadOnlyList<InboxRow> rows = await Inbox.LoadAsync(team, Priority.Normal, 0, 100);
        Assert.Equal(shuffled.Select(m => m.Id), rows.Select(row => row.Message));
        Assert.Equal(shuffled[0].SealedBody, rows[0].SealedBody);
        Assert.Equal(rows.Select(row => row.Sequence).Order(), rows.Select(row => row.Sequence));
        Assert.Equal(rows.Skip(10).Take(5).Select(r => r.Message),
            (await Inbox.LoadKeysAsync(team, Priority.Normal, rows[9].Sequence, rows[14].Sequence, 100)).Select(key => key.Message));
        Assert.Equal((50, (DateTimeOffset?)Make.Now.AddSeconds(1)), await Inbox.CountAsync(team));
        Assert.Empty(await Inbox.LoadAsync(team, Priority.Urgent, 0, 100));
    }

    [Fact]
    public async Task A_delivery_moves_only_while_it_waits()
    {
        string team = Make.Team();
        NewMessage m = Make.Message("a");
        await _store.CommitAsync(Make.Insert(m), Make.Deliver(m.Id, team, expires: Make.Now.AddHours(1)));
        var later = new MoveDelivery(m.Id, team, DeliveryState.Waiting, 3, Make.Now, Make.Now.AddMinutes(1));
        Answers([true], await _store.AppliedAsync(later));
        Answers([true], await _store.AppliedAsync(later)); // The same values again are another attempt all the same.
        InboxRow row = Assert.Single(await Inbox.LoadAsync(team, [m.Id]));
        Assert.Equal((3, later.NotBefore), (row.Attempts, row.NotBefore));
        Assert.Single(await Inbox.ExpiredAsync(team, Make.Now.AddHours(1), 10));
        Assert.Empty(await Inbox.ExpiredAsync(team, Make.Now, 10));
        Answers([true], await _store.AppliedAsync(Make.Ack(m.Id, team)));
        Answers([false, false], await _store.AppliedAsync(Make.Ack(m.Id, team), Make.Ack(m.Id, Make.Team())));
        Answers([false], await _store.AppliedAsync(later));
        Assert.Empty(await Inbox.LoadAsync(team, [m.Id]));
    }

    /// <summary>A team's removal looks for what is open, and what it found may settle before that is dead.</summary>
    [Fact]
    public async Task What_settled_or_was_acknowledged_meanwhile_becomes_no_dead_letter()
    {
        string team = Make.Team();
        NewMessage settled = Make.Message("a"), open = Make.Message("a");
        await _store.CommitAsync(Make.Insert(settled), Make.Insert(open), Make.Move(settled.Id, MessageState.Delivered), Make.Deliver(settled.Id, team));
        Change Letter(NewMessage m) => new InsertDeadLetter(m.Id, team, "a", "team_removed", 0, Make.Now);
        Answers([false, false, true, true], await _store.AppliedAsync(
            Make.Move(settled.Id, MessageState.Dead), Letter(settled), Make.Move(open.Id, MessageState.Dead), Letter(open)));
        await _store.CommitAsync(Make.Ack(settled.Id, team));
        Answers([false, false], await _store.AppliedAsync(new MoveDelivery(settled.Id, team, DeliveryState.Dead, 0, Make.Now), Letter(settled)));
        Assert.Equal(open.Id, Assert.Single(Assert.Single(await Archive.DeadLettersAsync(team, null, 10)).Items).Message);
    }

    [Fact]
    public async Task Deliveries_of_several_teams_move_by_their_numbers_and_one_with_an_old_number_moves_all_the_same()
    {
        NewMessage[] messages = [.. Enumerable.Range(0, 6).Select(_ => Make.Message("a"))];
        string[] teams = [Make.Team(), Make.Team(), Make.Team()];
        await _store.CommitAsync([.. messages.Select(m => Make.Insert(m)), .. messages.Select((m, i) => Make.Deliver(m.Id, teams[i % 3]))]);
        long[] numbers = await Task.WhenAll(messages.Select(async (m, i) => Assert.Single(await Inbox.LoadAsync(teams[i % 3], [m.Id])).Sequence));
        Change Ack(int i, long number) => Make.Ack(messages[i].Id, teams[i % 3]) with { Sequence = number };
        Answers([true, true, true], await _store.AppliedAsync(Ack(0, numbers[0]), Ack(1, numbers[1]), Ack(2, numbers[2])));
        // Dead and replayed meanwhile, with a number of which the inbox has not heard; and one that is settled already.
        await _store.CommitAsync(new MoveDelivery(messages[3].Id, teams[0], DeliveryState.Dead, 8, Make.Now), new InsertDeadLetter(messages[3].Id, teams[0], "a", "x", 8, Make.Now));
        await _store.CommitAsync(new RemoveDeadLetter(messages[3].Id, teams[0], Replay: true));
        await _store.CommitAsync(Make.Deliver(messages[3].Id, teams[0]));
        Answers([true, true, false], await _store.AppliedAsync(Ack(3, numbers[3]), Ack(4, numbers[4]), Ack(0, numbers[0])));
        Assert.Empty(await Inbox.LoadAsync(teams[0], [messages[3].Id]));
        // What has not moved is still there.
        Assert.Equal(messages[5].Id, Assert.Single(await Inbox.LoadAsync(teams[2], [messages[5].Id])).Message);
    }

    [Fact]
    public async Task All_or_nothing_means_that_one_failed_guard_drops_all_and_spares_other_commits()
    {
        string tree = Make.Team();
        NewMessage kept = Make.Message("a"), dropped = Make.Message(Make.Team(), key: "k");
        var queue = _store.Get<ICommitQueue>();
        Task<ChangeResult[]> good = queue.CommitAsync(new Commit([Make.Insert(kept)]));
        Task<ChangeResult[]> bad = queue.CommitAsync(new Commit(
            [new RaiseEpoch(tree, 0), Make.Insert(dropped), Make.Move(Guid.CreateVersion7(), MessageState.Held)], AllOrNothing: true));
        Assert.True((await good)[0].Applied);
        Assert.DoesNotContain(await bad, result => result.Applied);
        Assert.Null(await Archive.MessageAsync(dropped.Id));
        Assert.Equal(0, (await _store.Get<ITreeStore>().LoadAsync(tree)).Epoch);
        // Its idempotency key is free.
        Answers([true], await _store.AppliedAsync(Make.Insert(dropped)));
    }

    [Fact]
    public async Task Many_committers_at_once_agree_with_a_model()
    {
        string team = Make.Team();
        NewMessage[] messages = [.. Enumerable.Range(0, 200).Select(i => Make.Message("a", key: null))];
        await using StoreProcess second = await fixture.NewProcessAsync();
        int inserted = 0, delivered = 0, acknowledged = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, 64), new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (worker, _) =>
        {
            var random = new Random(worker);
            StoreProcess store = worker % 2 == 0 ? _store : second;
            for (int round = 0; round < 10; round++)
            {
                NewMessage[] some = [.. random.GetItems(messages, 5).DistinctBy(m => m.Id)];
                Interlocked.Add(ref inserted, (await store.AppliedAsync([.. some.Select(m => Make.Insert(m))])).Count(a => a));
                Interlocked.Add(ref delivered, (await store.AppliedAsync([.. some.Select(m => Make.Deliver(m.Id, team))])).Count(a => a));
                Interlocked.Add(ref acknowledged, (await store.AppliedAsync([.. some.Select(m => Make.Ack(m.Id, team))])).Count(a => a));
            }
        });
        IReadOnlyDictionary<Guid, DeliveryState> states = await Inbox.StatesAsync(team, [.. messages.Select(m => m.Id)]);
        Assert.Equal(states.Count, inserted);
        Assert.Equal(states.Count, delivered);
        Assert.Equal(states.Count, acknowledged);
        Assert.All(states.Values, state => Assert.Equal(DeliveryState.Acknowledged, state));
        // Each applied change told its event, each refused one did not.
        foreach (Guid id in states.Keys.Take(20))
        {
            IEnumerable<string> told = (await Archive.TraceAsync(id)).Select(e => e.Type);
            Assert.Equal([EventTypes.MessageAccepted, EventTypes.MessageDelivered, EventTypes.MessageAcknowledged], told);
        }
    }

    [Fact]
    public async Task A_commit_that_the_database_refuses_takes_no_other_along()
    {
        var queue = _store.Get<ICommitQueue>();
        NewMessage bad = Make.Message("a") with { ContentType = null! };
        Task<ChangeResult[]>[] tasks = [.. Enumerable.Range(0, 20).Select(i => queue.CommitAsync(new Commit([Make.Insert(i == 7 ? bad : Make.Message("a"))])))];
        await Assert.ThrowsAsync<NotCommittedException>(() => tasks[7]);
        foreach (Task<ChangeResult[]> task in tasks.Where((_, i) => i != 7))
            Assert.True((await task)[0].Applied);
    }

    [Fact]
    public async Task A_trace_keeps_its_first_and_newest_events_when_a_row_changes_hundreds_of_times()
    {
        NewMessage m = Make.Message("a");
        await _store.CommitAsync(Make.Insert(m));
        for (int i = 0; i < 300; i++)
        {
            Answers([true], await _store.AppliedAsync(new MoveMessage(m.Id, MessageStateSet.Unsettled, MessageState.Held, Make.Now)
            {
                Events = [Make.Told(EventTypes.MessageHeld, m.Id, Make.Now.AddSeconds(i + 1)) with { Attempt = i }],
            }));
        }
        IReadOnlyList<EventView> trace = await Archive.TraceAsync(m.Id);
        Assert.InRange(trace.Count, 200, 256);
        Assert.Equal((EventTypes.MessageAccepted, EventTypes.MessageHeld, (int?)299), (trace[0].Type, trace[^1].Type, trace[^1].Attempt));
    }
}
