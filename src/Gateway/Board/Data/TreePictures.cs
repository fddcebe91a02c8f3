using ShitOps.Gateway.Cluster;
using ShitOps.Gateway.Nodes;
using ShitOps.Grains;

namespace ShitOps.Gateway.Board.Data;

/// <summary>
/// Takes a picture of the tree at most once a second, however many pages look. What it remembers between pictures, moves
/// and totals, is for the eye alone: another gateway has seen others, and a restart forgets it.
/// </summary>
internal sealed class TreePictures(TreeWatch tree, NodeStatuses statuses, ClusterCalls calls, TimeProvider time)
{
    private const int MostSamples = 150;
    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<int, string> _silos = [];
    private readonly Dictionary<int, NodeStatus> _known = [];
    private IReadOnlyList<Failover> _failovers = [];
    private readonly Queue<Sample> _samples = [];
    private Task<TreePicture>? _last;
    private long _since;

    /// <exception cref="Problems.ProblemException">503: the cluster does not answer.</exception>
    public Task<TreePicture> ReadAsync()
    {
        lock (_lock)
        {
            if (_last is null || (_last.IsCompleted && (_last.IsFaulted || time.GetElapsedTime(_since) >= KeptFor)))
            {
                _since = time.GetTimestamp();
                _last = TakeAsync();
            }
            return _last;
        }
    }

    private async Task<TreePicture> TakeAsync()
    {
        TreeSnapshot snapshot = await calls.RetryAsync(tree.FetchAsync);
        IReadOnlyDictionary<int, NodeStatus> found = await statuses.ReadAsync(0, snapshot.NodeCount, CancellationToken.None);
        DateTimeOffset now = time.GetUtcNow();
        lock (_lock)
        {
            Compare(found, now);
            IReadOnlyDictionary<int, NodeStatus> pings = Remember(found, snapshot.NodeCount);
            _samples.Enqueue(new(now, pings.Values.Sum(p => p.AcceptedRate), pings.Values.Sum(p => p.DeliveredRate), pings.Values.Sum(p => p.Queue), pings.Values.Sum(p => p.Held)));
            while (_samples.Count > MostSamples)
                _samples.Dequeue();
            return new(snapshot, pings, _failovers, [.. _samples], now);
        }
    }

    /// <summary>The last pings go with the silo that kept them; until the next ones a hub is shown where it was, and as unknown.</summary>
    private Dictionary<int, NodeStatus> Remember(IReadOnlyDictionary<int, NodeStatus> found, int hubs)
    {
        foreach (int hub in _known.Keys.Where(hub => !found.ContainsKey(hub)).ToArray())
        {
            if (hub < hubs)
                _known[hub] = _known[hub] with { Health = "unknown", AcceptedRate = 0, ForwardedRate = 0, DeliveredRate = 0, FromParentRate = 0, FromLeftRate = 0, FromRightRate = 0 };
            else
                _known.Remove(hub);
        }
        foreach ((int hub, NodeStatus ping) in found)
            _known[hub] = ping;
        return new(_known);
    }

    private void Compare(IReadOnlyDictionary<int, NodeStatus> pings, DateTimeOffset now)
    {
        var moves = new List<(int Hub, string From, string To)>();
        foreach ((int hub, NodeStatus ping) in pings)
        {
            if (ping.Silo.Length == 0)
                continue;
            if (_silos.TryGetValue(hub, out string? before) && before != ping.Silo)
                moves.Add((hub, before, ping.Silo));
            _silos[hub] = ping.Silo;
        }
        _failovers = FailoverLog.Add(_failovers, moves, now);
    }
}
