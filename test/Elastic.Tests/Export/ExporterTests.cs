using System.Diagnostics;
using System.Text.Json;
using ShitOps.Grains;
using ShitOps.Grains.Journal;
using ShitOps.Silo.Elastic;
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
        List<ExportDeadLetter> kept = await journal.Store.DeadLettersAsync(10, Patience);
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
    public async Task What_was_not_sent_is_kept_whatever_its_age_and_goes_when_it_was_sent()
    {
        await using ElasticServer server = await ElasticServer.StartNewAsync();
        await using Journal journal = await Journal.NewAsync(database);
        await journal.TellAsync(journal.NewProcess(), 3, 10);
        JournalExporter exporter = journal.NewExporter(server.Url);
        Assert.Null((await journal.RetainAsync(exporter, days: 31)).Reason);
        Assert.Equal(30, (await journal.HeldAsync()).Length);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Patience);
        Task running = exporter.RunAsync(stop.Token);
        await exporter.UntilAsync(status => status is { LagEvents: 0, Sent: 30 }, Patience);
        await StopAsync(stop, running);
        Assert.Null((await journal.RetainAsync(exporter, days: 31)).Reason);
        Assert.Empty(await journal.HeldAsync());
        journal.AssertWhole(server);
    }

    [Fact]
    public async Task Only_the_bound_on_bytes_takes_what_was_not_sent_and_that_is_told()
    {
        await using ElasticServer server = await ElasticServer.StartNewAsync();
        await using Journal journal = await Journal.NewAsync(database);
        await journal.TellAsync(journal.NewProcess(), 3, 10);
        JournalExporter exporter = journal.NewExporter(server.Url);
        Assert.Contains("30 events were deleted before they were sent", (await journal.RetainAsync(exporter, days: 0, maxBytes: 1)).Reason);
        Assert.Equal([EventTypes.ExportLost], await journal.HeldAsync());
    }

    [Fact]
    public async Task A_row_that_nobody_can_read_is_kept_aside_and_the_rest_goes_on()
    {
        await using ElasticServer server = await ElasticServer.StartNewAsync();
        await using Journal journal = await Journal.NewAsync(database);
        await journal.TellAsync(journal.NewProcess(), 3, 10);
        await journal.SpoilAsync([2, 1, 2, 3]);
        JournalExporter exporter = journal.NewExporter(server.Url);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Patience);
        Task running = exporter.RunAsync(stop.Token);
        await exporter.UntilAsync(status => status is { LagEvents: 0, Sent: 20, Rejected: 1 }, Patience);
        await StopAsync(stop, running);
        journal.AssertWhole(server, missing: 10);
        ExportDeadLetter letter = Assert.Single(await journal.Store.DeadLettersAsync(10, Patience));
        Assert.Equal("unreadable", letter.Type);
        Assert.Equal([2, 1, 2, 3], letter.Document);
    }

    [Fact]
    public async Task A_row_of_a_later_version_waits_and_says_so()
    {
        await using ElasticServer server = await ElasticServer.StartNewAsync();
        await using Journal journal = await Journal.NewAsync(database);
        await journal.TellAsync(journal.NewProcess(), 3, 10);
        await journal.SpoilAsync([99, 1, 2, 3]);
        JournalExporter exporter = journal.NewExporter(server.Url);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Patience);
        Task running = exporter.RunAsync(stop.Token);
        await exporter.UntilAsync(status => status is { Trouble: "journal row of version 99; this program reads versions 1 to 2", LagEvents: 30 }, Patience);
        await StopAsync(stop, running);
    }

    [Fact]
    public async Task What_only_a_person_can_put_right_is_told()
    {
        await using ElasticServer server = await ElasticServer.StartNewAsync();
        await using Journal journal = await Journal.NewAsync(database);
        JournalExporter exporter = journal.NewExporter(server.Url, caFile: journal.NewFile("no certificate"));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Patience);
        Task running = exporter.RunAsync(stop.Token);
        await exporter.UntilAsync(status => status.Trouble is { } trouble && trouble.EndsWith("holds no certificate", StringComparison.Ordinal), Patience);
        await StopAsync(stop, running);
    }

    [Fact]
    public async Task Samples_of_nodes_go_beside_the_journal_and_wait_while_nobody_answers()
    {
        await using ElasticServer server = await ElasticServer.StartNewAsync();
        await using Journal journal = await Journal.NewAsync(database);
        await server.StopAsync();
        JournalExporter exporter = journal.NewExporter(server.Url);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Patience);
        Task running = exporter.RunAsync(stop.Token);
        exporter.Measured("main", [.. Enumerable.Range(0, 7).Select(i => new NodeStatus { Index = i, Silo = "silo-1", ActivatedAt = default, Queue = i, Held = 0 })]);
        await exporter.UntilAsync(status => status.Trouble is not null, Patience);
        await server.StartAsync();
        await server.UntilAsync(Journal.Stream, stored => stored.Count == 8, Patience);
        await StopAsync(stop, running);
        Assert.All(server.Documents(Journal.Stream), d =>
            Assert.Equal("metric", JsonDocument.Parse(d.Source).RootElement.GetProperty("event").GetProperty("kind").GetString()));
    }

    [Fact]
    public async Task That_it_fell_behind_and_that_it_caught_up_is_told_once()
    {
        await using ElasticServer server = await ElasticServer.StartNewAsync();
        await using Journal journal = await Journal.NewAsync(database);
        await server.StopAsync();
        await journal.TellAsync(journal.NewProcess(), 3, 10);
        await journal.AgeAsync(TimeSpan.FromMinutes(2));
        JournalExporter exporter = journal.NewExporter(server.Url);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Patience);
        Task running = exporter.RunAsync(stop.Token);
        await exporter.UntilAsync(status => status is { LagEvents: 31, LagSeconds: > 100 }, Patience);
        await server.StartAsync();
        await exporter.UntilAsync(status => status is { LagEvents: 0, Sent: 32 }, Patience);
        await StopAsync(stop, running);
        Assert.Equal([EventTypes.ExportBehind, EventTypes.ExportCaughtUp], (await journal.HeldAsync()).Where(type => type.StartsWith("export.", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_long_journal_is_sent_at_speed_through_faults()
    {
        await using ElasticServer server = await ElasticServer.StartNewAsync();
        await using Journal journal = await Journal.NewAsync(database);
        await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => journal.TellAsync(journal.NewProcess(), 100, 500)));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Patience);
        Task running = journal.NewExporter(server.Url).RunAsync(stop.Token);
        // The first fifth warms up: code is compiled, connections are opened.
        await server.UntilAsync(Journal.Stream, stored => stored.Count >= journal.Told / 5, Patience);
        server.Next([.. Enumerable.Range(0, 10).SelectMany(i => new ElasticFault[] { new ElasticFault.Refuse(429, 0), new ElasticFault.Items(id => id.EndsWith('3'), 429, "busy"), new ElasticFault.Truncate() })]);
        int before = server.Documents(Journal.Stream).Count;
        long start = Stopwatch.GetTimestamp();
        TimeSpan used = Environment.CpuUsage.TotalTime;
        await server.UntilAsync(Journal.Stream, stored => stored.Count >= journal.Told, Patience);
        int sent = journal.Told - before;
        TestContext.Current.TestOutputHelper!.WriteLine($"{sent / Stopwatch.GetElapsedTime(start).TotalSeconds:F0} events/s through 30 faults, "
            + $"{(Environment.CpuUsage.TotalTime - used).TotalMicroseconds / sent:F1} µs of processor an event, the server's and other tests' with it");
        await StopAsync(stop, running);
        journal.AssertWhole(server);
    }
}
