using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace ShitOps.Grains.Tree;

/// <summary>
/// Counts the deliveries of a silo by sender and recipient and tells the traffic grain every few seconds. A dictionary
/// under a lock, once for each batch; bounded, so that what comes in a burst of pairs costs no memory.
/// </summary>
public sealed class TrafficMeter(IGrainFactory grains, TimeProvider time, ILogger<TrafficMeter> log) : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop = new();
    private Dictionary<(string From, string To), double> _counts = [];
    private Task _running = Task.CompletedTask;

    public void Add(IEnumerable<(string From, string To)> deliveries)
    {
        lock (_lock)
        {
            foreach ((string From, string To) pair in deliveries)
            {
                if (_counts.Count < Limits.TrafficPairs || _counts.ContainsKey(pair))
                    CollectionsMarshal.GetValueRefOrAddDefault(_counts, pair, out _)++;
            }
        }
    }

    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(TrafficMeter), ServiceLifecycleStage.Active,
        _ =>
        {
            _running = Task.Run(RunAsync, CancellationToken.None);
            return Task.CompletedTask;
        },
        async _ =>
        {
            await _stop.CancelAsync();
            await _running;
        });

    public void Dispose() => _stop.Dispose();

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            await Task.Delay(Period, time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Dictionary<(string From, string To), double> counts;
            lock (_lock)
                (counts, _counts) = (_counts, []);
            if (counts.Count == 0 || _stop.IsCancellationRequested)
                continue;
            try
            {
                PairTraffic[] pairs = [.. counts.Select(c => new PairTraffic(c.Key.From, c.Key.To, c.Value))];
                await grains.GetGrain<ITrafficGrain>(Limits.DefaultTree).Report(pairs.AsImmutable());
            }
            catch (Exception error)
            {
                // A few seconds of traffic are not counted.
                TreeLog.NotReported(log, error);
            }
        }
    }
}
