using ShitOps.Grains;
using ShitOps.Grains.Storage;

namespace ShitOps.Silo.Tests.Store;

public sealed class ListsOnMariaDb(OnMariaDb fixture) : ListTests(fixture), IClassFixture<OnMariaDb>;

[Trait("server", "mysql")]
public sealed class ListsOnMySql(OnMySql fixture) : ListTests(fixture), IClassFixture<OnMySql>;

public sealed class ListsOnSqlite(OnSqlite fixture) : ListTests(fixture), IClassFixture<OnSqlite>;

/// <summary>Pages of messages and asks: newest first, each once, and nothing that was not asked for.</summary>
public abstract class ListTests(StoreFixture fixture)
{
    private readonly StoreProcess _store = fixture.Process;

    private Task<Page<MessageSummary>> MessagesAsync(
        string? team, MessageState? state = null, bool received = false, DateTimeOffset? since = null, DateTimeOffset? until = null, string? after = null, int limit = 100) =>
        _store.Get<IArchiveStore>().MessagesAsync(new(team, received, state, since, until, after, limit));

    private async Task<NewMessage> StoredAsync(string from, DateTimeOffset at, MessageState state = MessageState.Queued, params (string Team, DeliveryState State)[] to)
    {
        NewMessage m = Make.Message(from) with { Id = Guid.CreateVersion7(at) };
        var changes = new List<Change> { Make.Insert(m, at: at) };
        if (state != MessageState.Queued)
            changes.Add(Make.Move(m.Id, state));
        foreach ((string team, DeliveryState delivery) in to)
        {
            changes.Add(Make.Deliver(m.Id, team, from));
            if (delivery == DeliveryState.Acknowledged)
                changes.Add(Make.Ack(m.Id, team));
        }
        foreach (Change change in changes)
            await _store.CommitAsync(change);
        return m;
    }

    [Fact]
    public async Task Of_dead_letters_the_newest_of_each_reason_are_told_and_all_are_counted()
    {
        string team = Make.Team(), other = Make.Team(), one = "one of " + team, two = "two of " + team;
        var died = new List<(Guid Id, string Team, string Reason)>();
        for (int i = 0; i < 9; i++)
        {
            NewMessage m = await StoredAsync("a", Make.Now.AddSeconds(i));
            died.Add((m.Id, i % 3 == 0 ? other : team, i % 2 == 0 ? one : two));
            await _store.CommitAsync(new InsertDeadLetter(m.Id, died[^1].Team, "a", died[^1].Reason, 8, Make.Now.AddMinutes(i)));
        }
        IArchiveStore archive = _store.Get<IArchiveStore>();
        async Task<DeadLetterGroup[]> ReadAsync(string? of, string? reason) => [.. (await archive.DeadLettersAsync(of, reason, 2)).Where(g => g.Reason.EndsWith(team, StringComparison.Ordinal))];
        IEnumerable<Guid> Newest(string reason, string? of) => died.Where(d => d.Reason == reason && (of is null || d.Team == of)).Select(d => d.Id).Reverse().Take(2);

        Assert.Equal([(one, 5), (two, 4)], (await ReadAsync(null, null)).Select(g => (g.Reason, g.Count)));
        Assert.Equal([(one, 3), (two, 3)], (await ReadAsync(team, null)).Select(g => (g.Reason, g.Count)));
        foreach (string? of in (string?[])[null, team, other])
            Assert.All(await ReadAsync(of, null), group => Assert.Equal(Newest(group.Reason, of), group.Items.Select(d => d.Message)));
        Assert.Equal(Newest(two, team), Assert.Single(await ReadAsync(team, two)).Items.Select(d => d.Message));
        // To be decided on, the oldest come first.
        Assert.Equal(died.Where(d => d.Reason == one).Select(d => d.Id).Take(3), (await archive.FindDeadLettersAsync(null, one, null, 3)).Select(d => d.Message));
        Assert.Equal(died.Where(d => d.Reason == one && d.Team == other).Select(d => d.Id), (await archive.FindDeadLettersAsync(null, one, other, 3)).Select(d => d.Message));
    }

    [Fact]
    public async Task What_a_team_sent_comes_newest_first_in_pages_without_a_gap()
    {
        string team = Make.Team();
        var sent = new List<Guid>();
        for (int i = 0; i < 7; i++)
        {
            sent.Add((await StoredAsync(team, Make.Now.AddSeconds(i), i % 2 == 0 ? MessageState.Queued : MessageState.Quarantined)).Id);
            await StoredAsync(Make.Team(), Make.Now.AddSeconds(i));
        }
        var read = new List<Guid>();
        string? after = null;
        do
        {
            Page<MessageSummary> page = await MessagesAsync(team, after: after, limit: 3);
            Assert.InRange(page.Items.Length, 1, 3);
            read.AddRange(page.Items.Select(m => m.Id));
            after = page.Next;
        }
        while (after is not null);
        Assert.Equal(Enumerable.Reverse(sent), read);
    }

    [Fact]
    public async Task States_are_told_as_a_message_itself_tells_them()
    {
        (string team, string one, string two) = (Make.Team(), Make.Team(), Make.Team());
        NewMessage waits = await StoredAsync(team, Make.Now.AddHours(1), MessageState.Delivered, (one, DeliveryState.Acknowledged), (two, DeliveryState.Waiting));
        NewMessage done = await StoredAsync(team, Make.Now.AddHours(2), MessageState.Delivered, (one, DeliveryState.Acknowledged), (two, DeliveryState.Acknowledged));
        NewMessage bad = await StoredAsync(team, Make.Now.AddHours(3), MessageState.Quarantined);
        foreach (NewMessage m in new[] { waits, done, bad })
        {
            MessageState told = (await _store.Get<IArchiveStore>().MessageAsync(m.Id))!.State;
            Assert.Equal(told, (await MessagesAsync(team)).Items.Single(item => item.Id == m.Id).State);
            Assert.Equal(m.Id, Assert.Single((await MessagesAsync(team, told)).Items).Id);
        }
        Assert.Equal([done.Id, waits.Id], (await MessagesAsync(two, received: true)).Items.Select(m => m.Id));
        Assert.Equal(waits.Id, Assert.Single((await MessagesAsync(two, MessageState.Delivered, received: true)).Items).Id);
        Assert.Empty((await MessagesAsync(two)).Items);
        // Without a team: among the newest there are.
        Assert.Contains((await MessagesAsync(null, MessageState.Acknowledged)).Items, m => m.Id == done.Id);
        Assert.Contains((await MessagesAsync(null, MessageState.Quarantined)).Items, m => m.Id == bad.Id);
    }

    [Fact]
    public async Task A_span_of_time_begins_with_its_first_moment_and_ends_before_its_last()
    {
        string team = Make.Team();
        NewMessage[] sent = [await StoredAsync(team, Make.Now), await StoredAsync(team, Make.Now.AddMinutes(1)), await StoredAsync(team, Make.Now.AddMinutes(2))];
        Assert.Equal([sent[1].Id, sent[0].Id], (await MessagesAsync(team, since: Make.Now, until: Make.Now.AddMinutes(2))).Items.Select(m => m.Id));
        Assert.Equal([sent[2].Id], (await MessagesAsync(team, since: Make.Now.AddMilliseconds(60_001))).Items.Select(m => m.Id));
    }

    [Fact]
    public async Task Asks_are_listed_to_who_asked_and_who_was_asked()
    {
        string suffix = "-" + Make.Team(), tree = Make.Team();
        InsertMessage insert = MakeAsk.Ask(tree, suffix: suffix);
        await _store.CommitAsync(insert);
        Guid id = insert.Message.Id;
        IAskStore asks = _store.Get<IAskStore>();
        await _store.CommitAsync(MakeAsk.Put(MakeAsk.Reply(id, "a" + suffix)));
        AskSummary told = Assert.Single((await asks.ListAsync(new("a" + suffix, null, null, 10))).Items);
        Assert.Equal((id, AskState.Open, 3, 1, insert.Message.From), (told.Id, told.State, told.Asked, told.Answered, told.From));
        Assert.Empty((await asks.ListAsync(new("a" + suffix, AskState.Partial, null, 10))).Items);
        Assert.Empty((await asks.ListAsync(new(Make.Team(), null, null, 10))).Items);
        Assert.Contains((await asks.ListAsync(new(null, AskState.Open, null, 1000))).Items, ask => ask.Id == id);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("01980000-0000-7000-8000-000000000001")]
    public async Task A_cursor_that_is_none_is_refused(string cursor)
    {
        await Assert.ThrowsAsync<FormatException>(() => MessagesAsync(null, after: cursor));
        await Assert.ThrowsAsync<FormatException>(() => _store.Get<IAskStore>().ListAsync(new(null, null, cursor, 10)));
    }
}
