using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using ShitOps.Silo.Elastic;
using ShitOps.Silo.Store;
using ShitOps.TestKit.Elastic;

namespace ShitOps.Elastic.Tests.Export;

public sealed class OnMariaDb() : ExporterTests(DatabaseKind.MariaDb);

[Trait("server", "mysql")]
public sealed class OnMySql() : ExporterTests(DatabaseKind.MySql);

public sealed class OnSqlite() : ExporterTests(DatabaseKind.Sqlite);

public abstract class ExporterTests(DatabaseKind database)
{
    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    private static async Task StopAsync(CancellationTokenSource stop, Task running)
    {
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task Every_event_of_every_writer_arrives_once_and_in_order()
    {
        await using ElasticServer server = await ElasticServer.StartNewAsync();
        await using Journal journal = await Journal.NewAsync(database);
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => journal.TellAsync(journal.NewProcess(), 40, 33)));
        JournalExporter exporter = journal.NewExporter(server.Url);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Patience);
        Task running = exporter.RunAsync(stop.Token);
        await server.UntilAsync(Journal.Stream, stored => stored.Count >= journal.Told, Patience);
        await journal.TellAsync(journal.NewProcess(), 3, 10);
        await server.UntilAsync(Journal.Stream, stored => stored.Count >= journal.Told, Patience);
        await StopAsync(stop, running);
        journal.AssertWhole(server);
        foreach (var writer in server.Documents(Journal.Stream).Select(d => JsonDocument.Parse(d.Source).RootElement.GetProperty("shitops"))
            .GroupBy(own => own.GetProperty("writer").GetInt32()))
        {
            (long, int)[] places = [.. writer.Select(own => (own.GetProperty("number").GetInt64(), own.GetProperty("place").GetInt32()))];
            Assert.Equal(places.Order(), places);
        }
    }

    [Fact]
    public async Task Through_every_fault_and_restarts_on_both_sides_nothing_is_missing_and_nothing_doubled()
    {
        await using ElasticServer server = await ElasticServer.StartNewAsync();
        await using Journal journal = await Journal.NewAsync(database);
        Task writing = Task.WhenAll(Enumerable.Range(0, 2).Select(_ => journal.TellAsync(journal.NewProcess(), 60, 100)));
        for (int round = 0; round < 6; round++)
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Patience);
            server.Next(new ElasticFault.Truncate(), new ElasticFault.Refuse(429, 0), new ElasticFault.Items(id => id.EndsWith('1'), 503, "unavailable_shards_exception"),
                new ElasticFault.Drop(), new ElasticFault.Items(id => id.EndsWith('7'), 429, "es_rejected_execution_exception"), new ElasticFault.Refuse(503));
            Task running = journal.NewExporter(server.Url).RunAsync(stop.Token);
            int before = server.Documents(Journal.Stream).Count;
            await server.UntilAsync(Journal.Stream, stored => stored.Count > before || (writing.IsCompleted && stored.Count >= journal.Told), Patience);
            if (round % 2 == 0)
            {
                await server.StopAsync();
                await server.StartAsync();
            }
            await StopAsync(stop, running);
        }
        await writing;
        using var last = CancellationTokenSource.CreateLinkedTokenSource(Patience);
        Task rest = journal.NewExporter(server.Url).RunAsync(last.Token);
        await server.UntilAsync(Journal.Stream, stored => stored.Count >= journal.Told, Patience);
        await StopAsync(last, rest);
        journal.AssertWhole(server);
    }

    [Fact]
    public async Task Two_at_once_store_everything_once()
    {
        await using ElasticServer server = await ElasticServer.StartNewAsync();
        await using Journal journal = await Journal.NewAsync(database);
        await journal.TellAsync(journal.NewProcess(), 50, 100);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Patience);
        Task running = Task.WhenAll(journal.NewExporter(server.Url).RunAsync(stop.Token), journal.NewExporter(server.Url).RunAsync(stop.Token));
        await server.UntilAsync(Journal.Stream, stored => stored.Count >= journal.Told, Patience);
        await StopAsync(stop, running);
        journal.AssertWhole(server);
    }

    [Fact]
    public async Task What_is_never_taken_is_kept_aside_with_its_reason_and_the_rest_goes_on()
    {
        await using ElasticServer server = await ElasticServer.StartNewAsync();
        await using Journal journal = await Journal.NewAsync(database);
        await journal.TellAsync(journal.NewProcess(), 3, 10);
        server.Next(new ElasticFault.Items(id => id.EndsWith("-4"), 400, "document_parsing_exception"));
        JournalExporter exporter = journal.NewExporter(server.Url);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Patience);
        Task running = exporter.RunAsync(stop.Token);
        // One of each commit is refused; what is told only then meets no fault.
        await server.UntilAsync(Journal.Stream, stored => stored.Count == 27, Patience);
        await journal.TellAsync(journal.NewProcess(), 1, 10);
        await server.UntilAsync(Journal.Stream, stored => stored.Count == 37, Patience);
        await exporter.UntilAsync(status => status is { LagEvents: 0, Rejected: 3 }, Patience);
        await StopAsync(stop, running);
        await using ServiceProvider reader = journal.NewProcess();
        var kept = await reader.GetRequiredService<Database>().QueryAsync("SELECT id, status, type, document FROM export_dead_letter ORDER BY id", [],
            row => (Id: row.GetString(0), Status: row.GetInt32(1), Type: row.GetString(2), Document: row.Bytes(3)), Patience);
        journal.AssertWhole(server, missing: 3);
        Assert.Equal(3, kept.Count);
        Assert.All(kept, letter =>
        {
            Assert.EndsWith("-4", letter.Id);
            Assert.Equal((400, "document_parsing_exception"), (letter.Status, letter.Type));
            Assert.Equal("message.delivered", JsonDocument.Parse(letter.Document).RootElement.GetProperty("event").GetProperty("action").GetString());
        });
    }

    [Fact]
    public async Task While_nobody_answers_the_status_says_so_and_the_journal_waits()
    {
        await using ElasticServer server = await ElasticServer.StartNewAsync();
        await using Journal journal = await Journal.NewAsync(database);
        await server.StopAsync();
        await journal.TellAsync(journal.NewProcess(), 2, 10);
        JournalExporter exporter = journal.NewExporter(server.Url);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Patience);
        Task running = exporter.RunAsync(stop.Token);
        await exporter.UntilAsync(status => status is { Trouble: not null, LagEvents: 20 }, Patience);
        await server.StartAsync();
        await server.UntilAsync(Journal.Stream, stored => stored.Count >= journal.Told, Patience);
        await exporter.UntilAsync(status => status is { Trouble: null, LagEvents: 0, Sent: 20 }, Patience);
        await StopAsync(stop, running);
        journal.AssertWhole(server);
    }

    [Fact]
    public async Task A_long_journal_is_sent_at_speed_through_faults()
    {
        await using ElasticServer server = await ElasticServer.StartNewAsync();
        await using Journal journal = await Journal.NewAsync(database);
        await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => journal.TellAsync(journal.NewProcess(), 50, 400)));
        server.Next([.. Enumerable.Range(0, 10).SelectMany(i => new ElasticFault[] { new ElasticFault.Refuse(429, 0), new ElasticFault.Items(id => id.EndsWith('3'), 429, "busy"), new ElasticFault.Truncate() })]);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Patience);
        long start = Stopwatch.GetTimestamp();
        Task running = journal.NewExporter(server.Url).RunAsync(stop.Token);
        await server.UntilAsync(Journal.Stream, stored => stored.Count >= journal.Told, Patience);
        TestContext.Current.TestOutputHelper!.WriteLine($"{journal.Told / Stopwatch.GetElapsedTime(start).TotalSeconds:F0} events/s");
        await StopAsync(stop, running);
        journal.AssertWhole(server);
    }
}
