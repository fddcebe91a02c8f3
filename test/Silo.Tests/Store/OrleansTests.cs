using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Storage;
using ShitOps.Silo.MySql;
using ShitOps.Silo.Sqlite;
using ShitOps.Silo.Store;
using ShitOps.TestKit;
using ShitOps.TestKit.Databases;

namespace ShitOps.Silo.Tests.Store;

public sealed class OrleansOnMariaDb : OrleansOnSqlServerTests
{
    protected override async Task<IDatabaseServer> ServerAsync() => await Servers.MariaDb.Value;
}

[Trait("server", "mysql")]
public sealed class OrleansOnMySql : OrleansOnSqlServerTests
{
    protected override async Task<IDatabaseServer> ServerAsync() => await Servers.MySql.Value;
}

public sealed class OrleansOnSqlite : OrleansTests
{
    private readonly TempFolder _folder = new();

    protected override Task ConfigureAsync(HostApplicationBuilder builder, int siloPort, int gatewayPort)
    {
        builder.Services.AddSqliteStore(_folder.Path);
        builder.UseOrleans(silo => silo.UseLocalhostClustering(siloPort, gatewayPort).AddShitOpsGrainStorage());
        return Task.CompletedTask;
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }
}

public abstract class OrleansOnSqlServerTests : OrleansTests
{
    private string _connectionString = "";

    protected abstract Task<IDatabaseServer> ServerAsync();

    protected override async Task ConfigureAsync(HostApplicationBuilder builder, int siloPort, int gatewayPort)
    {
        _connectionString = (await ServerAsync()).NewDatabase();
        builder.Services.AddMySqlStore(_connectionString);
        builder.UseOrleans(silo => silo.AddShitOpsGrainStorage()
            .Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = ("shitops", "shitops"))
            .Configure<EndpointOptions>(o => (o.AdvertisedIPAddress, o.SiloPort, o.GatewayPort) = (IPAddress.Loopback, siloPort, gatewayPort))
            .UseAdoNetClustering(o => (o.Invariant, o.ConnectionString) = ("MySql.Data.MySqlConnector", _connectionString)));
    }

    [Fact]
    public async Task Membership_keeps_its_rules_and_a_client_finds_the_gateway()
    {
        IMembershipTable table = Host.Services.GetRequiredService<IMembershipTable>();
        MembershipTableData all = await table.ReadAllAsync();
        Assert.Equal(SiloStatus.Active, Assert.Single(all.Members).Item1.Status);

        var dead = new MembershipEntry
        {
            SiloAddress = SiloAddress.New(IPAddress.Loopback, 1, 2),
            SiloName = "gone",
            HostName = "höst",
            Status = SiloStatus.Dead,
            ProxyPort = 3,
            StartTime = Make.Now.UtcDateTime,
            IAmAliveTime = Make.Now.UtcDateTime,
        };
        Assert.True(await table.InsertRowAsync(dead, all.Version.Next()));
        all = await table.ReadAllAsync();
        Assert.False(await table.InsertRowAsync(dead, all.Version.Next()));
        Assert.Equal(all.Version.Version, (await table.ReadAllAsync()).Version.Version);
        (MembershipEntry entry, string etag) = (await table.ReadRowAsync(dead.SiloAddress)).Members.Single();
        Assert.Equal(("gone", "höst", Make.Now.UtcDateTime), (entry.SiloName, entry.HostName, entry.IAmAliveTime));
        entry.AddOrUpdateSuspector(dead.SiloAddress, Make.Now.UtcDateTime, 2);
        Assert.True(await table.UpdateRowAsync(entry, etag, all.Version.Next()));
        Assert.False(await table.UpdateRowAsync(entry, etag, all.Version.Next()));
        Assert.Single((await table.ReadRowAsync(dead.SiloAddress)).Members.Single().Item1.SuspectTimes!);
        dead.IAmAliveTime = Make.Now.UtcDateTime.AddMinutes(1);
        await table.UpdateIAmAliveAsync(dead);
        await table.CleanupDefunctSiloEntriesAsync(Make.Now);
        Assert.Equal(2, (await table.ReadAllAsync()).Members.Count);
        await table.CleanupDefunctSiloEntriesAsync(Make.Now.AddMinutes(2));
        Assert.Single((await table.ReadAllAsync()).Members);

        HostApplicationBuilder builder = Microsoft.Extensions.Hosting.Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.UseOrleansClient(client => client.Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = ("shitops", "shitops"))
            .UseAdoNetClustering(o => (o.Invariant, o.ConnectionString) = ("MySql.Data.MySqlConnector", _connectionString)));
        using IHost client = builder.Build();
        await client.StartAsync(); // Throws if no gateway is found.
        await client.StopAsync();
    }
}

public abstract class OrleansTests : IAsyncLifetime
{
    protected IHost Host { get; private set; } = null!;

    protected abstract Task ConfigureAsync(HostApplicationBuilder builder, int siloPort, int gatewayPort);

    public async ValueTask InitializeAsync()
    {
        HostApplicationBuilder builder = Microsoft.Extensions.Hosting.Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        await ConfigureAsync(builder, Loopback.FreePort(), Loopback.FreePort());
        Host = builder.Build();
        await Host.Services.GetRequiredService<ISchema>().MigrateAsync();
        await Host.StartAsync();
    }

    public virtual async ValueTask DisposeAsync()
    {
        await Host.StopAsync();
        await ((IAsyncDisposable)Host).DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private sealed class State
    {
        public string Text { get; set; } = "";
    }

    private IGrainStorage Storage => Host.Services.GetRequiredKeyedService<IGrainStorage>("Default");

    private async Task<GrainState<State>> ReadAsync(string key)
    {
        var state = new GrainState<State>(new State());
        await Storage.ReadStateAsync("state", GrainId.Create("tree", key), state);
        return state;
    }

    private Task WriteAsync(string key, GrainState<State> state) => Storage.WriteStateAsync("state", GrainId.Create("tree", key), state);

    [Fact]
    public async Task Grain_state_of_any_size_under_any_key_is_kept_apart_and_versioned()
    {
        string[] keys = ["main", "Main", "MAIN", "maín", "main ", " main", "main\t", "дерево", "木😀", "ß", "ss", "ſ", "'\"\\%_", new string('é', 700)];
        foreach (string key in keys)
        {
            GrainState<State> state = await ReadAsync(key);
            Assert.False(state.RecordExists);
            state.State!.Text = key + new string('x', 300_000);
            await WriteAsync(key, state);
        }
        foreach (string key in keys)
        {
            GrainState<State> state = await ReadAsync(key), stale = await ReadAsync(key);
            Assert.True(state.RecordExists);
            Assert.Equal(key + new string('x', 300_000), state.State!.Text);
            state.State!.Text = "second";
            await WriteAsync(key, state);
            await WriteAsync(key, state);
            stale.State!.Text = "stale";
            await Assert.ThrowsAsync<InconsistentStateException>(() => WriteAsync(key, stale));
            await Assert.ThrowsAsync<InconsistentStateException>(() => WriteAsync(key, new GrainState<State>(new State())));
            await Assert.ThrowsAsync<InconsistentStateException>(() => Storage.ClearStateAsync("state", GrainId.Create("tree", key), stale));
            Assert.Equal("second", (await ReadAsync(key)).State!.Text);
        }
        GrainState<State> cleared = await ReadAsync("main");
        await Storage.ClearStateAsync("state", GrainId.Create("tree", "main"), cleared);
        GrainState<State> after = await ReadAsync("main");
        Assert.False(after.RecordExists);
        after.State!.Text = "anew";
        await WriteAsync("main", after);
        Assert.Equal("anew", (await ReadAsync("main")).State!.Text);
        Assert.Equal("second", (await ReadAsync("Main")).State!.Text);
    }
}
