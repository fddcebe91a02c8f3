using ShitOps.Grains;

namespace ShitOps.Gateway.Nodes;

/// <summary>A hub as its last ping found it; what only a ping can tell is null until there was one.</summary>
public sealed record NodeResource
{
    public required int Index { get; init; }
    public required IReadOnlyList<string> Teams { get; init; }
    /// <summary>ok, degraded, unhealthy; unknown until it was pinged.</summary>
    public required string Health { get; init; }
    public string? Silo { get; init; }
    public DateTimeOffset? ActivatedAt { get; init; }
    public DateTimeOffset? PingedAt { get; init; }
    public double? PingMilliseconds { get; init; }
    /// <summary>Unsettled messages, held ones among them.</summary>
    public int? Queue { get; init; }
    public int? Held { get; init; }
    public DateTimeOffset? OldestAcceptedAt { get; init; }
    public NodeRates? Rates { get; init; }

    internal static NodeResource Of(TreeSnapshot tree, int index, NodeStatus? ping) => new()
    {
        Index = index,
        Teams = TeamsOf(tree, index),
        Health = ping?.Health ?? "unknown",
        Silo = ping?.Silo,
        ActivatedAt = ping?.ActivatedAt,
        PingedAt = ping?.PingedAt,
        PingMilliseconds = ping?.PingLatency,
        Queue = ping?.Queue,
        Held = ping?.Held,
        OldestAcceptedAt = ping?.OldestAcceptedAt,
        Rates = ping is null ? null : new(ping.AcceptedRate, ping.ForwardedRate, ping.DeliveredRate),
    };

    internal static string[] TeamsOf(TreeSnapshot tree, int index)
    {
        ReadOnlySpan<TeamPlace> teams = tree.TeamsAt(index);
        var names = new string[teams.Length];
        for (int i = 0; i < names.Length; i++)
            names[i] = teams[i].Name;
        return names;
    }
}

/// <summary>Messages a second over the last ten seconds.</summary>
public sealed record NodeRates(double Accepted, double Forwarded, double Delivered);

public sealed record NodesPage(IReadOnlyList<NodeResource> Nodes, string? Next);
