using System.Diagnostics;

namespace ShitOps.Bench;

internal sealed record Team(string Name, string Key);

/// <summary>What came of one run. Times are counted from its first post.</summary>
/// <param name="DeliverTime">Until the last was in its inbox; only of a run whose recipients came later.</param>
/// <param name="Measured">The processes' use of the processor, over what was timed.</param>
internal sealed record LoadResult(Ledger Ledger, Latencies Accept, Latencies Arrive, Latencies Acknowledge, TimeSpan AcceptTime, TimeSpan? DeliverTime, TimeSpan AcknowledgeTime, Figures Measured);

/// <summary>Loads the HTTP API as clients would: posts, receives, acknowledges, and keeps account.</summary>
internal sealed class Load(BenchClient client, IReadOnlyList<Team> teams, IReadOnlyList<(string, int)> processes)
{
    // A look at a message to a thousand teams reads a thousand rows.
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(20), LongGlance = TimeSpan.FromMilliseconds(250);
    private readonly string[] _names = [.. teams.Select(t => t.Name)];
    private int _rounds;

    /// <param name="oneAtATime">The next message is posted when the one before is acknowledged.</param>
    /// <exception cref="InvalidOperationException">Something was refused, lost, doubled or led astray.</exception>
    public async Task<LoadResult> RunAsync(BenchOptions options, CancellationToken stop, bool oneAtATime = false)
    {
        // Other texts in every round: what was scanned once is known.
        int round = ++_rounds;
        var ledger = new Ledger(teams.Count);
        Latencies accept = new(), arrive = new(), acknowledge = new();
        using var together = new Together(stop);
        using var receivers = new Receivers(client, teams, ledger, arrive, acknowledge);
        if (options.Receive != Receiving.Later)
            await receivers.StartAsync(options.Receive, together);
        var use = new ProcessorUse(processes);
        var measured = new Figures();
        long start = Stopwatch.GetTimestamp();
        var senders = new Senders(client, teams, _names, ledger, accept, options, round, start, oneAtATime);
        together.Add(token => WatchAsync(ledger, token));
        await together.RunAsync(senders.RunAsync);
        TimeSpan acceptTime = Stopwatch.GetElapsedTime(start);
        TimeSpan? deliverTime = null;
        if (options.Receive == Receiving.Later)
        {
            await together.RunAsync(token => UntilDeliveredAsync(senders.Last, options.Traffic == Traffic.Broadcast ? LongGlance : Glance, token));
            deliverTime = Stopwatch.GetElapsedTime(start);
            use.AddTo(measured, ledger.Accepted);
            together.Add(receivers.DrainAsync);
        }
        ledger.Close();
        await together.EndAsync();
        if (options.Receive != Receiving.Later)
            use.AddTo(measured, ledger.Accepted);
        ledger.Check();
        return new(ledger, accept, arrive, acknowledge, acceptTime, deliverTime, Stopwatch.GetElapsedTime(start, receivers.LastAcknowledged), measured);
    }

    /// <summary>Posts messages to one recipient that nobody listens for.</summary>
    /// <param name="fromOne">All by the first team, else by each in turn.</param>
    public async Task FillAsync(string recipient, int messages, int body, bool fromOne, DateTimeOffset? deliverAt, CancellationToken stop)
    {
        const int atOnce = 4, requestBytes = 4_000_000;
        int bulk = Math.Clamp(requestBytes / body, 1, 1_000), batches = (messages + bulk - 1) / bulk, next = -1;
        string[] names = [recipient];
        using var together = new Together(stop);
        for (int sender = 0; sender < atOnce; sender++)
        {
            var random = new Random(int.MaxValue - sender);
            together.Add(async token =>
            {
                for (int batch = Interlocked.Increment(ref next); batch < batches; batch = Interlocked.Increment(ref next))
                {
                    int count = Math.Min(bulk, messages - (batch * bulk));
                    var parcel = new Parcel(random, names, fromOne ? 0 : batch % teams.Count, new int[count], body, deliverAt);
                    await client.PostLinesAsync(teams[parcel.From].Key, parcel.Stamp(Stopwatch.GetTimestamp()), count, token);
                }
            });
        }
        await together.EndAsync();
    }

    /// <summary>The last message of each POST: those before it in the same POST went before it.</summary>
    private async Task UntilDeliveredAsync(IReadOnlyCollection<(int From, Guid Id)> messages, TimeSpan glance, CancellationToken stop)
    {
        foreach ((int from, Guid id) in messages)
        {
            while (await client.StateAsync(teams[from].Key, id, stop) is "queued" or "held")
                await Task.Delay(glance, TimeProvider.System, stop);
        }
    }

    /// <summary>A run in which nothing happens any more is over.</summary>
    private static async Task WatchAsync(Ledger ledger, CancellationToken stop)
    {
        var patience = TimeSpan.FromSeconds(90);
        long seen = -1;
        while (!ledger.Done.IsCompleted)
        {
            await Task.WhenAny(ledger.Done, Task.Delay(patience, TimeProvider.System, stop));
            stop.ThrowIfCancellationRequested();
            long now = ledger.Accepted + ledger.Acknowledged;
            if (now == seen && !ledger.Done.IsCompleted)
                throw new TimeoutException($"nothing has moved for {patience.TotalSeconds} s: {ledger.Accepted} accepted, {ledger.Acknowledged} of {ledger.Due} deliveries acknowledged");
            seen = now;
        }
    }
}
