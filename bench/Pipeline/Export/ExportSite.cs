using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ShitOps.Grains.Journal;
using ShitOps.Grains.Storage;
using ShitOps.Silo.Elastic;
using ShitOps.Silo.MySql;
using ShitOps.Silo.Sqlite;
using ShitOps.Silo.Store;
using ShitOps.TestKit.Databases;

namespace ShitOps.Bench;

/// <summary>A database with a journal in which two silos write, and nothing else.</summary>
internal sealed class ExportSite : IAsyncDisposable
{
    public const int EventsPerMessage = 5;
    private const int Writers = 2, CommitMessages = 100;
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(10);

    private readonly TempFolder _folder = new();
    private readonly MariaDbServer? _server;
    private readonly IHost[] _silos;

    private ExportSite(MariaDbServer? server)
    {
        _server = server;
        string? connectionString = server?.NewDatabase();
        _silos = [.. Enumerable.Range(0, Writers).Select(_ => Silo(connectionString))];
    }

    /// <param name="standalone">SQLite instead of MariaDB.</param>
    public static async Task<ExportSite> StartAsync(bool standalone, CancellationToken stop)
    {
        var site = new ExportSite(standalone ? null : await MariaDbServer.StartNewAsync(durable: true));
        await site._silos[0].Services.GetRequiredService<ISchema>().MigrateAsync(stop);
        return site;
    }

    /// <summary>Null: the database is in this process.</summary>
    public int? DatabaseProcess => _server?.ProcessId;

    public Database Database => _silos[0].Services.GetRequiredService<Database>();

    public ICommitQueue Commits => _silos[0].Services.GetRequiredService<ICommitQueue>();

    /// <summary>Writes what so many messages leave in the journal: five events each, in commits of a hundred messages.</summary>
    public Task FillAsync(int messages, CancellationToken stop) => Task.WhenAll(_silos.Select(async (silo, writer) =>
    {
        ICommitQueue commits = silo.Services.GetRequiredService<ICommitQueue>();
        for (int first = writer * CommitMessages; first < messages; first += Writers * CommitMessages)
        {
            stop.ThrowIfCancellationRequested();
            DateTimeOffset now = TimeProvider.System.GetUtcNow();
            await commits.CommitAsync(new Commit(
                [new Note { Events = [.. Enumerable.Range(first, Math.Min(CommitMessages, messages - first)).SelectMany(n => Life(n, now))] }], Deadline: TimeSpan.FromMinutes(1)));
        }
    }));

    /// <summary>Waits until the place of every writer stands behind its last row.</summary>
    public async Task UntilSentAsync(CancellationToken stop)
    {
        var store = new ExportStore(Database, TimeProvider.System);
        while ((await store.LagAsync(stop)).Events > 0)
            await Task.Delay(Glance, TimeProvider.System, stop);
    }

    private static IEnumerable<JournalEvent> Life(int number, DateTimeOffset now)
    {
        Guid id = Guid.CreateVersion7(now);
        byte[] digest = RandomNumberGenerator.GetBytes(SHA256.HashSizeInBytes);
        string from = $"team-{number % 30}", to = $"team-{(number * 7 + 1) % 30}";
        JournalEvent One(string type, int step) => new(type, now.AddMilliseconds(step)) { Message = id, From = from, Team = to, Node = (number + step) % 15, Silo = "silo-1" };
        yield return One(EventTypes.MessageAccepted, 1) with { Size = 1_024, Sha256 = digest, TraceParent = $"00-{id:N}-{id:N}"[..52] + "-01" };
        yield return One(EventTypes.MessageScanned, 2) with { Verdict = "clean", SignatureVersion = "27812" };
        yield return One(EventTypes.MessageForwarded, 3);
        yield return One(EventTypes.MessageDelivered, 4) with { Attempt = 1 };
        yield return One(EventTypes.MessageAcknowledged, 5) with { Actor = $"team:{to}" };
    }

    private IHost Silo(string? connectionString)
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddLogging(logs => logs.SetMinimumLevel(LogLevel.Error));
        _ = connectionString is null ? builder.Services.AddSqliteStore(_folder.Path) : builder.Services.AddMySqlStore(connectionString);
        return builder.Build();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (IHost silo in _silos)
            await ((IAsyncDisposable)silo).DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }
}
