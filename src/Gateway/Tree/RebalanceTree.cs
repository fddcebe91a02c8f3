using ShitOps.Gateway.Json;
using ShitOps.Gateway.Security;
using ShitOps.Grains;

namespace ShitOps.Gateway.Tree;

/// <param name="Epoch">The tree's, after what was carried out.</param>
/// <param name="Messages">Deliveries measured; what is an hour old counts half.</param>
/// <param name="HopsBefore">Mean edges between sender and recipient over these.</param>
/// <param name="HopsAfter">The same once the teams named stand elsewhere.</param>
/// <param name="Plan">Of a dry run: what to give as ?plan= to have just this carried out.</param>
public sealed record RebalanceResource(
    bool DryRun, long Epoch, double Messages, double HopsBefore, double HopsAfter, IReadOnlyList<RebalanceMove> Moves, Guid? Plan = null);

public sealed record RebalanceMove(string Team, int From, int To);

internal static class RebalanceTree
{
    public static async Task<IResult> HandleAsync(HttpContext http, TreeRebalance rebalance)
    {
        var query = new Query(http.Request);
        bool dryRun = query.Flag("dryRun");
        Guid? plan = query.Id("plan");
        if (dryRun && plan is not null)
            query.Refuse("plan", "dry_run_and_plan", "A plan is carried out, or one is made: not both.");
        query.ThrowIfFaulty();
        string actor = http.Caller().Actor;
        RebalanceReply reply = await (dryRun ? rebalance.PlanAsync(actor, http.RequestAborted) : rebalance.CarryOutAsync(plan, actor, http.RequestAborted));
        return Results.Json(
            new RebalanceResource(dryRun, reply.Epoch, reply.Messages, reply.HopsBefore, reply.HopsAfter, [.. reply.Moves.Select(m => new RebalanceMove(m.Team, m.From, m.To))],
                dryRun && reply.Plan != Guid.Empty ? reply.Plan : null),
            GatewayJson.Default.RebalanceResource);
    }
}
