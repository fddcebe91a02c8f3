using ShitOps.Gateway.Cluster;
using ShitOps.Gateway.Json;
using ShitOps.Gateway.OpenApi;
using ShitOps.Gateway.Security;
using ShitOps.Grains;

namespace ShitOps.Gateway.Events;

internal static class EventsApi
{
    public static IEndpointRouteBuilder MapEvents(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/events", ListAsync).RequireAuthorization(Policies.Operator).WithTags("Operations")
            .Takes("type", "team", "after", "limit").Produces<EventsPage>().Problems(422, 503)
            .WithSummary("The journal, oldest first; a type ending in * is a prefix");
        routes.MapGet("/v1/events/verification", VerifyAsync).RequireAuthorization(Policies.OperatorOrSecurity).WithTags("Operations")
            .Takes("after").Produces<VerificationResource>().Problems(422, 503)
            .WithSummary("Whether the journal is what was written: a part of it, and where the next part begins");
        return routes;
    }

    private static async Task<IResult> VerifyAsync(HttpContext http, IGrainFactory grains, ClusterCalls calls)
    {
        var query = new Query(http.Request);
        string? after = query.After();
        query.ThrowIfFaulty();
        JournalReport report = await calls.PageAsync(after, () => grains.Archive().VerifyJournal(after), http.RequestAborted);
        return Results.Json(VerificationResource.Of(report), GatewayJson.Default.VerificationResource);
    }

    private static async Task<IResult> ListAsync(HttpContext http, IGrainFactory grains, ClusterCalls calls)
    {
        var query = new Query(http.Request);
        var asked = new EventQuery(query.Text("type", 64), query.Text("team", Limits.TeamNameLength), query.After(), query.PageSize());
        query.ThrowIfFaulty();
        Page<EventView> page = await calls.PageAsync(asked.After, () => grains.Archive().Events(asked), http.RequestAborted);
        return Results.Json(new EventsPage([.. page.Items.Select(EventResource.Of)], page.Next), GatewayJson.Default.EventsPage);
    }
}
