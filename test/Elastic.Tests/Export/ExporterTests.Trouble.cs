using ShitOps.Grains;
using ShitOps.Grains.Journal;
using ShitOps.Silo.Elastic;

namespace ShitOps.Elastic.Tests.Export;

/// <summary>What is told of an export that does not go on, and what is kept for it.</summary>
public abstract partial class ExporterTests
{
    [Fact]
    public async Task While_nobody_answers_the_status_says_so_and_the_journal_waits()
    {
        await _server.StopAsync();
        await _journal.TellAsync(_journal.NewProcess(), 2, 10);
        await using (RunningExporter running = Run())
        {
            await running.UntilAsync(status => status is { Trouble: not null, LagEvents: 20 });
            await _server.StartAsync();
            await UntilStoredAsync();
            await running.UntilAsync(status => status is { Trouble: null, LagEvents: 0, Sent: 20 });
        }
        _journal.AssertWhole(_server);
    }

    [Fact]
    public async Task What_was_not_sent_is_kept_whatever_its_age_and_goes_when_it_was_sent()
    {
        await _journal.TellAsync(_journal.NewProcess(), 3, 10);
        JournalExporter exporter = NewExporter();
        Assert.Null((await _journal.RetainAsync(exporter, days: 31)).Reason);
        Assert.Equal(30, (await _journal.HeldAsync()).Length);
        await using (var running = new RunningExporter(exporter))
            await running.UntilAsync(status => status is { LagEvents: 0, Sent: 30 });
        Assert.Null((await _journal.RetainAsync(exporter, days: 31)).Reason);
        Assert.Empty(await _journal.HeldAsync());
        _journal.AssertWhole(_server);
    }

    [Fact]
    public async Task Only_the_bound_on_bytes_takes_what_was_not_sent_and_that_is_told()
    {
        await _journal.TellAsync(_journal.NewProcess(), 3, 10);
        Assert.Contains("30 events were deleted before they were sent", (await _journal.RetainAsync(NewExporter(), days: 0, maxBytes: 1)).Reason);
        Assert.Equal([EventTypes.ExportLost], await _journal.HeldAsync());
    }

    [Fact]
    public async Task A_place_never_goes_back()
    {
        await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => _journal.TellAsync(_journal.NewProcess(), 3, 10)));
        IReadOnlyList<ExportRow> rows = await _journal.Store.NextAsync(new Dictionary<int, long>(), 1000, 1_000_000, Patience);
        int[] writers = [.. rows.Select(row => row.Writer).Distinct()];
        foreach (long number in new long[] { 1, 3, 2 })
            await _journal.Store.AdvanceAsync(writers.ToDictionary(writer => writer, _ => number), [], Patience);
        Assert.Equal((2, 0), (writers.Length, (await _journal.Store.LagAsync(Patience)).Events));
    }

    [Fact]
    public async Task A_row_that_nobody_can_read_is_kept_aside_and_the_rest_goes_on()
    {
        await _journal.TellAsync(_journal.NewProcess(), 3, 10);
        await _journal.SpoilAsync([2, 1, 2, 3]);
        await using (RunningExporter running = Run())
            await running.UntilAsync(status => status is { LagEvents: 0, Sent: 20, Rejected: 1 });
        _journal.AssertWhole(_server, missing: 10);
        ExportDeadLetter letter = Assert.Single(await _journal.Store.DeadLettersAsync(10, Patience));
        Assert.Equal("unreadable", letter.Type);
        Assert.Equal([2, 1, 2, 3], letter.Document);
    }

    [Fact]
    public async Task A_row_of_a_later_version_waits_and_says_so()
    {
        await _journal.TellAsync(_journal.NewProcess(), 3, 10);
        await _journal.SpoilAsync([99, 1, 2, 3]);
        await using RunningExporter running = Run();
        await running.UntilAsync(status => status is { Trouble: "journal row of version 99; this program reads versions 1 to 2", LagEvents: 30 });
    }

    [Fact]
    public async Task What_only_a_person_can_put_right_is_told()
    {
        await using var running = new RunningExporter(_journal.NewExporter(_server.Url, caFile: _journal.NewFile("no certificate")));
        await running.UntilAsync(status => status.Trouble is { } trouble && trouble.EndsWith("holds no certificate", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Samples_of_nodes_go_beside_the_journal_and_wait_while_nobody_answers()
    {
        await _server.StopAsync();
        JournalExporter exporter = NewExporter();
        await using (var running = new RunningExporter(exporter))
        {
            exporter.Measured("main", [.. Enumerable.Range(0, 7).Select(i => new NodeStatus { Index = i, Silo = "silo-1", ActivatedAt = default, Queue = i, Held = 0 })]);
            await running.UntilAsync(status => status.Trouble is not null);
            await _server.StartAsync();
            await UntilStoredAsync(8);
        }
        Assert.Equal(Enumerable.Repeat("metric", 8), Stored().Select(document => document.GetProperty("event").GetProperty("kind").GetString()));
    }

    [Fact]
    public async Task That_it_fell_behind_and_that_it_caught_up_is_told_once()
    {
        await _server.StopAsync();
        await _journal.TellAsync(_journal.NewProcess(), 3, 10);
        await _journal.AgeAsync(TimeSpan.FromMinutes(2));
        await using (RunningExporter running = Run())
        {
            await running.UntilAsync(status => status is { LagEvents: 31, LagSeconds: > 100 });
            await _server.StartAsync();
            await running.UntilAsync(status => status is { LagEvents: 0, Sent: 32 });
        }
        Assert.Equal([EventTypes.ExportBehind, EventTypes.ExportCaughtUp], (await _journal.HeldAsync()).Where(type => type.StartsWith("export.", StringComparison.Ordinal)));
    }
}
