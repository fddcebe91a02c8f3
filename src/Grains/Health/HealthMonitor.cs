using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using ShitOps.Grains.Journal;
using ShitOps.Grains.Nodes;
using ShitOps.Grains.Scanning;
using ShitOps.Grains.Storage;
using ShitOps.Grains.Telemetry;

namespace ShitOps.Grains.Health;

/// <summary>
/// Each silo pings its share of the nodes, round after round, and at once those that were last seen on a silo that died.
/// A ping activates a lost node, and an activated node takes up its outbox: the health check is the failover.
/// </summary>
public sealed class HealthMonitor(
    IGrainFactory grains, ISiloStatusOracle silos, ILocalSiloDetails local, TreeWatch tree, ICommitQueue commits, IScanner scanner, ExportWatch export,
    SiloMetrics metrics, TimeProvider time, ILogger<HealthMonitor> log)
    : ILifecycleParticipant<ISiloLifecycle>, IDisposable, ISiloStatusListener
{
    /// <summary>A round pings at most this many nodes, so that a big tree costs a silo no more than some hundred calls a second.</summary>
    private const int PerRound = 400;

    private const int AtOnce = 32;
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<int, NodeStatus> _last = new();
    private readonly ConcurrentQueue<string> _dead = new();
    private readonly HubBalance _balance = new(grains, silos, local, log);
    private readonly CancellationTokenSource _stop = new();
    private TaskCompletionSource _alarm = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _running = Task.CompletedTask;
    private int _next;

    public void Dispose() => _stop.Dispose();

    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(HealthMonitor), ServiceLifecycleStage.Active,
        _ =>
        {
            silos.SubscribeToSiloStatusEvents(this);
            _running = Task.Run(RunAsync, CancellationToken.None);
            return Task.CompletedTask;
        },
        async _ =>
        {
            silos.UnSubscribeFromSiloStatusEvents(this);
            await _stop.CancelAsync();
            await _running;
        });

    public void SiloStatusChangeNotification(SiloAddress updatedSilo, SiloStatus status)
    {
        if (status != SiloStatus.Dead || !silos.TryGetSiloName(updatedSilo, out string? name))
            return;
        _dead.Enqueue(name);
        _alarm.TrySetResult();
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await RoundAsync();
            }
            catch (Exception error)
            {
                // One that is broken off because the silo stops is none that failed.
                if (!_stop.IsCancellationRequested)
                    HealthLog.RoundFailed(log, error);
            }
            if (!_dead.IsEmpty)
                continue;
            await _alarm.Task.WaitAsync(Round, time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Interlocked.Exchange(ref _alarm, new(TaskCreationOptions.RunContinuationsAsynchronously));
        }
    }

    private async Task RoundAsync()
    {
        TreeSnapshot shape = await tree.GetAsync();
        int[] share = Share(shape.NodeCount);
        HashSet<string> dead = [];
        while (_dead.TryDequeue(out string? name))
            dead.Add(name);
        int[] due = dead.Count > 0
            ? [.. share.Where(i => !_last.TryGetValue(i, out NodeStatus? last) || dead.Contains(last.Silo))]
            : Slice(share);
        Task others = Task.WhenAll(PingDeadlinesAsync(shape.Tree), export.PingAsync(shape.Tree));
        var reports = new ConcurrentBag<NodeStatus>();
        await Parallel.ForEachAsync(due, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = _stop.Token },
            async (index, _) => reports.Add(await PingAsync(new NodeKey(shape.Tree, index))));
        metrics.Watched([.. share.Select(i => _last.GetValueOrDefault(i)).OfType<NodeStatus>()]);
        if (!reports.IsEmpty)
            await grains.GetGrain<IHealthGrain>(shape.Tree).Report(reports.ToArray().AsImmutable());
        await grains.GetGrain<IHealthGrain>(shape.Tree).ReportSilo(new(local.Name, time.GetUtcNow(), scanner.SignatureVersion, scanner.SignatureDate, export.Last));
        await others;
        await _balance.LookAsync(shape, _stop.Token);
    }

    /// <summary>Every silo pings the grain that looks after deadlines: while one silo lives, it does.</summary>
    private async Task PingDeadlinesAsync(string tree)
    {
        try
        {
            await grains.GetGrain<IDeadlineGrain>(tree).Ping();
        }
        catch (Exception error)
        {
            HealthLog.DeadlinesAway(log, tree, error);
        }
    }

    /// <summary>The nodes this silo looks after: every n-th of n living silos, in the order of their addresses.</summary>
    private int[] Share(int nodes)
    {
        SiloAddress[] alive = [.. silos.GetApproximateSiloStatuses(onlyActive: true).Keys.Order()];
        int mine = Array.IndexOf(alive, local.SiloAddress);
        return mine < 0 ? [] : [.. Enumerable.Range(0, nodes).Where(i => i % alive.Length == mine)];
    }

    private int[] Slice(int[] share)
    {
        if (share.Length <= PerRound)
            return share;
        int from = _next % share.Length;
        _next = from + PerRound;
        return [.. Enumerable.Range(from, PerRound).Select(i => share[i % share.Length])];
    }

    private async Task<NodeStatus> PingAsync(NodeKey key)
    {
        long start = time.GetTimestamp();
        NodeStatus? last = _last.GetValueOrDefault(key.Index);
        NodeStatus status;
        try
        {
            status = await grains.GetGrain<INodeGrain>(key.ToString()).Ping() with
            {
                PingedAt = time.GetUtcNow(),
                PingLatency = time.GetElapsedTime(start).TotalMilliseconds,
            };
        }
        catch (Exception error)
        {
            NodeLog.Unhealthy(log, key.ToString(), error);
            status = (last ?? new NodeStatus { Index = key.Index, Silo = "", ActivatedAt = default, Queue = 0, Held = 0 }) with { Health = "unhealthy" };
            if (last?.Health != "unhealthy")
                await TellAsync(key, last?.Silo, error);
        }
        return _last[key.Index] = status;
    }

    private async Task TellAsync(NodeKey key, string? silo, Exception error)
    {
        try
        {
            await commits.CommitAsync(new Commit([new Note
            {
                Events = [new JournalEvent(EventTypes.NodeUnhealthy, time.GetUtcNow()) { Node = key.Index, Silo = silo, Reason = error.GetType().Name }],
            }]));
        }
        catch (Exception lost)
        {
            HealthLog.RoundFailed(log, lost);
        }
    }
}
