using System.Numerics;
using ShitOps.Gateway.Cluster;
using ShitOps.Gateway.Json;
using ShitOps.Gateway.Nodes;
using ShitOps.Gateway.OpenApi;
using ShitOps.Gateway.Security;
using ShitOps.Grains;

namespace ShitOps.Gateway.Tree;

/// <param name="Depth">Levels: 1 for a root alone.</param>
public sealed record TreeResource(long Epoch, int Depth, IReadOnlyList<TreeNode> Nodes);

/// <param name="Health">ok, degraded, unhealthy; unknown until it was pinged.</param>
/// <param name="Queue">Unsettled messages; null until it was pinged.</param>
public sealed record TreeNode(
    int Index, int? Parent, IReadOnlyList<int> Children, IReadOnlyList<string> Teams, string? Silo, string Health, int? Queue);

internal static class TreeApi
{
    public static IEndpointRouteBuilder MapTree(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/tree", ReadAsync).RequireAuthorization(Policies.Operator).WithTags("Teams and tree")
            .Produces<TreeResource>().Problems(503).WithSummary("Every hub, its teams and its health");
        routes.MapPost("/v1/tree/rebalance", RebalanceTree.HandleAsync).RequireAuthorization(Policies.Operator).WithTags("Teams and tree")
            .Takes("dryRun", "plan").Produces<RebalanceResource>().Problems(409, 422, 503)
            .WithSummary("Move teams that talk much nearer to each other; with ?dryRun=true only tell which, with ?plan= move those that were told");
        return routes;
    }

    private static async Task<IResult> ReadAsync(HttpContext http, TreeWatch tree, NodeStatuses statuses, ClusterCalls calls)
    {
        new Query(http.Request).ThrowIfFaulty();
        TreeSnapshot snapshot = await calls.RetryAsync(tree.FetchAsync, http.RequestAborted);
        IReadOnlyDictionary<int, NodeStatus> pings = await statuses.ReadAsync(0, snapshot.NodeCount, http.RequestAborted);
        return Results.Json(Of(snapshot, pings), GatewayJson.Default.TreeResource);
    }

    internal static TreeResource Of(TreeSnapshot tree, IReadOnlyDictionary<int, NodeStatus> pings)
    {
        var nodes = new List<TreeNode>(tree.NodeCount);
        for (int i = 0; i < tree.NodeCount; i++)
        {
            NodeStatus? ping = pings.GetValueOrDefault(i);
            int[] children = [.. new[] { (2 * i) + 1, (2 * i) + 2 }.Where(child => child < tree.NodeCount)];
            nodes.Add(new TreeNode(i, i == 0 ? null : (i - 1) / 2, children, NodeResource.TeamsOf(tree, i), ping?.Silo, ping?.Health ?? "unknown", ping?.Queue));
        }
        return new TreeResource(tree.Epoch, BitOperations.Log2((uint)tree.NodeCount) + 1, nodes);
    }
}
