using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ShitOps.Grains.Journal;
using ShitOps.Grains.Storage;
using ShitOps.Grains.Telemetry;
using ShitOps.Silo.Elastic;
using ShitOps.Silo.MySql;
using ShitOps.Silo.Sqlite;
using ShitOps.Silo.Store;
using ShitOps.TestKit;
using ShitOps.TestKit.Databases;
using ShitOps.TestKit.Elastic;

[assembly: AssemblyFixture(typeof(ShitOps.Elastic.Tests.Export.Servers))]

namespace ShitOps.Elastic.Tests.Export;

/// <summary>One database server for all tests, started when first asked for.</summary>
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
    }
}

public enum DatabaseKind
{
    Sqlite,
    MariaDb,
    MySql,
}

/// <summary>A database with a journal, processes that write it, and exporters that read it.</summary>
internal sealed class Journal : IAsyncDisposable
{
    public const string Stream = "logs-shitops.pipeline-default";
    private static readonly DateTimeOffset Start = new(2026, 11, 23, 10, 0, 0, TimeSpan.Zero);

    private readonly TempFolder _folder = new();
    private readonly List<ServiceProvider> _processes = [];
    private readonly string? _connectionString;
    private readonly ExportMeter _meter = new();
    private int _told;

    private Journal(string? connectionString) => _connectionString = connectionString;

    public static async Task<Journal> NewAsync(DatabaseKind database)
    {
        var journal = new Journal(database switch
        {
            DatabaseKind.MariaDb => (await Servers.MariaDb.Value).NewDatabase(),
            DatabaseKind.MySql => (await Servers.MySql.Value).NewDatabase(),
            _ => null,
        });
        await journal.NewProcess().GetRequiredService<ISchema>().MigrateAsync();
        return journal;
    }

    public int Told => Volatile.Read(ref _told);

    public ServiceProvider NewProcess()
    {
        var services = new ServiceCollection();
        _ = _connectionString is null ? services.AddSqliteStore(_folder.Path) : services.AddMySqlStore(_connectionString);
        ServiceProvider process = services.AddLogging(log => log.SetMinimumLevel(LogLevel.Critical)).BuildServiceProvider();
        _processes.Add(process);
        return process;
    }

    /// <summary>Writes commits of so many events each.</summary>
    public async Task TellAsync(ServiceProvider process, int commits, int events)
    {
        ICommitQueue queue = process.GetRequiredService<ICommitQueue>();
        for (int i = 0; i < commits; i++)
        {
            int first = Interlocked.Add(ref _told, events) - events;
            await queue.CommitAsync(new Commit([new Note
            {
                Events = [.. Enumerable.Range(first, events).Select(n => new JournalEvent(EventTypes.MessageDelivered, Start.AddMilliseconds(n))
                {
                    Message = Guid.CreateVersion7(Start), From = "qa", Team = "finance", Node = n % 7, Silo = "silo-1", Attempt = n,
                })],
            }]));
        }
    }

    public string NewFile(string text)
    {
        string file = _folder.File("file");
        File.WriteAllText(file, text);
        return file;
    }

    public ExportStore Store => new(_processes[0].GetRequiredService<Database>(), TimeProvider.System);

    public JournalExporter NewExporter(Uri url, string? caFile = null) => new(Store, new ExportOptions
    {
        Endpoint = new([url], CaFile: caFile),
        Stream = Stream,
        Cluster = "test",
        Service = new("shitops-silo", "0.1.0", "test"),
        BatchEvents = 500,
        Idle = TimeSpan.FromMilliseconds(20),
        Look = TimeSpan.FromMilliseconds(20),
        Pace = new() { FirstPause = TimeSpan.FromMilliseconds(5), LongestPause = TimeSpan.FromMilliseconds(100), Timeout = TimeSpan.FromSeconds(10) },
    }, _processes[0].GetRequiredService<ICommitQueue>(), _meter, TimeProvider.System, _processes[0].GetRequiredService<ILogger<JournalExporter>>());

    /// <summary>Deletes what is old, at a time so many days from now.</summary>
    public async Task<UnsentEvents> RetainAsync(IJournalExport export, int days, long maxBytes = long.MaxValue)
    {
        ServiceProvider process = _processes[0];
        var time = new LaterTime(TimeSpan.FromDays(days));
        var unsent = new UnsentEvents(time, process.GetRequiredService<ILogger<UnsentEvents>>());
        Database database = process.GetRequiredService<Database>();
        var journal = new JournalRetention(database, process.GetRequiredService<JournalChains>(), process.GetRequiredService<ICommitQueue>(), export, unsent,
            process.GetRequiredService<SiloMetrics>(), time);
        await new Retention(database, journal, Options.Create(new RetentionOptions { Journal = { MaxBytes = maxBytes } }), time).RunAsync();
        return unsent;
    }

    /// <summary>Events that the journal holds, by their types.</summary>
    public async Task<string[]> HeldAsync() => [.. (await _processes[0].GetRequiredService<Database>().QueryAsync("SELECT data FROM journal ORDER BY writer, number", [], row => row.Bytes(0)))
        .SelectMany(JournalCodec.Decode).Select(e => e.Type)];

    /// <summary>Writes a row that is none of ours.</summary>
    public async Task SpoilAsync(byte[] data)
    {
        Database database = _processes[0].GetRequiredService<Database>();
        await using System.Data.Common.DbConnection connection = database.OpenForWriting();
        await database.ExecuteAsync(connection, "UPDATE journal SET data = ? WHERE number = 2", data);
    }

    /// <summary>Makes everything in it older.</summary>
    public async Task AgeAsync(TimeSpan by)
    {
        Database database = _processes[0].GetRequiredService<Database>();
        await using System.Data.Common.DbConnection connection = database.OpenForWriting();
        await database.ExecuteAsync(connection, "UPDATE journal SET at = at - ?", (long)by.TotalMilliseconds);
    }

    private sealed class LaterTime(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }

    /// <summary>0 missing, 0 doubled: each event that was told stands there once, and those of a writer in their order.</summary>
    public void AssertWhole(ElasticServer server, int missing = 0)
    {
        IReadOnlyList<StoredDocument> stored = server.Documents(Stream);
        Assert.Equal(Told - missing, stored.Count);
        Assert.Equal(stored.Count, stored.Select(d => d.Id).Distinct().Count());
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ServiceProvider process in _processes)
            await process.DisposeAsync();
        _meter.Dispose();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }
}
