using ShitOps.Gateway.Cluster;
using ShitOps.Gateway.Json;
using ShitOps.Gateway.Problems;
using ShitOps.Gateway.Security;
using ShitOps.Grains;

namespace ShitOps.Gateway.Asks;

/// <summary>An ask in a list.</summary>
/// <param name="Subject">Null for a team that did not ask: see the ask itself.</param>
/// <param name="State">open, complete or partial.</param>
public sealed record AskListItem(
    Guid Id, string From, string To, string? Subject, string State, DateTimeOffset AskedAt, DateTimeOffset? EndedAt, DateTimeOffset Deadline, int Asked, int Answered)
{
    internal static AskListItem Of(AskSummary ask, Caller caller) => new(
        ask.Id, ask.From, ask.To, caller.Role == Role.Operator || ask.From == caller.Team ? ask.Subject : null, Words.Of(ask.State), ask.AskedAt, ask.EndedAt, ask.Deadline, ask.Asked, ask.Answered);
}

/// <param name="Next">There may be more; a page may be short, or empty, and still have one: how far one call looks is bounded.</param>
public sealed record AsksPage(IReadOnlyList<AskListItem> Asks, string? Next);

/// <summary><c>GET /v1/asks</c>: all for operators; a team sees those it asked or was asked in.</summary>
internal sealed class AskLists(IGrainFactory grains, ClusterCalls calls)
{
    public static readonly string[] States = ["open", "complete", "partial"];

    public async Task<IResult> HandleAsync(HttpContext http)
    {
        var query = new Query(http.Request);
        (string? team, string? state) = (query.Text("team", Limits.TeamNameLength), query.OneOf("state", States));
        var asked = new AskQuery(team, StateOf(state), query.After(), query.PageSize());
        query.ThrowIfFaulty();
        return Own(asked, http.Caller()) is { } own
            ? Results.Json(await ReadAsync(own, http.Caller(), http.RequestAborted), GatewayJson.Default.AsksPage)
            : Known.Forbidden;
    }

    /// <summary>What of that the caller may see; null: nothing.</summary>
    public static AskQuery? Own(AskQuery asked, Caller caller) => caller switch
    {
        { Role: Role.Operator } => asked,
        { Team: { } team } when asked.Team is null || asked.Team == team => asked with { Team = team },
        _ => null,
    };

    public async Task<AsksPage> ReadAsync(AskQuery query, Caller caller, CancellationToken stop)
    {
        Page<AskSummary> page = await calls.PageAsync(query.After, () => grains.Asks().List(query), stop);
        return new([.. page.Items.Select(ask => AskListItem.Of(ask, caller))], page.Next);
    }

    public static AskState? StateOf(string? word) => word is null ? null : Enum.GetValues<AskState>().First(state => Words.Of(state) == word);
}
