using System.Collections.Concurrent;
using System.Diagnostics;

namespace ShitOps.Bench;

/// <summary>Posts as many messages, or for as long, as a run asks for.</summary>
/// <param name="round">Makes its texts others than those of every other round.</param>
/// <param name="start">The timestamp from which rate and duration count.</param>
internal sealed class Senders(
    BenchClient client, IReadOnlyList<Team> teams, IReadOnlyList<string> names, Ledger ledger, Latencies accept, BenchOptions options, int round, long start, bool oneAtATime)
{
    private readonly ConcurrentQueue<(int, Guid)> _last = new();
    private int _next = -1;

    /// <summary>Sender and id of the last message of each POST.</summary>
    public IReadOnlyCollection<(int From, Guid Id)> Last => _last;

    public Task RunAsync(CancellationToken stop) => Task.WhenAll(Enumerable.Range(0, options.Senders).Select(sender => Task.Run(() => SendAsync(sender, stop), stop)));

    private async Task SendAsync(int sender, CancellationToken stop)
    {
        var random = new Random((round * 100_000) + sender);
        while (true)
        {
            int batch = Interlocked.Increment(ref _next);
            int count = options.Duration > 0 ? options.Bulk : (int)Math.Min(options.Bulk, options.Messages - ((long)batch * options.Bulk));
            if (options.Duration > 0 ? Stopwatch.GetElapsedTime(start).TotalSeconds >= options.Duration : count <= 0)
                return;
            Parcel parcel = Make(random, count);
            long postedAt = Stopwatch.GetTimestamp();
            if (options.Rate > 0)
            {
                // Who posts late is late by that: the time counts from when it was due.
                long due = start + (long)((double)batch * options.Bulk / options.Rate * Stopwatch.Frequency);
                await AtAsync(due, stop);
                postedAt = due;
            }
            await PostAsync(parcel, postedAt, stop);
        }
    }

    private async Task PostAsync(Parcel parcel, long postedAt, CancellationToken stop)
    {
        string key = teams[parcel.From].Key;
        ReadOnlyMemory<byte> lines = parcel.Stamp(postedAt);
        Guid[] ids = options.Bulk > 1
            ? await client.PostLinesAsync(key, lines, parcel.To.Length, stop)
            : await client.PostOneAsync(key, lines, untilSettled: options.Receive == Receiving.Later, stop);
        TimeSpan took = Stopwatch.GetElapsedTime(postedAt);
        for (int i = 0; i < ids.Length; i++)
            accept.Add(took);
        ledger.Accept(ids, parcel.From, parcel.To);
        if (options.Receive == Receiving.Later)
            _last.Enqueue((parcel.From, ids[^1]));
        if (oneAtATime)
            await ledger.UntilAllAcknowledgedAsync(stop);
    }

    private Parcel Make(Random random, int count)
    {
        int from = options.Traffic == Traffic.Hot ? 0 : random.Next(teams.Count);
        var to = new int[count];
        for (int i = 0; i < count; i++)
        {
            to[i] = options.Traffic switch
            {
                Traffic.Broadcast => Ledger.Everybody,
                Traffic.Hot => teams.Count - 1,
                _ => (from + 1 + random.Next(teams.Count - 1)) % teams.Count,
            };
        }
        return new Parcel(random, names, from, to, options.Body);
    }

    private static async Task AtAsync(long due, CancellationToken stop)
    {
        TimeSpan left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
        if (left > TimeSpan.Zero)
            await Task.Delay(left, TimeProvider.System, stop);
    }
}
