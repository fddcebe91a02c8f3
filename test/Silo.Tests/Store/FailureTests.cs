using System.Data.Common;
using MySqlConnector;
using ShitOps.Grains;
using ShitOps.Grains.Storage;
using ShitOps.Silo.Store;
using ShitOps.TestKit;
using ShitOps.TestKit.Databases;

namespace ShitOps.Silo.Tests.Store;

public sealed class FailuresOnMariaDb : FailureTests
{
    protected override string LockWaits => "SELECT 1 FROM information_schema.innodb_lock_waits";
    protected override async Task<IDatabaseServer> SharedAsync() => await Servers.MariaDb.Value;
    protected override async Task<IDatabaseServer> OwnAsync() => await MariaDbServer.StartNewAsync(durable: true);
}

[Trait("server", "mysql")]
public sealed class FailuresOnMySql : FailureTests
{
    protected override string LockWaits => "SELECT 1 FROM performance_schema.data_lock_waits";
    protected override async Task<IDatabaseServer> SharedAsync() => await Servers.MySql.Value;
    protected override async Task<IDatabaseServer> OwnAsync() => await MySqlServer.StartNewAsync();
}

public abstract class FailureTests
{
    /// <summary>A query with a row for each transaction that waits for another.</summary>
    protected abstract string LockWaits { get; }
    protected abstract Task<IDatabaseServer> SharedAsync();
    protected abstract Task<IDatabaseServer> OwnAsync();

    [Fact]
    public async Task An_answer_lost_after_commit_doubles_nothing()
    {
        IDatabaseServer server = await SharedAsync();
        await using var proxy = new TcpProxy(server.Port);
        string direct = server.NewDatabase();
        await using StoreProcess store = StoreProcess.OnMySql(new MySqlConnectionStringBuilder(direct) { Port = (uint)proxy.Port, SslMode = MySqlSslMode.None }.ConnectionString);
        await store.Get<ISchema>().MigrateAsync();
        await store.CommitAsync(Make.Insert(Make.Message("a")));
        string team = Make.Team();
        for (int i = 1; i <= 10; i++)
        {
            NewMessage m = Make.Message("a", key: "k" + i);
            proxy.CutAnswerTo("COMMIT");
            Assert.All(await store.CommitAsync(Make.Insert(m), Make.Deliver(m.Id, team)), result => Assert.True(result.Applied));
            Assert.Equal(i, proxy.Cuts);
        }
        Assert.Equal(10, (await store.Get<IInboxStore>().CountAsync(team)).Waiting);
        await AssertJournalHasNoGapAsync(store, 11);
    }

    [Fact]
    public async Task A_deadlock_is_tried_again()
    {
        await using StoreProcess store = StoreProcess.OnMySql((await SharedAsync()).NewDatabase());
        await store.Get<ISchema>().MigrateAsync();
        NewMessage[] messages = [.. Enumerable.Range(0, 100).Select(_ => Make.Message("a"))];
        await store.CommitAsync([.. messages.Select(m => Make.Insert(m))]);
        Database database = store.Get<Database>();
        await using DbConnection other = database.OpenForWriting();
        // The other transaction has changed more, so that the server ends ours.
        await database.ExecuteAsync(other, "START TRANSACTION");
        foreach (NewMessage m in messages[1..])
            await database.ExecuteAsync(other, "UPDATE message SET reason = 'x' WHERE id = ?", m.Id.ToColumn());
        Task<bool[]> ours = store.AppliedAsync(Make.Move(messages[0].Id, MessageState.Held), Make.Move(messages[1].Id, MessageState.Held));
        // InnoDB renews what it tells of locks only if nobody has asked for 100 ms.
        using var pulse = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
        while (!ours.IsCompleted && (await database.QueryAsync(LockWaits, [], _ => true)).Count == 0)
            await pulse.WaitForNextTickAsync();
        await database.ExecuteAsync(other, "UPDATE message SET reason = 'x' WHERE id = ?", messages[0].Id.ToColumn());
        await database.ExecuteAsync(other, "COMMIT");
        Assert.All(await ours, Assert.True);
    }

    [Fact]
    public async Task A_server_killed_and_restarted_mid_load_loses_nothing_answered_and_doubles_nothing()
    {
        await using IDatabaseServer server = await OwnAsync();
        await using StoreProcess store = StoreProcess.OnMySql(server.NewDatabase());
        await store.Get<ISchema>().MigrateAsync();
        string team = Make.Team();
        int done = 0;
        var killed = new TaskCompletionSource();
        Task load = Parallel.ForEachAsync(Enumerable.Range(0, 16), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (_, _) =>
        {
            for (int i = 0; i < 60; i++)
            {
                NewMessage m = Make.Message("a");
                Assert.All(await store.Get<ICommitQueue>().CommitAsync(new Commit([Make.Insert(m), Make.Deliver(m.Id, team)], Deadline: TimeSpan.FromMinutes(2))), r => Assert.True(r.Applied));
                if (Interlocked.Increment(ref done) == 200)
                    killed.SetResult();
            }
        });
        await killed.Task;
        await server.KillAsync();
        await server.StartAsync();
        await load;
        // The pool of readers holds connections to the server that was.
        MySqlConnection.ClearAllPools();
        Assert.Equal(960, (await store.Get<IInboxStore>().CountAsync(team)).Waiting);
        await AssertJournalHasNoGapAsync(store, null);
    }

    [Fact]
    public async Task A_commit_that_no_server_takes_fails_at_its_deadline_as_surely_not_stored()
    {
        await using StoreProcess store = StoreProcess.OnMySql($"Server=127.0.0.1;Port={Loopback.FreePort()};Database=x;User ID=root");
        await Assert.ThrowsAsync<NotCommittedException>(() => store.Get<ICommitQueue>().CommitAsync(new Commit([Make.Insert(Make.Message("a"))], Deadline: TimeSpan.FromMilliseconds(300))));
    }

    [Fact]
    public async Task Three_migrators_at_once_make_one_schema_in_a_database_that_did_not_exist()
    {
        string connectionString = (await SharedAsync()).NewDatabase();
        StoreProcess[] silos = [.. Enumerable.Range(0, 3).Select(_ => StoreProcess.OnMySql(connectionString))];
        await Task.WhenAll(silos.Select(silo => Task.Run(() => silo.Get<ISchema>().MigrateAsync())));
        await silos[0].Get<ISchema>().MigrateAsync(); // A later start changes nothing.
        foreach (StoreProcess silo in silos)
        {
            Assert.All(await silo.AppliedAsync(Make.Insert(Make.Message("a"))), Assert.True);
            await silo.DisposeAsync();
        }
    }

    private static async Task AssertJournalHasNoGapAsync(StoreProcess store, int? rows)
    {
        List<long> numbers = await store.Get<Database>().QueryAsync("SELECT number FROM journal ORDER BY number", [], row => row.GetInt64(0));
        Assert.Equal(Enumerable.Range(1, rows ?? numbers.Count).Select(n => (long)n), numbers);
        await ChainTests.AssertWholeAsync(store, numbers.Count);
    }
}
