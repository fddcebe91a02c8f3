using System.Globalization;
using ShitOps.Gateway.Cluster;
using ShitOps.Gateway.Json;
using ShitOps.Gateway.OpenApi;
using ShitOps.Gateway.Problems;
using ShitOps.Gateway.Security;
using ShitOps.Grains;

namespace ShitOps.Gateway.Nodes;

internal static class NodesApi
{
    public static IEndpointRouteBuilder MapNodes(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/v1/nodes").WithTags("Operations");
        group.MapGet("", ListAsync).RequireAuthorization(Policies.Operator)
            .Takes("after", "limit").Produces<NodesPage>().Problems(422, 503).WithSummary("Every hub as its last ping found it");
        group.MapGet("/{index:int}", GetAsync).RequireAuthorization(Policies.Operator)
            .Produces<NodeResource>().Problems(404, 503).WithSummary("One hub");
        return routes;
    }

    private static async Task<IResult> ListAsync(HttpContext http, TreeWatch tree, NodeStatuses statuses, ClusterCalls calls)
    {
        var query = new Query(http.Request);
        (int after, int limit) = (query.Whole("after", -1, 0, int.MaxValue - Limits.MaxPageSize), query.PageSize());
        query.ThrowIfFaulty();
        TreeSnapshot snapshot = await calls.RetryAsync(tree.FetchAsync, http.RequestAborted);
        int first = after + 1, count = Math.Max(0, Math.Min(limit, snapshot.NodeCount - first));
        IReadOnlyDictionary<int, NodeStatus> pings = await statuses.ReadAsync(first, count, http.RequestAborted);
        NodeResource[] nodes = [.. Enumerable.Range(first, count).Select(i => NodeResource.Of(snapshot, i, pings.GetValueOrDefault(i)))];
        string? next = first + count < snapshot.NodeCount && count > 0 ? (first + count - 1).ToString(CultureInfo.InvariantCulture) : null;
        return Results.Json(new NodesPage(nodes, next), GatewayJson.Default.NodesPage);
    }

    private static async Task<IResult> GetAsync(int index, HttpContext http, TreeWatch tree, NodeStatuses statuses, ClusterCalls calls)
    {
        TreeSnapshot snapshot = await calls.RetryAsync(tree.FetchAsync, http.RequestAborted);
        if (index < 0 || index >= snapshot.NodeCount)
            return Known.NotFound;
        IReadOnlyDictionary<int, NodeStatus> pings = await statuses.ReadAsync(index, 1, http.RequestAborted);
        return Results.Json(NodeResource.Of(snapshot, index, pings.GetValueOrDefault(index)), GatewayJson.Default.NodeResource);
    }
}
