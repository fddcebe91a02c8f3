using System.Diagnostics;
using System.Text.Json;
using ShitOps.Silo.Elastic;
using ShitOps.TestKit.Elastic;

namespace ShitOps.Elastic.Tests.Export;

public sealed class OnMariaDb() : ExporterTests(DatabaseKind.MariaDb);

[Trait("server", "mysql")]
public sealed class OnMySql() : ExporterTests(DatabaseKind.MySql);

public sealed class OnSqlite() : ExporterTests(DatabaseKind.Sqlite);

public abstract partial class ExporterTests(DatabaseKind database) : IAsyncLifetime
{
    private ElasticServer _server = null!;
    private Journal _journal = null!;

    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await ElasticServer.StartNewAsync();
        _journal = await Journal.NewAsync(database);
    }

    public async ValueTask DisposeAsync()
    {
        await _journal.DisposeAsync();
        await _server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private JournalExporter NewExporter() => _journal.NewExporter(_server.Url);

    private RunningExporter Run() => new(NewExporter());

    /// <summary>Waits until so many documents are stored; null: all that was told.</summary>
    private Task UntilStoredAsync(int? count = null) => _server.UntilAsync(Journal.Stream, stored => stored.Count >= (count ?? _journal.Told), Patience);

    private JsonElement[] Stored() => [.. _server.Documents(Journal.Stream).Select(d => JsonDocument.Parse(d.Source).RootElement)];

    [Fact]
    public async Task Every_event_of_every_writer_arrives_once_and_in_order()
    {
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => _journal.TellAsync(_journal.NewProcess(), 40, 33)));
        await using (Run())
        {
            await UntilStoredAsync();
            await _journal.TellAsync(_journal.NewProcess(), 3, 10);
            await UntilStoredAsync();
        }
        _journal.AssertWhole(_server);
        foreach (IGrouping<int, JsonElement> writer in Stored().Select(document => document.GetProperty("shitops")).GroupBy(own => own.GetProperty("writer").GetInt32()))
        {
            (long, int)[] places = [.. writer.Select(own => (own.GetProperty("number").GetInt64(), own.GetProperty("place").GetInt32()))];
            Assert.Equal(places.Order(), places);
        }
    }

    [Fact]
    public async Task Through_every_fault_and_restarts_on_both_sides_nothing_is_missing_and_nothing_doubled()
    {
        Task writing = Task.WhenAll(Enumerable.Range(0, 2).Select(_ => _journal.TellAsync(_journal.NewProcess(), 60, 100)));
        for (int round = 0; round < 6; round++)
        {
            _server.Next(new ElasticFault.Truncate(), new ElasticFault.Refuse(429, 0), new ElasticFault.Items(id => id.EndsWith('1'), 503, "unavailable_shards_exception"),
                new ElasticFault.Drop(), new ElasticFault.Items(id => id.EndsWith('7'), 429, "es_rejected_execution_exception"), new ElasticFault.Refuse(503));
            await using RunningExporter running = Run();
            int before = _server.Documents(Journal.Stream).Count;
            await _server.UntilAsync(Journal.Stream, stored => stored.Count > before || (writing.IsCompleted && stored.Count >= _journal.Told), Patience);
            if (round % 2 == 0)
            {
                await _server.StopAsync();
                await _server.StartAsync();
            }
        }
        await writing;
        await using (Run())
            await UntilStoredAsync();
        _journal.AssertWhole(_server);
    }

    [Fact]
    public async Task Two_at_once_store_everything_once()
    {
        await _journal.TellAsync(_journal.NewProcess(), 50, 100);
        await using (Run())
        await using (Run())
            await UntilStoredAsync();
        _journal.AssertWhole(_server);
    }

    [Fact]
    public async Task What_is_never_taken_is_kept_aside_with_its_reason_and_the_rest_goes_on()
    {
        await _journal.TellAsync(_journal.NewProcess(), 3, 10);
        _server.Next(new ElasticFault.Items(id => id.EndsWith("-4"), 400, "document_parsing_exception"));
        await using (RunningExporter running = Run())
        {
            // One of each commit is refused; what is told only then meets no fault.
            await UntilStoredAsync(27);
            await _journal.TellAsync(_journal.NewProcess(), 1, 10);
            await UntilStoredAsync(37);
            await running.UntilAsync(status => status is { LagEvents: 0, Rejected: 3 });
        }
        _journal.AssertWhole(_server, missing: 3);
        List<ExportDeadLetter> kept = await _journal.Store.DeadLettersAsync(10, Patience);
        Assert.Equal(3, kept.Count);
        Assert.All(kept, letter =>
        {
            Assert.EndsWith("-4", letter.Id);
            Assert.Equal((400, "document_parsing_exception"), (letter.Status, letter.Type));
            Assert.Equal("message.delivered", JsonDocument.Parse(letter.Document).RootElement.GetProperty("event").GetProperty("action").GetString());
        });
    }

    [Fact]
    public async Task A_long_journal_is_sent_at_speed_through_faults()
    {
        await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => _journal.TellAsync(_journal.NewProcess(), 200, 500)));
        await using (Run())
        {
            // The first half warms up: code is compiled, connections are opened.
            await UntilStoredAsync(_journal.Told / 2);
            _server.Next([.. Enumerable.Range(0, 10).SelectMany(i => new ElasticFault[] { new ElasticFault.Refuse(429, 0), new ElasticFault.Items(id => id.EndsWith('3'), 429, "busy"), new ElasticFault.Truncate() })]);
            int before = _server.Documents(Journal.Stream).Count;
            long start = Stopwatch.GetTimestamp();
            TimeSpan used = Environment.CpuUsage.TotalTime;
            await UntilStoredAsync();
            int sent = _journal.Told - before;
            TestContext.Current.TestOutputHelper!.WriteLine($"{sent / Stopwatch.GetElapsedTime(start).TotalSeconds:F0} events/s through 30 faults, "
                + $"{(Environment.CpuUsage.TotalTime - used).TotalMicroseconds / sent:F1} µs of processor an event, the server's and other tests' with it");
        }
        Assert.True(_server.IsThrough);
        _journal.AssertWhole(_server);
    }
}
