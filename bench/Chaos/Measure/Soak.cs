using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using ShitOps.Bench;
using ShitOps.Chaos.Accounts;

namespace ShitOps.Chaos.Measure;

internal sealed record SoakOptions(TimeSpan Lasts, int Rate, int Teams, int Silos, int Seed, bool Kills);

/// <summary>Load at a constant rate with a kill a minute: memory by process each minute, and how long posts take outside of the kills.</summary>
internal sealed class Soak(SoakOptions options, TextWriter output)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    /// <summary>From a kill on, posts may take longer.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(15);

    private readonly ConcurrentQueue<(long At, TimeSpan Took)> _accepted = new();

    /// <returns>0: nothing was lost, doubled or refused.</returns>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        await using ShitOpsCluster cluster = await ShitOpsCluster.StartAsync(new ClusterOptions { Silos = options.Silos, Gateways = 2, Durable = true });
        await using SteadyLoad load = await SteadyLoad.StartAsync(cluster, options.Seed, options.Teams, options.Rate);
        load.Accepted += (at, took) => _accepted.Enqueue((at, took));
        var kills = new List<long>();
        var random = new Random(options.Seed);
        ProgramUnderTest[] programs = [.. cluster.Silos, .. cluster.Gateways];
        long start = Stopwatch.GetTimestamp(), told = start;
        long[] born = [.. programs.Select(_ => start)];
        for (int minute = 1; Stopwatch.GetElapsedTime(start) < options.Lasts; minute++)
        {
            await Task.Delay(Minute / 2, TimeProvider.System, stop);
            output.WriteLine(Line($"minute {minute}: {Memory(cluster, programs, born)}; p99 {Outside(kills, told).Percentile(99):0.0} ms"));
            told = Stopwatch.GetTimestamp();
            if (options.Kills)
            {
                int victim = random.Next(programs.Length);
                kills.Add(Stopwatch.GetTimestamp());
                await programs[victim].StopAsync(Signals.Kill);
                await programs[victim].RestartAsync();
                born[victim] = Stopwatch.GetTimestamp();
                // The window closes behind the start: what starts takes processor time from all others.
                kills.Add(Stopwatch.GetTimestamp());
            }
            TimeSpan left = (Minute * minute) - Stopwatch.GetElapsedTime(start);
            if (left > TimeSpan.Zero)
                await Task.Delay(left, TimeProvider.System, stop);
        }
        Account account = await load.DrainAsync(TimeSpan.FromSeconds(60));
        Latencies all = new(), outside = Outside(kills, start);
        foreach ((_, TimeSpan took) in _accepted)
            all.Add(took);
        output.WriteLine(Line($"accepted {_accepted.Count}; p99 of all {all.Percentile(99):0.0} ms, outside of {Window.TotalSeconds} s after a kill or start {outside.Percentile(99):0.0} ms"));
        output.WriteLine(string.Join(", ", account.Counts.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => Line($"{c.Key}: {c.Value}"))));
        IReadOnlyList<string> wrong = SteadyLoad.Wrong(account);
        foreach (string one in wrong)
            output.WriteLine($"!! {one}");
        return wrong.Count == 0 ? 0 : 1;
    }

    /// <summary>Of posts answered since then, those that no kill and no start fell upon.</summary>
    private Latencies Outside(List<long> kills, long since)
    {
        var outside = new Latencies();
        foreach ((long at, TimeSpan took) in _accepted.Where(a => a.At >= since))
        {
            long posted = at - (long)(took.TotalSeconds * Stopwatch.Frequency);
            if (!kills.Any(kill => at >= kill && posted <= kill + (long)(Window.TotalSeconds * Stopwatch.Frequency)))
                outside.Add(took);
        }
        return outside;
    }

    /// <summary>What each process has in memory, and for how many minutes it has lived.</summary>
    private static string Memory(ShitOpsCluster cluster, ProgramUnderTest[] programs, long[] born) => string.Join(", ",
        programs.Select((p, i) => Line($"{p.Name} {ProcessorTime.MemoryOf(p.ProcessId):0} MiB after {Stopwatch.GetElapsedTime(born[i]).TotalMinutes:0.0}"))
            .Append(Line($"database {ProcessorTime.MemoryOf(cluster.Database.ProcessId):0} MiB")).Append(Line($"clamd {ProcessorTime.MemoryOf(cluster.Clamd.ProcessId):0} MiB")));

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
