using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using MySqlConnector;
using ShitOps.Bench;
using ShitOps.Chaos.Accounts;

namespace ShitOps.Chaos.Measure;

/// <param name="Gently">SIGTERM in place of SIGKILL.</param>
internal sealed record FailoverOptions(int Kills, int Rate, int Teams, int Silos, int Seed, bool Gently);

/// <summary>
/// Kills one silo after the other under load, or stops it in order, and measures how long it takes until each team whose
/// hub was there gets its next delivery, and what callers saw of it.
/// </summary>
internal sealed class Failover(FailoverOptions options, TextWriter output)
{
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(12), Limit = TimeSpan.FromSeconds(60);
    private readonly ConcurrentDictionary<string, ConcurrentQueue<long>> _received = new();

    /// <returns>0: nothing was lost, doubled or refused.</returns>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        await using ShitOpsCluster cluster = await ShitOpsCluster.StartAsync(new ClusterOptions { Silos = options.Silos });
        await using SteadyLoad load = await SteadyLoad.StartAsync(cluster, options.Seed, options.Teams, options.Rate);
        load.Received += (team, at) => _received.GetOrAdd(team, _ => new()).Enqueue(at);
        await Task.Delay(Rest, TimeProvider.System, stop);
        var gaps = new List<(string Team, TimeSpan Gap)>();
        var latencies = new Latencies();
        for (int kill = 0; kill < options.Kills; kill++)
        {
            ProgramUnderTest silo = cluster.Silos[kill % options.Silos];
            IReadOnlyList<string> teams = await TeamsAtAsync(cluster, silo);
            long at = Stopwatch.GetTimestamp();
            await silo.StopAsync(options.Gently ? Signals.Terminate : Signals.Kill);
            // What stops in order may deliver for a while yet.
            (string Team, TimeSpan Gap)[] found = options.Gently
                ? await Task.WhenAll(teams.Select(team => LongestAsync(team, at, stop)))
                : await Task.WhenAll(teams.Select(team => NextAsync(team, at, stop)));
            gaps.AddRange(found);
            foreach ((_, TimeSpan gap) in found)
                latencies.Add(gap);
            output.WriteLine(Line($"{(options.Gently ? "stop" : "kill")} {kill + 1} of {silo.Name}, {teams.Count} teams: slowest {found.Select(f => f.Gap.TotalSeconds).DefaultIfEmpty().Max():0.0} s"));
            await silo.RestartAsync();
            await Task.Delay(Rest, TimeProvider.System, stop);
        }
        Account account = await load.DrainAsync(TimeSpan.FromSeconds(60));
        output.WriteLine(Line($"{gaps.Count} gaps {(options.Gently ? "between deliveries" : "until the next delivery")}: p50 {latencies.Percentile(50):0} ms, p99 {latencies.Percentile(99):0} ms, longest {gaps.Select(g => g.Gap.TotalSeconds).DefaultIfEmpty().Max():0.0} s"));
        output.WriteLine(Line($"{account.Posted.Count} posted; seen by callers: {string.Join(", ", account.Counts.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => Line($"{c.Key}: {c.Value}")))}"));
        IReadOnlyList<string> wrong = SteadyLoad.Wrong(account);
        foreach (string one in wrong)
            output.WriteLine($"!! {one}");
        return wrong.Count == 0 ? 0 : 1;
    }

    /// <summary>Teams whose hub runs in that silo now, as the tree tells.</summary>
    /// <exception cref="TimeoutException">There are none: then there is nothing to measure.</exception>
    private static async Task<IReadOnlyList<string>> TeamsAtAsync(ShitOpsCluster cluster, ProgramUnderTest silo)
    {
        string? name = await NameAsync(cluster, cluster.SiloPorts[cluster.Silos.ToList().IndexOf(silo)]);
        return await Eventually.UntilAsync(async () =>
        {
            JsonElement tree = await cluster.Operator.TreeAsync();
            return tree.GetProperty("nodes").EnumerateArray().Where(node => node.Text("silo") == name)
                .SelectMany(node => node.GetProperty("teams").EnumerateArray().Select(team => team.Name())).ToArray();
        }, teams => teams.Length > 0, Limit, $"a hub is at {silo.Name}, whose name in the cluster is {name}");
    }

    /// <summary>A silo has another name in each of its lives; what stays is its port.</summary>
    private static async Task<string?> NameAsync(ShitOpsCluster cluster, int port)
    {
        const int active = 3;
        await using var connection = new MySqlConnection(cluster.Database.ConnectionString);
        await connection.OpenAsync();
        await using MySqlCommand command = connection.CreateCommand();
        command.CommandText = string.Create(CultureInfo.InvariantCulture, $"SELECT SiloName FROM OrleansMembershipTable WHERE Port = {port} AND Status = {active}");
        return (string?)await command.ExecuteScalarAsync();
    }

    /// <summary>The first delivery to that team after the kill; what was leased before it may still come a moment later, and is passed over.</summary>
    private async Task<(string, TimeSpan)> NextAsync(string team, long killed, CancellationToken stop)
    {
        TimeSpan underWay = TimeSpan.FromMilliseconds(200);
        using var pulse = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (Stopwatch.GetElapsedTime(killed) < Limit && await pulse.WaitForNextTickAsync(stop))
        {
            foreach (long at in _received.GetOrAdd(team, _ => new()))
            {
                if (at > killed && Stopwatch.GetElapsedTime(killed, at) > underWay)
                    return (team, Stopwatch.GetElapsedTime(killed, at));
            }
        }
        return (team, Limit);
    }

    /// <summary>The longest time without a delivery to that team from <paramref name="from"/> until after the first one from now on.</summary>
    private async Task<(string, TimeSpan)> LongestAsync(string team, long from, CancellationToken stop)
    {
        await NextAsync(team, Stopwatch.GetTimestamp(), stop);
        TimeSpan longest = TimeSpan.Zero;
        long[] received = [.. _received.GetOrAdd(team, _ => new()), Stopwatch.GetTimestamp()];
        foreach (long at in received.SkipWhile(at => at <= from))
        {
            TimeSpan gap = Stopwatch.GetElapsedTime(from, at);
            (longest, from) = (gap > longest ? gap : longest, at);
        }
        return (team, longest);
    }

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
