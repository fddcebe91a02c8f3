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
        long start = Stopwatch.GetTimestamp();
        for (int minute = 1; Stopwatch.GetElapsedTime(start) < options.Lasts; minute++)
        {
            await Task.Delay(Minute / 2, TimeProvider.System, stop);
            output.WriteLine(Memory(minute, cluster, programs));
            if (options.Kills)
            {
                ProgramUnderTest victim = programs[random.Next(programs.Length)];
                kills.Add(Stopwatch.GetTimestamp());
                await victim.StopAsync(Signals.Kill);
                await victim.RestartAsync();
                // The window closes behind the start: what starts takes processor time from all others.
                kills.Add(Stopwatch.GetTimestamp());
            }
            TimeSpan left = (Minute * minute) - Stopwatch.GetElapsedTime(start);
            if (left > TimeSpan.Zero)
                await Task.Delay(left, TimeProvider.System, stop);
        }
        Account account = await load.DrainAsync(TimeSpan.FromSeconds(60));
        Latencies all = new(), outside = new();
        foreach ((long at, TimeSpan took) in _accepted)
        {
            all.Add(took);
            long posted = at - (long)(took.TotalSeconds * Stopwatch.Frequency);
            if (!kills.Any(kill => at >= kill && posted <= kill + (long)(Window.TotalSeconds * Stopwatch.Frequency)))
                outside.Add(took);
        }
        output.WriteLine(Line($"accepted {_accepted.Count}; p99 of all {all.Percentile(99):0.0} ms, outside of {Window.TotalSeconds} s after a kill or start {outside.Percentile(99):0.0} ms"));
        output.WriteLine(string.Join(", ", account.Counts.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => Line($"{c.Key}: {c.Value}"))));
        IReadOnlyList<string> wrong = SteadyLoad.Wrong(account);
        foreach (string one in wrong)
            output.WriteLine($"!! {one}");
        return wrong.Count == 0 ? 0 : 1;
    }

    private static string Memory(int minute, ShitOpsCluster cluster, ProgramUnderTest[] programs) => Line($"minute {minute}: ")
        + string.Join(", ", programs.Select(p => (p.Name, p.ProcessId)).Append(("database", cluster.Database.ProcessId)).Append(("clamd", cluster.Clamd.ProcessId))
            .Select(p => Line($"{p.Item1} {ProcessorTime.MemoryOf(p.Item2):0} MiB")));

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
