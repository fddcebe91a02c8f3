using System.Text.Json.Serialization;
using Orleans.Concurrency;
using ShitOps.Gateway.Cluster;
using ShitOps.Gateway.Json;
using ShitOps.Gateway.OpenApi;
using ShitOps.Gateway.Problems;
using ShitOps.Gateway.Security;
using ShitOps.Grains;

namespace ShitOps.Gateway.DeadLetters;

public sealed record DeadLetterResource(Guid Message, string From, string To, string Team, DateTimeOffset At, int Attempts);

public sealed record DeadLetterGroupResource(string Reason, int Count, IReadOnlyList<DeadLetterResource> Items);

public sealed record DeadLetterGroups(IReadOnlyList<DeadLetterGroupResource> Groups);

/// <summary>Which dead letters: message ids, or all of one reason, or of them those of one team.</summary>
/// <param name="Why">Kept in the journal as the reason of the decision; without it, why the letter was dead.</param>
public sealed record DeadLetterChoice(Guid[]? Ids, string? Reason, string? Why = null, string? Team = null);

public sealed record Replayed([property: JsonPropertyName("replayed")] int Count);

public sealed record Discarded([property: JsonPropertyName("discarded")] int Count);

internal static class DeadLettersApi
{
    private sealed class Asked
    {
        public Guid[]? Ids { get; set; }
        public string? Reason { get; set; }
        public string? Why { get; set; }
        public string? Team { get; set; }
    }

    private static readonly FieldTable<Asked> Fields = new(
        ("ids", static (ref r, a, f) => a.Ids = JsonText.Ids(ref r, "ids", Limits.MaxPageSize, f)),
        ("reason", static (ref r, a, f) => a.Reason = JsonText.Text(ref r, "reason", Limits.ReasonLength, f)),
        ("why", static (ref r, a, f) => a.Why = JsonText.Text(ref r, "why", Limits.ReasonLength, f)),
        ("team", static (ref r, a, f) => a.Team = JsonText.Text(ref r, "team", Limits.TeamNameLength, f)));

    public static IEndpointRouteBuilder MapDeadLetters(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/v1/dead-letters").WithTags("Operations");
        group.MapGet("", ListAsync).RequireAuthorization(Policies.TeamOrOperator)
            .Takes("team", "reason", "limit").Produces<DeadLetterGroups>().Problems(422, 503).WithSummary("Dead letters by reason; a team sees its own");
        group.MapPost("/replay", ReplayAsync).RequireAuthorization(Policies.Operator).WithBodyLimit(JsonRequest.MaxBytes)
            .Accepts<DeadLetterChoice>("application/json").Produces<Replayed>().Problems(400, 413, 415, 422, 503)
            .WithSummary("Put them back into the outbox of their sender's node");
        group.MapPost("/discard", DiscardAsync).RequireAuthorization(Policies.Operator).WithBodyLimit(JsonRequest.MaxBytes)
            .Accepts<DeadLetterChoice>("application/json").Produces<Discarded>().Problems(400, 413, 415, 422, 503).WithSummary("Give them up for good");
        return routes;
    }

    private static async Task<IResult> ListAsync(HttpContext http, IGrainFactory grains, ClusterCalls calls)
    {
        var query = new Query(http.Request);
        (string? team, string? reason, int limit) = (query.Text("team", Limits.TeamNameLength), query.Text("reason", Limits.ReasonLength), query.PageSize());
        query.ThrowIfFaulty();
        if (http.Caller().Team is { } own)
        {
            if (team is not null && team != own)
                return Known.Forbidden;
            team = own;
        }
        Immutable<DeadLetterGroup[]> groups = await calls.RetryAsync(() => grains.Archive().DeadLetters(team, reason, limit), http.RequestAborted);
        return Results.Json(new DeadLetterGroups([.. groups.Value.Select(Of)]), GatewayJson.Default.DeadLetterGroups);
    }

    private static async Task<IResult> ReplayAsync(HttpContext http, DeadLetterDecisions decisions) =>
        Results.Json(new Replayed(await DecideAsync(replay: true, http, decisions)), GatewayJson.Default.Replayed);

    private static async Task<IResult> DiscardAsync(HttpContext http, DeadLetterDecisions decisions) =>
        Results.Json(new Discarded(await DecideAsync(replay: false, http, decisions)), GatewayJson.Default.Discarded);

    private static async Task<int> DecideAsync(bool replay, HttpContext http, DeadLetterDecisions decisions)
    {
        Asked asked = await ReadAsync(http);
        return await decisions.DecideAsync(replay, asked.Ids, asked.Reason, asked.Team, http.Caller().Actor, asked.Why, tell: null, http.RequestAborted);
    }

    private static async Task<Asked> ReadAsync(HttpContext http)
    {
        var asked = new Asked();
        var faults = new Faults();
        await JsonRequest.ReadAsync(http.Request, Fields, asked, faults);
        if (!faults.Any && asked.Ids is null == asked.Reason is null)
            faults.Add("", "ids_or_reason", "Either 'ids' or 'reason' is needed, and only one.");
        if (!faults.Any && asked is { Ids: not null, Team: not null })
            faults.Add("team", "needs_reason", "A team narrows what a reason chose; 'ids' say already which.");
        faults.ThrowIfAny();
        return asked;
    }

    private static DeadLetterGroupResource Of(DeadLetterGroup group) =>
        new(group.Reason, group.Count, [.. group.Items.Select(d => new DeadLetterResource(d.Message, d.From, d.To, d.Team, d.At, d.Attempts))]);
}
