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

public sealed record OpenEnds(UnacknowledgedMessages Unacknowledged);

/// <param name="Oldest">When the oldest of them was delivered.</param>
public sealed record UnacknowledgedMessages(int Waiting, int Leased, DateTimeOffset? Oldest);
