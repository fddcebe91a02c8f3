using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ShitOps.Grains;
using ShitOps.Grains.Storage;
using ShitOps.Hosting.Sealing;
using ShitOps.Silo.MySql;
using ShitOps.Silo.Sqlite;
using ShitOps.Silo.Store;
using ShitOps.Silo.Tests.Store;
using ShitOps.TestKit;
using ShitOps.TestKit.Databases;

[assembly: AssemblyFixture(typeof(Servers))]

namespace ShitOps.Silo.Tests.Store;

/// <summary>One server of each kind for all tests, started when first asked for.</summary>
public sealed class Servers : IAsyncDisposable
{
    public static readonly Lazy<Task<MariaDbServer>> MariaDb = new(() => MariaDbServer.StartNewAsync());
    public static readonly Lazy<Task<MySqlServer>> MySql = new(MySqlServer.StartNewAsync);

    public async ValueTask DisposeAsync()
    {
        if (MariaDb.IsValueCreated)
            await (await MariaDb.Value).DisposeAsync();
        if (MySql.IsValueCreated)
            await (await MySql.Value).DisposeAsync();
        StoreProcess.Keys.Dispose();
    }
}

/// <summary>A process's view of a store: its own services, its own commit queue.</summary>
public sealed class StoreProcess : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private StoreProcess(IServiceCollection services)
    {
        // All are of one cluster, and have its key file.
        IConfiguration configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([new("Sealing:KeyFile", KeyFile.Ensure(Keys.File("key")))]).Build();
        services.AddSingleton(configuration).AddKeyRing(configuration, mayCreateKeys: true).AddDatabaseDataKeys().AddSingleton<JournalKeys>();
        _services = services.AddLogging(log => log.SetMinimumLevel(LogLevel.Error)).BuildServiceProvider();
    }

    internal static TempFolder Keys { get; } = new();

    public static StoreProcess OnMySql(string connectionString) => new(new ServiceCollection().AddMySqlStore(connectionString));

    public static StoreProcess OnSqlite(string folder) => new(new ServiceCollection().AddSqliteStore(folder));

    public T Get<T>() where T : notnull => _services.GetRequiredService<T>();

    /// <summary>The journal, oldest first, read page by page to its end: a page may end before its limit.</summary>
    public async Task<List<EventView>> EventsAsync(string? type, string? team, int limit = 1000)
    {
        var all = new List<EventView>();
        string? after = null;
        do
        {
            Page<EventView> page = await Get<IArchiveStore>().EventsAsync(new(type, team, after, limit));
            Assert.True(page.Items.Length <= limit);
            all.AddRange(page.Items);
            after = page.Next;
        }
        while (after is not null);
        return all;
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}

/// <summary>A database of its own for a test class, migrated.</summary>
public abstract class StoreFixture : IAsyncLifetime
{
    public StoreProcess Process { get; private set; } = null!;

    public abstract Task<StoreProcess> NewProcessAsync();

    public virtual async ValueTask InitializeAsync()
    {
        Process = await NewProcessAsync();
        await Process.Get<ISchema>().MigrateAsync();
    }

    public virtual async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}

public sealed class OnMariaDb : StoreFixture
{
    private string? _connectionString;

    public override async Task<StoreProcess> NewProcessAsync() =>
        StoreProcess.OnMySql(_connectionString ??= (await Servers.MariaDb.Value).NewDatabase());
}

public sealed class OnMySql : StoreFixture
{
    private string? _connectionString;

    public override async Task<StoreProcess> NewProcessAsync() =>
        StoreProcess.OnMySql(_connectionString ??= (await Servers.MySql.Value).NewDatabase());
}

public sealed class OnSqlite : StoreFixture
{
    private readonly TempFolder _folder = new();

    public override Task<StoreProcess> NewProcessAsync() => Task.FromResult(StoreProcess.OnSqlite(_folder.Path));

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }
}
