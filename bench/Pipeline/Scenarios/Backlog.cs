using System.Diagnostics;
using System.Text.Json;

namespace ShitOps.Bench;

/// <summary>The same traffic again while many messages wait, and what the silos' memory is meanwhile.</summary>
internal sealed class Backlog(Site site, Load load, Team recipient, BenchOptions options)
{
    private static readonly TimeSpan Glance = TimeSpan.FromSeconds(1);

    /// <param name="without">Messages a second before there was a backlog.</param>
    public async Task MeasureAsync(Figures figures, double without, CancellationToken stop)
    {
        long start = Stopwatch.GetTimestamp();
        if (options.Waiting == Waiting.Held)
            Clamd.Signal(Signals.Stop);
        DateTimeOffset? deliverAt = options.Waiting == Waiting.Outbox ? TimeProvider.System.GetUtcNow().AddDays(1) : null;
        await load.FillAsync(recipient.Name, options.Backlog, options.Body, fromOne: options.Waiting != Waiting.Inbox, deliverAt, stop);
        figures.Add("backlog.filled", options.Backlog / Stopwatch.GetElapsedTime(start).TotalSeconds, "messages/s");
        if (options.Waiting == Waiting.Inbox)
            await UntilAsync(InInboxAsync, stop);
        else
            await UntilAsync(InOutboxAsync, stop);
        site.AddMemory(figures, "backlog.memory");
        if (options.Waiting != Waiting.Held)
            await UntilQuietAsync(stop);
        if (options.Waiting == Waiting.Held)
            Clamd.Signal(Signals.Continue);

        long resumed = Stopwatch.GetTimestamp();
        LoadResult result = await load.RunAsync(options, stop);
        var beside = new Figures();
        Scenario.Add(beside, result);
        figures.AddAll("backlog.", beside);
        figures.Add("backlog.throughput", result.Ledger.Accepted / (result.DeliverTime ?? result.AcknowledgeTime).TotalSeconds / without, "× without");
        if (options.Waiting == Waiting.Held)
        {
            await UntilAsync(InInboxAsync, stop);
            figures.Add("backlog.drained", (options.Backlog + result.Ledger.Accepted) / Stopwatch.GetElapsedTime(resumed).TotalSeconds, "messages/s, traffic included");
        }
        site.AddMemory(figures, "backlog.memory-after");
    }

    private IClamdUnderTest Clamd => site.Cluster?.Clamd ?? throw new InvalidOperationException("a built-in scanner cannot be made to hang");

    private async Task<long> InInboxAsync() =>
        (await site.Operator.GetAsync($"/v1/teams/{recipient.Name}/open?limit=1")).Json.GetProperty("unacknowledged").GetProperty("waiting").GetInt64();

    /// <summary>As the last pings found it.</summary>
    private async Task<long> InOutboxAsync()
    {
        JsonElement[] nodes = [.. (await site.Operator.TreeAsync()).GetProperty("nodes").EnumerateArray()];
        return nodes.Sum(n => n.GetProperty("queue") is { ValueKind: JsonValueKind.Number } queue ? queue.GetInt64() : 0);
    }

    /// <summary>What waits is to be measured, not its being written: until the processes have next to nothing left to do, a minute at most.</summary>
    private async Task UntilQuietAsync(CancellationToken stop)
    {
        const double busy = 0.2;
        double before = Used();
        for (int look = 0; look < 60; look++)
        {
            await Task.Delay(Glance, TimeProvider.System, stop);
            double now = Used();
            if (now - before < busy)
                return;
            before = now;
        }
    }

    /// <summary>Processor seconds of all.</summary>
    private double Used() => site.Processes.Sum(p => ProcessorTime.Of(p.Id));

    private async Task UntilAsync(Func<Task<long>> waiting, CancellationToken stop)
    {
        while (await waiting() != options.Backlog)
            await Task.Delay(Glance, TimeProvider.System, stop);
    }
}
