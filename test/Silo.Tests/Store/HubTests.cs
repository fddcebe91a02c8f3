using ShitOps.Grains;
using ShitOps.Grains.Storage;

namespace ShitOps.Silo.Tests.Store;

public sealed class HubsOnMariaDb(OnMariaDb fixture) : HubTests(fixture), IClassFixture<OnMariaDb>;

[Trait("server", "mysql")]
public sealed class HubsOnMySql(OnMySql fixture) : HubTests(fixture), IClassFixture<OnMySql>;

public sealed class HubsOnSqlite(OnSqlite fixture) : HubTests(fixture), IClassFixture<OnSqlite>;

public abstract class HubTests(StoreFixture fixture)
{
    private static int _nodes = 100;
    private readonly NodeKey _node = new("main", Interlocked.Increment(ref _nodes));
    private readonly string _team = Make.Team();
    private readonly StoreProcess _store = fixture.Process;

    private static async Task<Fence> TakeAsync(StoreProcess store, NodeKey node, string silo = "silo-1") =>
        new(node, (await store.Get<IHubStore>().TakeAsync(node, silo)).Generation);

    private static Task<ChangeResult[]> CommitAsync(StoreProcess store, Fence? fence, params Change[] changes) =>
        store.Get<ICommitQueue>().CommitAsync(new Commit(changes, Fence: fence));

    [Fact]
    public async Task Who_takes_a_hub_learns_whose_it_was_and_whether_it_was_given_back()
    {
        IHubStore hubs = _store.Get<IHubStore>();
        await using StoreProcess other = await fixture.NewProcessAsync();
        HubTaken first = await hubs.TakeAsync(_node, "silo-1"), second = await other.Get<IHubStore>().TakeAsync(_node, "silo-2");
        Assert.Equal((1, null, false), (first.Generation, first.Silo, first.Left));
        Assert.Equal((2, "silo-1", false), (second.Generation, second.Silo, second.Left));
        Assert.InRange(TimeProvider.System.GetUtcNow() - second.Since, TimeSpan.FromSeconds(-1), TimeSpan.FromMinutes(1));
        Assert.Equal(second.Row, await hubs.FindAsync(_node));
        Assert.False(second.Row.IsSameOwners(first.Row));
        // Who has lost it cannot give it back.
        await hubs.LeaveAsync(new(_node, 1));
        Assert.Equal((3, "silo-2", false), (await hubs.TakeAsync(_node, "silo-1")) is var third ? (third.Generation, third.Silo, third.Left) : default);
        await hubs.LeaveAsync(new(_node, 3));
        HubTaken fourth = await other.Get<IHubStore>().TakeAsync(_node, "silo-2");
        Assert.Equal((4, "silo-1", true), (fourth.Generation, fourth.Silo, fourth.Left));
    }

    [Fact]
    public async Task Of_a_batch_only_the_commits_of_a_hub_that_was_taken_are_refused()
    {
        NodeKey elsewhere = new("main", Interlocked.Increment(ref _nodes));
        Fence stale = await TakeAsync(_store, _node), fence = await TakeAsync(_store, _node), kept = await TakeAsync(_store, elsewhere);
        NewMessage[] messages = [.. Enumerable.Range(0, 40).Select(i => Make.Message(_team, key: null))];
        Fence?[] fences = [null, stale, kept, fence];
        Task<ChangeResult[]>[] commits = [.. messages.Select((m, i) => CommitAsync(_store, fences[i % 4], Make.Insert(m, node: _node)))];
        for (int i = 0; i < messages.Length; i++)
        {
            if (i % 4 == 1)
                await Assert.ThrowsAsync<FencedException>(() => commits[i]);
            else
                Assert.True((await commits[i])[0].Applied);
        }
        IReadOnlyList<OutboxRow> rows = await _store.Get<IOutboxStore>().LoadAsync(new("main", [_team]), MessageState.Queued, 0, 100);
        Assert.Equal(messages.Where((_, i) => i % 4 != 1).Select(m => m.Id).Order(), rows.Select(row => row.Id).Order());
        IArchiveStore archive = _store.Get<IArchiveStore>();
        Assert.Null(await archive.MessageAsync(messages[1].Id));
        Assert.Empty(await archive.TraceAsync(messages[1].Id));
    }

    [Fact]
    public async Task A_change_of_a_hub_that_was_taken_leaves_its_row_as_it_is()
    {
        Fence stale = await TakeAsync(_store, _node);
        NewMessage m = Make.Message("a");
        Assert.True((await CommitAsync(_store, stale, Make.Insert(m, node: _node)))[0].Applied);
        await TakeAsync(_store, _node, "silo-2");
        await Assert.ThrowsAsync<FencedException>(() => CommitAsync(_store, stale, Make.Move(m.Id, MessageState.Cancelled)));
        Assert.Equal(MessageState.Queued, (await _store.Get<IOutboxStore>().FindAsync(m.Id))!.Value.State);
        await Assert.ThrowsAsync<FencedException>(() => CommitAsync(_store, new Fence(new("never taken", 1), 1), Make.Move(m.Id, MessageState.Cancelled)));
    }

    [Fact]
    public async Task Of_many_that_take_a_hub_at_once_each_has_a_generation_of_its_own()
    {
        await using StoreProcess second = await fixture.NewProcessAsync();
        long[] generations = await Task.WhenAll(Enumerable.Range(0, 3).Select(async i => (await TakeAsync(i % 2 == 0 ? _store : second, _node)).Generation));
        Assert.Equal([1L, 2, 3], generations.Order());
    }

    [Fact]
    public async Task Rows_of_two_states_and_senders_are_read_at_one_moment_by_sequence()
    {
        string other = Make.Team();
        OutboxOf own = new("main", [_team, other]);
        NewMessage[] messages = [.. Enumerable.Range(0, 6).Select(i => Make.Message(i < 3 ? _team : other))];
        await _store.CommitAsync([.. messages.Select((m, i) => Make.Insert(m, i % 3 == 2 ? MessageState.Scheduled : i % 3 == 1 ? MessageState.Held : MessageState.Queued, i + 1, _node))]);
        MessageStateSet waiting = MessageStateSet.Of(MessageState.Queued, MessageState.Held);
        IOutboxStore outbox = _store.Get<IOutboxStore>();
        Assert.Equal([1, 2, 4, 5], (await outbox.LoadAsync(own, waiting, 0, 10)).Select(row => row.Sequence));
        Assert.Equal([2, 4], (await outbox.LoadAsync(own, waiting, 1, 2)).Select(row => row.Sequence));
        Assert.Equal([3, 6], (await outbox.LoadAsync(own, MessageState.Scheduled, -1, 9)).Select(row => row.Sequence));
        Assert.Equal([1, 2], (await outbox.LoadAsync(new("main", [_team]), waiting, 0, 10)).Select(row => row.Sequence));
        Assert.Empty(await outbox.LoadAsync(new("main", []), waiting, 0, 10));
        Assert.Equal(new OutboxCount(2, 2, 2, 5), await outbox.CountAsync(own));
        Assert.Subset((await outbox.SendersAsync("main")).ToHashSet(), own.Senders.ToHashSet());
    }

    [Fact]
    public async Task A_hub_that_loses_a_team_stores_nothing_under_its_earlier_fence_and_learns_by_which_tree_it_must_go()
    {
        HubTaken taken = await _store.Get<IHubStore>().TakeAsync(_node, "silo-1");
        Fence fence = new(_node, taken.Generation);
        Assert.True((await _store.AppliedAsync(new MoveFromHub(_node, 42, Make.Now)))[0]);
        await Assert.ThrowsAsync<FencedException>(() => CommitAsync(_store, fence, Make.Insert(Make.Message(_team), node: _node)));
        HubRow now = (await _store.Get<IHubStore>().FindAsync(_node))!;
        Assert.Equal(new(taken.Generation + 1, 1, 42), now);
        Assert.True(now.IsSameOwners(taken.Row));
        Assert.True((await CommitAsync(_store, fence with { Generation = now.Generation }, Make.Insert(Make.Message(_team), node: _node)))[0].Applied);
        HubTaken next = await _store.Get<IHubStore>().TakeAsync(_node, "silo-2");
        Assert.Equal((now.Generation + 1, "silo-1", 42), (next.Generation, next.Silo, next.Row.Epoch));
        Assert.False(next.Row.IsSameOwners(now));
    }

    [Fact]
    public async Task A_hub_that_nobody_had_yet_keeps_the_tree_it_must_go_by_for_its_first_owner()
    {
        Assert.True((await _store.AppliedAsync(new MoveFromHub(_node, 7, Make.Now)))[0]);
        HubTaken first = await _store.Get<IHubStore>().TakeAsync(_node, "silo-1");
        Assert.Equal((null, false, 7), (first.Silo, first.Left, first.Row.Epoch));
        Assert.True((await CommitAsync(_store, new(_node, first.Generation), Make.Insert(Make.Message(_team), node: _node)))[0].Applied);
    }
}
