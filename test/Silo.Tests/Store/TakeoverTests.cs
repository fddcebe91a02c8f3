using System.Data.Common;
using System.Diagnostics;
using MySqlConnector;
using ShitOps.Grains;
using ShitOps.Grains.Storage;
using ShitOps.Silo.MySql;
using ShitOps.Silo.Store;
using ShitOps.TestKit.Databases;

namespace ShitOps.Silo.Tests.Store;

public sealed class TakeoversOnMariaDb : TakeoverTests
{
    protected override async Task<IDatabaseServer> ServerAsync() => await Servers.MariaDb.Value;
}

[Trait("server", "mysql")]
public sealed class TakeoversOnMySql : TakeoverTests
{
    protected override async Task<IDatabaseServer> ServerAsync() => await Servers.MySql.Value;
}

/// <summary>A silo hangs in the middle of a transaction, and another takes its hub.</summary>
public abstract class TakeoverTests
{
    private static readonly TimeSpan Quick = TimeSpan.FromSeconds(4);

    protected abstract Task<IDatabaseServer> ServerAsync();

    [Fact]
    public async Task What_a_hanging_silo_had_not_committed_is_undone_and_its_hubs_commits_are_refused_when_it_wakes()
    {
        IDatabaseServer server = await ServerAsync();
        await using var proxy = new TcpProxy(server.Port);
        string direct = server.NewDatabase();
        await using StoreProcess hanging = StoreProcess.OnMySql(new MySqlConnectionStringBuilder(direct) { Port = (uint)proxy.Port, SslMode = MySqlSslMode.None }.ConnectionString);
        await using StoreProcess living = StoreProcess.OnMySql(direct);
        await living.Get<ISchema>().MigrateAsync();
        NodeKey lost = new("main", 1), other = new("main", 2);
        Fence old = new(lost, (await hanging.Get<IHubStore>().TakeAsync(lost, "silo-1")).Generation);
        Fence kept = new(other, (await hanging.Get<IHubStore>().TakeAsync(other, "silo-1")).Generation);
        NewMessage before = Make.Message("a"), taken = Make.Message("a", key: "k"), spared = Make.Message("b"), unfenced = Make.Message("b");
        await CommitAsync(hanging, old, Make.Insert(before, node: lost));

        // Its rows are in, their locks are held, and COMMIT does not come.
        Task held = proxy.HoldAt("COMMIT");
        Task<ChangeResult[]>[] commits =
        [
            CommitAsync(hanging, old, Make.Insert(taken, node: lost, sequence: 2)), CommitAsync(hanging, kept, Make.Insert(spared, node: other)),
            CommitAsync(hanging, null, Make.Insert(unfenced, node: other)),
        ];
        await held;
        var clock = Stopwatch.StartNew();
        HubTaken now = await living.Get<IHubStore>().TakeAsync(lost, "silo-2");
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, Quick);
        Assert.Equal((2, "silo-1", false), (now.Generation, now.Silo, now.Left));
        Assert.Equal(before.Id, Assert.Single(await living.Get<IOutboxStore>().LoadAsync(new("main", ["a"]), MessageState.Queued, -1, 10)).Id);

        // The same message comes to the new owner: nothing stands in its way.
        Assert.True((await CommitAsync(living, new(lost, now.Generation), Make.Insert(taken, node: lost, sequence: 2)))[0].Applied);
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, Quick);

        proxy.Release();
        await Assert.ThrowsAsync<FencedException>(() => commits[0]);
        foreach (Task<ChangeResult[]> commit in commits[1..])
            Assert.True((await commit)[0].Applied);
        await Assert.ThrowsAsync<FencedException>(() => CommitAsync(hanging, old, Make.Insert(Make.Message("a"), node: lost, sequence: 3)));
        IOutboxStore outbox = living.Get<IOutboxStore>();
        Assert.Equal([before.Id, taken.Id], (await outbox.LoadAsync(new("main", ["a"]), MessageState.Queued, -1, 10)).Select(row => row.Id));
        Assert.Equal(new[] { spared.Id, unfenced.Id }.Order(), (await outbox.LoadAsync(new("main", ["b"]), MessageState.Queued, -1, 10)).Select(row => row.Id).Order());
        Assert.Single(await living.Get<IArchiveStore>().TraceAsync(taken.Id));
    }

    [Fact]
    public async Task A_hub_that_was_given_back_is_taken_although_its_silo_hangs_with_its_lock()
    {
        IDatabaseServer server = await ServerAsync();
        await using var proxy = new TcpProxy(server.Port);
        string direct = server.NewDatabase();
        await using StoreProcess hanging = StoreProcess.OnMySql(new MySqlConnectionStringBuilder(direct) { Port = (uint)proxy.Port, SslMode = MySqlSslMode.None }.ConnectionString);
        await using StoreProcess living = StoreProcess.OnMySql(direct);
        await living.Get<ISchema>().MigrateAsync();
        NodeKey node = new("main", 1);
        Fence old = new(node, (await hanging.Get<IHubStore>().TakeAsync(node, "silo-1")).Generation);
        await hanging.Get<IHubStore>().LeaveAsync(old);
        Task held = proxy.HoldAt("COMMIT");
        Task<ChangeResult[]> commit = CommitAsync(hanging, old, Make.Insert(Make.Message("a"), node: node));
        await held;
        var clock = Stopwatch.StartNew();
        HubTaken now = await living.Get<IHubStore>().TakeAsync(node, "silo-2");
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, 2 * Quick);
        Assert.True(now.Left);
        proxy.Release();
        await Assert.ThrowsAsync<FencedException>(() => commit);
    }

    [Fact]
    public async Task The_connection_of_a_silo_that_lives_is_ended_without_harm_to_what_it_stores()
    {
        string direct = (await ServerAsync()).NewDatabase();
        await using StoreProcess first = StoreProcess.OnMySql(direct), second = StoreProcess.OnMySql(direct);
        await first.Get<ISchema>().MigrateAsync();
        string team = Make.Team();
        int stored = 0;
        for (int i = 0; i < 20; i++)
        {
            NodeKey node = new("main", i);
            await first.Get<IHubStore>().TakeAsync(node, "silo-1");
            Task<ChangeResult[]>[] commits = [.. Enumerable.Range(0, 10).Select(_ => Make.Message("a")).Select(m => CommitAsync(first, null, Make.Insert(m), Make.Deliver(m.Id, team)))];
            await second.Get<IHubStore>().TakeAsync(node, "silo-2");
            foreach (Task<ChangeResult[]> commit in commits)
            {
                Assert.All(await commit, result => Assert.True(result.Applied));
                stored++;
            }
        }
        Assert.Equal(stored, (await first.Get<IInboxStore>().CountAsync(team)).Waiting);
        List<long> numbers = await first.Get<Database>().QueryAsync("SELECT number FROM journal ORDER BY number", [], row => row.GetInt64(0));
        Assert.Equal(Enumerable.Range(1, numbers.Count).Select(n => (long)n), numbers);
    }

    [Fact]
    public async Task Only_the_connection_meant_is_ended()
    {
        await using StoreProcess store = StoreProcess.OnMySql((await ServerAsync()).NewDatabase());
        await store.Get<ISchema>().MigrateAsync();
        Database database = store.Get<Database>();
        await using DbConnection one = await database.OpenWriterAsync(), two = await database.OpenWriterAsync();
        Session session = (await database.SessionAsync(one))!;
        // The server was started again, and gave the number to another.
        await database.EndAsync(two, session with { Client = "127.0.0.1:1" });
        Assert.Equal([1], await database.QueryAsync(one, "SELECT 1", [], row => row.GetInt32(0)));
        await database.EndAsync(two, session);
        // The server ends it when it comes to it.
        await Assert.ThrowsAnyAsync<DbException>(async () =>
        {
            for (int i = 0; i < 10_000; i++)
                await database.QueryAsync(one, "SELECT 1", [], row => row.GetInt32(0));
        });
        await database.EndAsync(two, session);
    }

    [Fact]
    public async Task A_connection_is_found_while_another_runs_a_statement_with_bytes_that_are_no_text()
    {
        await using StoreProcess store = StoreProcess.OnMySql((await ServerAsync()).NewDatabase());
        await store.Get<ISchema>().MigrateAsync();
        Database database = store.Get<Database>();
        await using DbConnection one = await database.OpenWriterAsync(), two = await database.OpenWriterAsync(), busy = await database.OpenWriterAsync();
        string name = Make.Team();
        await database.QueryAsync(one, "SELECT GET_LOCK(?, 10)", [name], _ => true);
        byte[] noText = [0xA2, 0x07, 0x16, 0xD1, 0xA0];
        Task<List<bool>> waits = database.QueryAsync(busy, "SELECT GET_LOCK(?, 10), ?", [name, noText], _ => true);
        while ((await database.QueryAsync(two, $"SELECT 1 FROM {MySqlDatabase.Connections} WHERE state = 'User lock'", [], _ => true)).Count == 0)
            Assert.False(waits.IsCompleted);
        Session session = (await database.SessionAsync(two))!;
        await database.EndAsync(two, session with { Client = "127.0.0.1:1" });
        await database.QueryAsync(one, "SELECT RELEASE_LOCK(?)", [name], _ => true);
        Assert.Single(await waits);
    }

    private static Task<ChangeResult[]> CommitAsync(StoreProcess store, Fence? fence, params Change[] changes) =>
        store.Get<ICommitQueue>().CommitAsync(new Commit(changes, Fence: fence));
}
