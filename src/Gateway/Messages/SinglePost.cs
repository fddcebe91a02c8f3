using ShitOps.Gateway.Json;
using ShitOps.Gateway.Problems;
using ShitOps.Gateway.RateLimits;
using ShitOps.Gateway.Security;
using ShitOps.Grains;

namespace ShitOps.Gateway.Messages;

/// <summary>A request that posts one message, of whatever kind: from its team's rate to its hub's answer.</summary>
internal sealed class SinglePost(MessagePoster poster, AcceptQueues queues, TeamRates rates)
{
    public async Task<AcceptOutcome> PostAsync(HttpContext http, DraftReader read)
    {
        string? idempotencyKey = MessageHeaders.IdempotencyKey(http.Request);
        string team = http.CallerTeam();
        if (rates.Take(team, 1, out Problem? tooFast) == 0)
            return default(AcceptOutcome) with { Problem = tooFast };
        CancellationToken stop = http.RequestAborted;
        PendingAccept? item;
        using (RequestBody body = await RequestBody.ReadAsync(http.Request, Limits.RequestBytes))
        {
            PostContext context = await poster.BeginAsync(team, stop);
            Posted posted = await poster.PrepareAsync(context, body.Bytes, read, idempotencyKey, GatewayTrace.Parent(http.Request), stop);
            if (posted.Problem is { } problem)
                return default(AcceptOutcome) with { Problem = problem };
            poster.Send(context, [posted]);
            item = posted.Item;
        }
        return await queues.AcceptAsync(item!);
    }
}
