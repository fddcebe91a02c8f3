using Orleans.Concurrency;
using ShitOps.Gateway.Cluster;
using ShitOps.Gateway.Json;
using ShitOps.Gateway.OpenApi;
using ShitOps.Gateway.Problems;
using ShitOps.Gateway.Security;
using ShitOps.Grains;

namespace ShitOps.Gateway.Teams;

internal static class TeamsApi
{
    public static IEndpointRouteBuilder MapTeams(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/v1/teams").WithTags("Teams and tree");
        group.MapPut("/{name}", (string name, HttpContext http, TeamWrites teams) => teams.PutAsync(name, http))
            .RequireAuthorization(Policies.Operator).WithBodyLimit(JsonRequest.MaxBytes).Accepts<PutTeamBody>("application/json")
            .Produces<CreatedTeam>(201).Produces<TeamResource>().Problems(400, 413, 415, 422, 503).WithSummary("Create a team or change it");
        group.MapDelete("/{name}", (string name, HttpContext http, TeamWrites teams) => teams.RemoveAsync(name, http))
            .RequireAuthorization(Policies.Operator).Takes("force").Produces(204).Problems(404, 409, 422, 503).WithSummary("Take a team out of the tree");
        group.MapPost("/{name}/keys", (string name, HttpContext http, TeamWrites teams) => teams.AddKeyAsync(name, http))
            .RequireAuthorization(Policies.Operator).Produces<CreatedKey>(201).Problems(404, 503).WithSummary("A new key beside the old");
        group.MapDelete("/{name}/keys/{keyId:guid}", (string name, Guid keyId, HttpContext http, TeamWrites teams) => teams.RevokeKeyAsync(name, keyId, http))
            .RequireAuthorization(Policies.Operator).Produces(204).Problems(404, 503).WithSummary("Revoke a key");
        group.MapGet("", ListAsync).RequireAuthorization(Policies.Operator)
            .Takes("after", "limit").Produces<TeamsPage>().Problems(422, 503).WithSummary("All teams in name order");
        group.MapGet("/{name}", GetAsync).RequireAuthorization(Policies.Operator)
            .Produces<TeamWithKeys>().Problems(404, 503).WithSummary("One team and the ids of its keys");
        group.MapGet("/{name}/open", (string name, HttpContext http, OpenPage open) => open.HandleAsync(name, http)).RequireAuthorization(Policies.TeamOrOperator)
            .Takes("limit").Produces<OpenEnds>().Problems(403, 404, 422, 503).WithSummary("A team's open ends");
        return routes;
    }

    private static async Task<IResult> ListAsync(HttpContext http, TreeWatch tree, ClusterCalls calls)
    {
        var query = new Query(http.Request);
        (string? after, int limit) = (query.After(), query.PageSize());
        query.ThrowIfFaulty();
        TeamPlace[] teams = (await calls.RetryAsync(tree.FetchAsync, http.RequestAborted)).Teams;
        TeamPlace[] page = [.. teams.SkipWhile(t => after is not null && string.CompareOrdinal(t.Name, after) <= 0).Take(limit + 1)];
        string? next = page.Length > limit ? page[limit - 1].Name : null;
        return Results.Json(new TeamsPage([.. page.Take(limit).Select(TeamResource.Of)], next), GatewayJson.Default.TeamsPage);
    }

    private static async Task<IResult> GetAsync(string name, HttpContext http, TreeWatch tree, IGrainFactory grains, ClusterCalls calls)
    {
        if ((await calls.RetryAsync(tree.FetchAsync, http.RequestAborted)).Find(name) is not { } team)
            return Known.NotFound;
        Immutable<AccessKey[]> keys = await calls.RetryAsync(() => grains.Access().KeysOf(name), http.RequestAborted);
        return Results.Json(
            new TeamWithKeys(team.Name, team.Function, team.Weight, team.Node, team.CreatedAt, [.. keys.Value.Select(k => new TeamKeyResource(k.Id, k.CreatedAt))]),
            GatewayJson.Default.TeamWithKeys);
    }
}
