using System.Text.Json.Serialization;

namespace ShitOps.Client;

/// <summary>A team in the tree.</summary>
/// <param name="Weight">1, or 2 for a team with a hub of its own.</param>
/// <param name="Node">Its hub's index.</param>
public sealed record Team(string Name, string Function, int Weight, int Node, DateTimeOffset CreatedAt);

/// <summary>A team as it was put into the tree.</summary>
/// <param name="Key">
/// Only here and never again. Null when the team was there already and was changed; also when the answer to a first attempt
/// was lost: then <see cref="ShitOpsClient.AddTeamKeyAsync"/> makes another.
/// </param>
public sealed record PutTeam(string Name, string Function, int Weight, int Node, DateTimeOffset CreatedAt, Guid? KeyId = null, string? Key = null);

public sealed record TeamWithKeys(string Name, string Function, int Weight, int Node, DateTimeOffset CreatedAt, IReadOnlyList<TeamKey> Keys);

public sealed record TeamKey(Guid KeyId, DateTimeOffset CreatedAt);

/// <param name="Key">Only here and never again.</param>
public sealed record CreatedKey(Guid KeyId, string Key);

/// <summary>What a team has open: each list oldest first.</summary>
public sealed record OpenEnds(string Team, OpenMessages Messages, IReadOnlyList<OpenAsk> Asks, OpenTasks Tasks);

/// <summary>Delivered and not acknowledged.</summary>
/// <param name="Oldest">When the oldest of them was delivered.</param>
public sealed record OpenMessages(int Waiting, int Leased, DateTimeOffset? Oldest, IReadOnlyList<OpenMessage> Items);

public sealed record OpenMessage(Guid Id, string From, string Kind, string? Subject, DateTimeOffset DeliveredAt, int Attempts);

/// <summary>An ask that this team has not answered.</summary>
public sealed record OpenAsk(Guid Id, string From, string? Subject, DateTimeOffset AskedAt, DateTimeOffset Deadline);

/// <param name="Open">Ready and started.</param>
/// <param name="Overdue">Open and blocked ones that were due before now.</param>
public sealed record OpenTasks(IReadOnlyList<TaskInfo> Open, IReadOnlyList<TaskInfo> Blocked, IReadOnlyList<TaskInfo> Overdue);

/// <param name="Depth">Levels: 1 for a root alone.</param>
public sealed record Tree(long Epoch, int Depth, IReadOnlyList<TreeNode> Nodes);

/// <param name="Health">ok, degraded, unhealthy; unknown until it was pinged.</param>
/// <param name="Queue">Unsettled messages; null until it was pinged.</param>
public sealed record TreeNode(int Index, int? Parent, IReadOnlyList<int> Children, IReadOnlyList<string> Teams, string? Silo, string Health, int? Queue);

/// <summary>Teams that stand elsewhere afterwards.</summary>
/// <param name="Messages">Deliveries measured; what is an hour old counts half.</param>
/// <param name="HopsBefore">Mean edges between sender and recipient.</param>
/// <param name="Plan">Of a dry run: by which just these moves can be carried out.</param>
public sealed record Rebalance(bool DryRun, long Epoch, double Messages, double HopsBefore, double HopsAfter, IReadOnlyList<TeamMove> Moves, Guid? Plan = null);

/// <summary>From one hub to another.</summary>
public sealed record TeamMove(string Team, int From, int To);

/// <summary>A hub as its last ping found it.</summary>
public sealed record NodeInfo
{
    public required int Index { get; init; }
    public IReadOnlyList<string> Teams { get; init => field = value ?? []; } = [];
    public required string Health { get; init; }
    public string? Silo { get; init; }
    public DateTimeOffset? ActivatedAt { get; init; }
    public DateTimeOffset? PingedAt { get; init; }
    public double? PingMilliseconds { get; init; }
    public int? Queue { get; init; }
    public int? Held { get; init; }
    public DateTimeOffset? OldestAcceptedAt { get; init; }
    public NodeRates? Rates { get; init; }
}

/// <summary>Messages a second over the last ten seconds.</summary>
public sealed record NodeRates(double Accepted, double Forwarded, double Delivered);

internal sealed record TeamBody(string Function, int Weight);

internal sealed record TeamsPage(IReadOnlyList<Team> Teams, string? Next) : Http.IPage<Team>
{
    [JsonIgnore] public IReadOnlyList<Team> Items => Teams;
}

internal sealed record NodesPage(IReadOnlyList<NodeInfo> Nodes, string? Next) : Http.IPage<NodeInfo>
{
    [JsonIgnore] public IReadOnlyList<NodeInfo> Items => Nodes;
}
