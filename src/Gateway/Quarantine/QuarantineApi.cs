using ShitOps.Gateway.Cluster;
using ShitOps.Gateway.Json;
using ShitOps.Gateway.OpenApi;
using ShitOps.Gateway.Problems;
using ShitOps.Gateway.Security;
using ShitOps.Grains;

namespace ShitOps.Gateway.Quarantine;

internal static class QuarantineApi
{
    private const string Released = QuarantineDecisions.Released, Purged = QuarantineDecisions.Purged;

    private sealed class Asked
    {
        public string? Reason { get; set; }
    }

    private static readonly FieldTable<Asked> Fields =
        new(("reason", static (ref r, a, f) => a.Reason = JsonText.Text(ref r, "reason", Limits.ReasonLength, f)));

    public static IEndpointRouteBuilder MapQuarantine(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/v1/quarantine").WithTags("Operations");
        group.MapGet("", ListAsync).RequireAuthorization(Policies.OperatorOrSecurity)
            .Takes("state", "after", "limit").Produces<QuarantinePage>().Problems(422, 503).WithSummary("What is in quarantine, newest first");
        group.MapGet("/{id:guid}", GetAsync).RequireAuthorization(Policies.OperatorOrSecurity)
            .Produces<QuarantineResource>().Problems(404, 503).WithSummary("One entry");
        group.MapPost("/{id:guid}/release", (Guid id, HttpContext http, QuarantineDecisions decisions) => DecideAsync(id, Released, http, decisions))
            .RequireAuthorization(Policies.Security).WithBodyLimit(JsonRequest.MaxBytes).Accepts<Decision>("application/json")
            .Produces<Decided>().Problems(400, 404, 409, 413, 415, 422, 503).WithSummary("Let it continue its journey");
        group.MapPost("/{id:guid}/purge", (Guid id, HttpContext http, QuarantineDecisions decisions) => DecideAsync(id, Purged, http, decisions))
            .RequireAuthorization(Policies.Security).WithBodyLimit(JsonRequest.MaxBytes).Accepts<Decision>("application/json")
            .Produces<Decided>().Problems(400, 404, 409, 413, 415, 422, 503).WithSummary("Destroy the body");
        return routes;
    }

    private static async Task<IResult> ListAsync(HttpContext http, IGrainFactory grains, ClusterCalls calls)
    {
        var query = new Query(http.Request);
        (string? state, string? after, int limit) = (query.OneOf("state", "waiting", Released, Purged), query.After(), query.PageSize());
        query.ThrowIfFaulty();
        Page<QuarantineView> page = await calls.PageAsync(after, () => grains.Archive().Quarantine(state, after, limit), http.RequestAborted);
        return Results.Json(new QuarantinePage([.. page.Items.Select(e => QuarantineResource.Of(e))], page.Next), GatewayJson.Default.QuarantinePage);
    }

    private static async Task<IResult> GetAsync(Guid id, HttpContext http, IGrainFactory grains, ClusterCalls calls) =>
        await calls.RetryAsync(() => grains.Archive().QuarantineEntry(id), http.RequestAborted) is { } entry
            ? Results.Json(QuarantineResource.Of(entry), GatewayJson.Default.QuarantineResource)
            : Known.NotFound;

    private static async Task<IResult> DecideAsync(Guid id, string state, HttpContext http, QuarantineDecisions decisions)
    {
        var asked = new Asked();
        var faults = new Faults();
        await JsonRequest.ReadAsync(http.Request, Fields, asked, faults);
        if (asked.Reason is null && !faults.Found.Any(f => f.At == "/reason"))
            faults.Add("/reason", "required", "'reason' is needed.");
        faults.ThrowIfAny();
        DecisionStatus status = await decisions.DecideAsync(id, state, asked.Reason!, http.Caller().Actor, http.RequestAborted);
        return status switch
        {
            DecisionStatus.Done => Results.Json(new Decided(id, state), GatewayJson.Default.Decided),
            DecisionStatus.AlreadyDecided => new Problem(409, "already_decided", "This entry was released or purged before."),
            _ => Known.NotFound,
        };
    }
}
