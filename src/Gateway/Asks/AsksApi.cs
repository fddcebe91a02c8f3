using ShitOps.Gateway.Messages;
using ShitOps.Gateway.OpenApi;
using ShitOps.Gateway.Security;
using ShitOps.Grains;

namespace ShitOps.Gateway.Asks;

internal static class AsksApi
{
    public static IServiceCollection AddAsks(this IServiceCollection services) =>
        services.AddSingleton<PostAsks>().AddSingleton<PostReplies>().AddSingleton<ReadAsks>().AddSingleton<AskLists>();

    public static IEndpointRouteBuilder MapAsks(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/v1/asks").WithTags("Asks");
        group.MapPost("", (HttpContext http, PostAsks post) => post.HandleAsync(http)).RequireAuthorization(Policies.Team).WithBodyLimit(Limits.RequestBytes)
            .Accepts<PostAsk>("application/json").TakesHeaders("Idempotency-Key", "traceparent").Produces<AcceptedAsk>(202)
            .Problems(400, 409, 413, 415, 422, 429, 503).WithSummary("Ask many teams and have their answers collated");
        group.MapPost("/{id:guid}/reply", (Guid id, HttpContext http, PostReplies post) => post.HandleAsync(id, http))
            .RequireAuthorization(Policies.Team).WithBodyLimit(Limits.RequestBytes)
            .Accepts<PostReply>("application/json").TakesHeaders("traceparent").Produces<AcceptedReply>(202)
            .Problems(400, 404, 409, 410, 413, 415, 422, 429, 503).WithSummary("Reply to an ask, once");
        group.MapGet("", (HttpContext http, AskLists lists) => lists.HandleAsync(http)).RequireAuthorization(Policies.TeamOrOperator)
            .Takes("team", "state", "after", "limit").Produces<AsksPage>().Problems(422, 503).WithSummary("Asks, newest first; a team sees those it asked or was asked in");
        group.MapGet("/{id:guid}", (Guid id, HttpContext http, ReadAsks read) => read.GetAsync(id, http)).RequireAuthorization(Policies.TeamOrOperator)
            .Produces<AskResource>().Problems(404, 422, 503).WithSummary("What became of an ask; its result for the asker");
        group.MapGet("/{id:guid}/replies", (Guid id, HttpContext http, ReadAsks read) => read.RepliesAsync(id, http)).RequireAuthorization(Policies.Team)
            .Takes("after", "limit").Produces<RepliesPage>().Problems(404, 422, 503).WithSummary("Every reply in post-order of the tree, for the asker");
        group.MapGet("/{id:guid}/trace", (Guid id, HttpContext http, ReadAsks read) => read.TraceAsync(id, http)).RequireAuthorization(Policies.TeamOrOperator)
            .Produces<TraceResource>().Problems(404, 422, 503).WithSummary("Every event of an ask, in order");
        return routes;
    }
}
