using MySqlConnector;
using ShitOps.Grains;
using ShitOps.Grains.Storage;
using ShitOps.Silo.MySql;
using ShitOps.Silo.Store;

namespace ShitOps.Silo.Tests.Store;

public sealed class PoolTests(OnMariaDb fixture) : IClassFixture<OnMariaDb>
{
    [Fact]
    public async Task A_burst_of_reads_takes_a_bounded_number_of_connections_and_all_are_answered()
    {
        IInboxStore inbox = fixture.Process.Get<IInboxStore>();
        (int Waiting, DateTimeOffset? Oldest)[] counted = await Task.WhenAll(Enumerable.Range(0, 1_000).Select(i => inbox.CountAsync($"team-{i}")));
        Assert.All(counted, count => Assert.Equal(0, count.Waiting));

        var database = (MySqlDatabase)fixture.Process.Get<Database>();
        string name = new MySqlConnectionStringBuilder(database.ConnectionString).Database;
        List<int> open = await database.QueryAsync($"SELECT COUNT(*) FROM {MySqlDatabase.Connections} WHERE db = ?", [name], row => row.GetInt32(0));
        Assert.InRange(open[0], 2, (2 * MySqlDatabase.PoolSize) + 1);
    }

    /// <summary>
    /// They held all connections of the pool and waited for the writer's registration, which waited for a connection to read
    /// keys by: a silo that had to take many hubs as the first thing took none, ever.
    /// </summary>
    [Fact]
    public async Task A_silo_that_starts_with_more_hubs_than_connections_takes_them_all()
    {
        await using StoreProcess fresh = await fixture.NewProcessAsync();
        var hubs = fresh.Get<IHubStore>();
        HubTaken[] taken = await Task.WhenAll(Enumerable.Range(0, 8 * MySqlDatabase.PoolSize).Select(hub => hubs.TakeAsync(new NodeKey("many", hub), "fresh")));
        Assert.All(taken, hub => Assert.Equal(1, hub.Row.Generation));
    }

    [Theory]
    [InlineData("Server=db;Database=shitops", MySqlDatabase.PoolSize)]
    [InlineData("Server=db;Database=shitops;Maximum Pool Size=7", 7)]
    [InlineData("Server=db;Database=shitops;Max Pool Size=9", 9)]
    public void Pools_are_as_large_as_told(string connectionString, int size) =>
        Assert.Equal((uint)size, new MySqlConnectionStringBuilder(MySqlDatabase.Complete(connectionString)).MaximumPoolSize);
}
