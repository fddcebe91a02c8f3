using ShitOps.Gateway.Json;
using ShitOps.Gateway.Security;
using ShitOps.Grains;

namespace ShitOps.Gateway.Tree;

/// <param name="Epoch">The tree's, after what was carried out.</param>
/// <param name="Messages">Deliveries measured; what is an hour old counts half.</param>
/// <param name="HopsBefore">Mean edges between sender and recipient over these.</param>
/// <param name="HopsAfter">The same once the teams named stand elsewhere.</param>
public sealed record RebalanceResource(
    bool DryRun, long Epoch, double Messages, double HopsBefore, double HopsAfter, IReadOnlyList<RebalanceMove> Moves);

public sealed record RebalanceMove(string Team, int From, int To);

internal static class RebalanceTree
{
    public static async Task<IResult> HandleAsync(HttpContext http, TreeRebalance rebalance)
    {
        var query = new Query(http.Request);
        bool dryRun = query.Flag("dryRun");
        query.ThrowIfFaulty();
        RebalanceReply reply = await rebalance.AskAsync(dryRun, http.Caller().Actor, http.RequestAborted);
        return Results.Json(
            new RebalanceResource(dryRun, reply.Epoch, reply.Messages, reply.HopsBefore, reply.HopsAfter, [.. reply.Moves.Select(m => new RebalanceMove(m.Team, m.From, m.To))]),
            GatewayJson.Default.RebalanceResource);
    }
}
