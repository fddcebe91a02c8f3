using System.Diagnostics;
using System.Text.RegularExpressions;
using ShitOps.Chaos.Accounts;
using ShitOps.Chaos.Plan;
using ShitOps.Chaos.Traffic;

namespace ShitOps.Chaos.Run;

/// <summary>What one seed came to.</summary>
internal sealed record Outcome(int Seed, IReadOnlyList<Fault> Plan, Verdict Verdict, TimeSpan Took, IReadOnlyList<string> Ends, TimeSpan SlowestAccept);

/// <summary>One seed: its traffic, its faults, and the ledger held against the guarantees.</summary>
internal sealed partial class ChaosRun(int seed, ChaosOptions options, Action<string> tell)
{
    private readonly Ledger _ledger = new();
    private readonly IReadOnlyList<Fault> _plan = FaultPlan.Create(seed, options.ToPlan());
    private readonly IReadOnlyDictionary<string, IReadOnlyList<Request>> _traffic = TrafficPlan.Create(seed, options.Teams, options.Messages, options.Window);
    private long _slowest;

    public IReadOnlyList<Fault> Plan => _plan;

    public async Task<Outcome> RunAsync(Servers servers, CancellationToken stop)
    {
        long start = Stopwatch.GetTimestamp();
        try
        {
            return await RunAsync(servers.Cluster, servers.Injector, servers.Keys, start, stop);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            await SaveLogsAsync(servers.Cluster);
            throw;
        }
    }

    private async Task<Outcome> RunAsync(ShitOpsCluster cluster, Injector injector, IReadOnlyDictionary<string, string> keys, long start, CancellationToken stop)
    {
        HttpClient[] gateways = [.. cluster.Gateways.Select(g => Caller.Connect(g.Address!))];
        var posts = _traffic.Values.SelectMany(r => r).SelectMany(r => r.Posts).ToDictionary(p => p.Name);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(stop);
        DateTimeOffset began = TimeProvider.System.GetUtcNow();
        var callers = keys.ToDictionary(k => k.Key, k => new Caller(gateways, k.Value, k.Key, _ledger));
        Task[] receiving = [.. keys.Select(k => new Receiver(new Caller(gateways, k.Value, k.Key, _ledger), _ledger, seed, posts.GetValueOrDefault).RunAsync(_ => { }, done.Token))];
        Task sending = Task.WhenAll(_traffic.Select(t => new Sender(callers[t.Key], _ledger, seed, began).RunAsync(t.Value, Accepted, done.Token)));
        await using var keeper = new Keeper(cluster, injector);
        await Task.WhenAll(_plan.Select(fault => FaultAsync(injector, fault, done.Token)));
        string? notMended = await MendAsync(cluster);
        var settling = new Settling(_ledger, cluster, options.Patience);
        await settling.UntilQuietAsync(sending, done.Token);
        await done.CancelAsync();
        await Task.WhenAll([sending, .. receiving]);
        Account account = _ledger.Close();
        Evidence evidence = await settling.GatherAsync(account);
        Verdict verdict = Judge.Hold(account, evidence);
        if (notMended is not null)
            verdict = verdict with { Faults = new Dictionary<string, IReadOnlyList<string>>(verdict.Faults) { ["stuck"] = [notMended, .. verdict.Faults["stuck"]] } };
        foreach (HttpClient gateway in gateways)
            gateway.Dispose();
        if (!verdict.Clean)
        {
            await SaveLogsAsync(cluster);
            await SaveTracesAsync(cluster, verdict);
        }
        return new(seed, _plan, verdict, Stopwatch.GetElapsedTime(start), keeper.Ends, TimeSpan.FromTicks(_slowest));
    }

    private void Accepted(TimeSpan took)
    {
        for (long known = Volatile.Read(ref _slowest); took.Ticks > known; known = Volatile.Read(ref _slowest))
            Interlocked.CompareExchange(ref _slowest, took.Ticks, known);
    }

    private async Task FaultAsync(Injector injector, Fault fault, CancellationToken stop)
    {
        await Task.Delay(fault.At, TimeProvider.System, stop);
        tell($"{fault}");
        await injector.RunAsync(fault, stop);
    }

    /// <summary>Null when all is whole. A silo that learns meanwhile that it was declared dead ends, and is started again.</summary>
    private async Task<string?> MendAsync(ShitOpsCluster cluster)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                await cluster.MendAsync(options.StartLimit);
                return null;
            }
            catch (Exception error) when (error is TimeoutException or InvalidOperationException)
            {
                if (Stopwatch.GetElapsedTime(start) > options.StartLimit)
                    return $"the cluster was not whole again after the last fault: {Caller.Short(error.Message)}";
            }
        }
    }

    private async Task SaveLogsAsync(ShitOpsCluster cluster)
    {
        string folder = Path.Combine(options.Output, $"seed-{seed}-logs");
        Directory.CreateDirectory(folder);
        foreach ((string name, string text) in cluster.Logs())
            await File.WriteAllTextAsync(Path.Combine(folder, name + ".log"), text);
    }

    /// <summary>What the journal tells of the messages in question: in which order they were delivered, say.</summary>
    private async Task SaveTracesAsync(ShitOpsCluster cluster, Verdict verdict)
    {
        const int most = 40;
        foreach (string id in verdict.Faults.Values.SelectMany(list => list).SelectMany(one => Ids().Matches(one)).Select(m => m.Value).Distinct().Take(most))
        {
            ApiAnswer answer = await cluster.Operator.GetAsync($"/v1/messages/{id}/trace");
            await File.WriteAllBytesAsync(Path.Combine(options.Output, $"seed-{seed}-logs", id + ".json"), answer.Bytes);
        }
    }

    [GeneratedRegex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")]
    private static partial Regex Ids();
}
