using ShitOps.Gateway.Cluster;
using ShitOps.Gateway.Json;
using ShitOps.Gateway.Problems;
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
    /// <summary>
    /// A plan may be asked for again. Carrying one out is not repeated here: an answer that is lost says nothing about how
    /// much was done, and a second time would move as many teams again.
    /// </summary>
    public static async Task<IResult> HandleAsync(HttpContext http, IGrainFactory grains, TreeWatch tree, ClusterCalls calls)
    {
        var query = new Query(http.Request);
        bool dryRun = query.Flag("dryRun");
        query.ThrowIfFaulty();
        RebalanceReply reply;
        try
        {
            Task<RebalanceReply> Ask() => grains.Tree().Rebalance(dryRun, http.Caller().Actor);
            reply = dryRun ? await calls.RetryAsync(Ask, http.RequestAborted) : await Ask().WaitAsync(http.RequestAborted);
        }
        catch (Exception error) when (!http.RequestAborted.IsCancellationRequested && Transience.IsTransient(error))
        {
            return Known.NoAnswer;
        }
        if (!dryRun)
            tree.AtLeastAsync(reply.Epoch).AsTask().Ignore();
        return Results.Json(
            new RebalanceResource(dryRun, reply.Epoch, reply.Messages, reply.HopsBefore, reply.HopsAfter, [.. reply.Moves.Select(m => new RebalanceMove(m.Team, m.From, m.To))]),
            GatewayJson.Default.RebalanceResource);
    }
}
