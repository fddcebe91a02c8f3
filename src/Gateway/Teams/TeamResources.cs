using ShitOps.Gateway.Tasks;
using ShitOps.Grains;

namespace ShitOps.Gateway.Teams;

/// <param name="Function">What the team is for: 1 to 64 characters; <c>function:NAME</c> addresses by it.</param>
/// <param name="Weight">1, or 2 for a team that needs a hub of its own.</param>
public sealed record PutTeamBody(string Function, int Weight = 1);

public sealed record TeamResource(string Name, string Function, int Weight, int Node, DateTimeOffset CreatedAt)
{
    internal static TeamResource Of(TeamPlace team) => new(team.Name, team.Function, team.Weight, team.Node, team.CreatedAt);
}

public sealed record TeamWithKeys(
    string Name, string Function, int Weight, int Node, DateTimeOffset CreatedAt, IReadOnlyList<TeamKeyResource> Keys);

public sealed record TeamKeyResource(Guid KeyId, DateTimeOffset CreatedAt);

/// <param name="Key">Shown here and never again.</param>
public sealed record CreatedTeam(string Name, string Function, int Weight, int Node, DateTimeOffset CreatedAt, Guid KeyId, string Key);

/// <param name="Key">Shown here and never again.</param>
public sealed record CreatedKey(Guid KeyId, string Key);

public sealed record TeamsPage(IReadOnlyList<TeamResource> Teams, string? Next);

/// <summary>What a team has open: each list at most <c>limit</c> long, oldest first.</summary>
/// <param name="Unacknowledged">The counts of messages alone.</param>
public sealed record OpenEnds(
    string Team, UnacknowledgedMessages Unacknowledged, OpenMessages Messages, IReadOnlyList<OpenAskResource> Asks, OpenTasks Tasks);

/// <param name="Oldest">When the oldest of them was delivered.</param>
public sealed record UnacknowledgedMessages(int Waiting, int Leased, DateTimeOffset? Oldest);

/// <summary>Delivered and not acknowledged.</summary>
public sealed record OpenMessages(int Waiting, int Leased, DateTimeOffset? Oldest, IReadOnlyList<OpenMessageResource> Items);

/// <param name="Kind">message, ask, collation, task or notice.</param>
public sealed record OpenMessageResource(Guid Id, string From, string Kind, string? Subject, DateTimeOffset DeliveredAt, int Attempts);

/// <summary>An ask that this team has not answered.</summary>
public sealed record OpenAskResource(Guid Id, string From, string? Subject, DateTimeOffset AskedAt, DateTimeOffset Deadline);

/// <param name="Open">Ready and started.</param>
/// <param name="Blocked">Each with what it waits for.</param>
/// <param name="Overdue">Those of both that were due before now.</param>
public sealed record OpenTasks(IReadOnlyList<TaskResource> Open, IReadOnlyList<TaskResource> Blocked, IReadOnlyList<TaskResource> Overdue);
