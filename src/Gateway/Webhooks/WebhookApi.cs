using ShitOps.Gateway.Json;
using ShitOps.Gateway.OpenApi;
using ShitOps.Gateway.Security;

namespace ShitOps.Gateway.Webhooks;

internal static class WebhookApi
{
    /// <summary>Who names the address reads what is pushed there: a team alone. An operator may look, and end it.</summary>
    public static IEndpointRouteBuilder MapWebhooks(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/v1/teams/{name}/webhook").WithTags("Webhooks");
        group.MapPut("", (string name, HttpContext http, WebhookCalls webhooks) => webhooks.PutAsync(name, http))
            .RequireAuthorization(Policies.Team).WithBodyLimit(JsonRequest.MaxBytes).Accepts<PutWebhookBody>("application/json")
            .Produces<WebhookWithSecret>(201).Produces<WebhookResource>().Problems(400, 404, 413, 415, 422, 503).WithSummary("Have deliveries pushed to an address");
        group.MapGet("", (string name, HttpContext http, WebhookCalls webhooks) => webhooks.GetAsync(name, http))
            .RequireAuthorization(Policies.TeamOrOperator).Produces<WebhookResource>().Problems(404, 503).WithSummary("Where deliveries are pushed");
        group.MapDelete("", (string name, HttpContext http, WebhookCalls webhooks) => webhooks.RemoveAsync(name, http))
            .RequireAuthorization(Policies.TeamOrOperator).Produces(204).Problems(404, 503).WithSummary("Push nothing any more");
        group.MapPost("/test", (string name, HttpContext http, WebhookCalls webhooks) => webhooks.TestAsync(name, http))
            .RequireAuthorization(Policies.Team).Produces<PushResource>().Problems(404, 503).WithSummary("Push an event made for it, and tell what came of it");
        return routes;
    }
}
