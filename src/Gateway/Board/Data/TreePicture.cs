using System.Numerics;
using ShitOps.Grains;

namespace ShitOps.Gateway.Board.Data;

/// <summary>Hubs that woke up on another silo than before, together.</summary>
/// <param name="Hubs">By number.</param>
/// <param name="At">When the last of them was seen there.</param>
public sealed record Failover(string From, string To, IReadOnlyList<int> Hubs, DateTimeOffset At);

/// <summary>Totals of a moment, for charts. Messages a second; queue and held are counts.</summary>
public sealed record Sample(DateTimeOffset At, double Accepted, double Delivered, int Queue, int Held);

/// <summary>What runs over the edge between a hub and its parent, messages a second.</summary>
public readonly record struct EdgeTraffic(double Up, double Down)
{
    public double Total => Up + Down;
}

/// <summary>A hub with all below it.</summary>
/// <param name="Health">The worst of them.</param>
public readonly record struct Below(int Hubs, int Teams, long Queue, string Health);

/// <summary>The tree with its last pings at one moment.</summary>
public sealed class TreePicture
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(60);
    private const int Long = 500;
    private readonly Below[] _below;
    private readonly Dictionary<int, string> _moved = [];

    public TreePicture(TreeSnapshot tree, IReadOnlyDictionary<int, NodeStatus> pings, IReadOnlyList<Failover> failovers, IReadOnlyList<Sample> samples, DateTimeOffset at)
    {
        (Tree, Pings, Failovers, Samples, At) = (tree, pings, failovers, samples, at);
        foreach (Failover failover in failovers.Where(f => at - f.At < Fresh))
        {
            foreach (int hub in failover.Hubs)
                _moved.TryAdd(hub, failover.From);
        }
        Silos = [.. pings.Values.Select(p => p.Silo).Where(s => s.Length > 0).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        _below = Sum();
    }

    public TreeSnapshot Tree { get; }
    public IReadOnlyDictionary<int, NodeStatus> Pings { get; }
    /// <summary>Newest first.</summary>
    public IReadOnlyList<Failover> Failovers { get; }
    /// <summary>Oldest first.</summary>
    public IReadOnlyList<Sample> Samples { get; }
    public DateTimeOffset At { get; }
    /// <summary>Silos that have a hub, by name.</summary>
    public IReadOnlyList<string> Silos { get; }

    public Below Below(int hub) => _below[hub];

    /// <summary>The silo on which it was a short time ago; null: it has stayed.</summary>
    public string? MovedFrom(int hub) => _moved.GetValueOrDefault(hub);

    /// <summary>Those that somebody should look at, the worst first: ill ones, then those with the longest queues, if they are more than what goes at once.</summary>
    public IReadOnlyList<NodeStatus> Notable(int most) =>
    [
        .. Pings.Values.Where(p => p.Index < Tree.NodeCount && (Rank(p.Health) >= Rank("degraded") || p.Held > 0 || p.Queue >= Long))
            .OrderByDescending(p => Rank(p.Health)).ThenByDescending(p => p.Queue + p.Held).ThenBy(p => p.Index).Take(most),
    ];

    public NodeStatus? Ping(int hub) => Pings.GetValueOrDefault(hub);

    /// <summary>By what each end says it got from the other; an end that was not pinged yet says nothing.</summary>
    public EdgeTraffic Edge(int hub)
    {
        NodeStatus? parent = Ping(Parent(hub));
        return new((hub % 2 == 1 ? parent?.FromLeftRate : parent?.FromRightRate) ?? 0, Ping(hub)?.FromParentRate ?? 0);
    }

    public static int Parent(int hub) => (hub - 1) / 2;

    /// <summary>0 for the root.</summary>
    public static int Level(int hub) => BitOperations.Log2((uint)hub + 1);

    /// <summary>The hubs between two, both included: up to where they meet, then down.</summary>
    public static IReadOnlyList<int> Path(int from, int to)
    {
        var up = new List<int> { from };
        var down = new List<int> { to };
        while (up[^1] != down[^1])
        {
            List<int> deeper = up[^1] > down[^1] ? up : down;
            deeper.Add(Parent(deeper[^1]));
        }
        return [.. up, .. Enumerable.Reverse(down).Skip(1)];
    }

    private Below[] Sum()
    {
        var below = new Below[Tree.NodeCount];
        for (int i = below.Length - 1; i >= 0; i--)
        {
            NodeStatus? ping = Ping(i);
            Below sum = new(1, Tree.TeamsAt(i).Length, ping?.Queue ?? 0, ping?.Health ?? "unknown");
            foreach (int child in (ReadOnlySpan<int>)[(2 * i) + 1, (2 * i) + 2])
            {
                if (child < below.Length)
                    sum = Add(sum, below[child]);
            }
            below[i] = sum;
        }
        return below;
    }

    private static Below Add(Below a, Below b) =>
        new(a.Hubs + b.Hubs, a.Teams + b.Teams, a.Queue + b.Queue, Rank(a.Health) >= Rank(b.Health) ? a.Health : b.Health);

    private static int Rank(string health) => health switch { "ok" => 0, "unknown" => 1, "degraded" => 2, _ => 3 };
}
