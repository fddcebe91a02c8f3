using ShitOps.Gateway.Cluster;
using ShitOps.Gateway.Json;
using ShitOps.Gateway.OpenApi;
using ShitOps.Gateway.Problems;
using ShitOps.Gateway.Security;
using ShitOps.Grains;

namespace ShitOps.Gateway.Messages;

internal static class MessagesApi
{
    public static IEndpointRouteBuilder MapMessages(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/v1/messages").WithTags("Messages");
        group.MapPost("", (HttpContext http, PostMessages post) => post.HandleAsync(http))
            .RequireAuthorization(Policies.Team).WithBodyLimit(Limits.BulkBytes)
            .Accepts<PostMessage>("application/json", PostMessages.LinesMediaType).TakesHeaders("Idempotency-Key", "Prefer", "traceparent")
            .Produces<AcceptedMessage>(202).Produces<MessageResource>(200, "application/json", PostMessages.LinesMediaType).Problems(400, 409, 413, 415, 422, 429, 503)
            .WithSummary("Post a message, or up to 1,000 as lines");
        group.MapGet("", (HttpContext http, MessageLists lists) => lists.HandleAsync(http)).RequireAuthorization(Policies.TeamOrOperator)
            .Takes("team", "direction", "state", "since", "until", "after", "limit").Produces<MessagesPage>().Problems(422, 503)
            .WithSummary("Messages, newest first; a team sees what it sent or received");
        group.MapGet("/{id:guid}", GetAsync).RequireAuthorization(Policies.Anyone)
            .Produces<MessageResource>().Problems(404, 503).WithSummary("What became of a message");
        group.MapGet("/{id:guid}/trace", TraceAsync).RequireAuthorization(Policies.Anyone)
            .Produces<TraceResource>().Problems(404, 503).WithSummary("Every event of a message, in order");
        group.MapDelete("/{id:guid}", CancelAsync).RequireAuthorization(Policies.Team)
            .Produces<AcceptedMessage>().Problems(404, 409, 503).WithSummary("Cancel a message that is still queued");
        return routes;
    }

    private static async Task<IResult> GetAsync(Guid id, HttpContext http, MessageReads messages)
    {
        new Query(http.Request).ThrowIfFaulty();
        return Results.Json(await messages.GetAsync(id, http.Caller(), http.RequestAborted), GatewayJson.Default.MessageResource);
    }

    private static async Task<IResult> TraceAsync(Guid id, HttpContext http, MessageReads messages)
    {
        new Query(http.Request).ThrowIfFaulty();
        return Results.Json(new TraceResource(id, await messages.TraceAsync(id, http.Caller(), http.RequestAborted)), GatewayJson.Default.TraceResource);
    }

    private static async Task<IResult> CancelAsync(Guid id, HttpContext http, MessageReads messages, IGrainFactory grains, TreeWatch tree, ClusterCalls calls)
    {
        MessageView view = await messages.SeenAsync(id, http.Caller(), http.RequestAborted);
        if (view.From != http.CallerTeam())
            return Known.NotFound;
        // Repeated after a lost answer, or by its caller: it is cancelled, and that is what was asked.
        bool done = view.State == MessageState.Cancelled
            || await calls.RetryAsync(() => CancelThereAsync(view, http.Caller().Actor, grains, tree), http.RequestAborted)
            || (view = await messages.SeenAsync(id, http.Caller(), http.RequestAborted)).State == MessageState.Cancelled;
        return done
            ? Results.Json(new AcceptedMessage(id, MessageState.Cancelled.ToApi()), GatewayJson.Default.AcceptedMessage)
            : new Problem(409, "not_cancellable", $"It is {view.State.ToApi()}: only a message that has not left can be cancelled.");
    }

    /// <summary>At the hub where the sender stands by now, which need not be the one that accepted it.</summary>
    private static async Task<bool> CancelThereAsync(MessageView view, string actor, IGrainFactory grains, TreeWatch tree) =>
        (await tree.FetchAsync()).Find(view.From) is { } place && await grains.Node(place.Node).Cancel(view.Id, actor);
}
