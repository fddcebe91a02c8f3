using Orleans.Concurrency;
using ShitOps.Gateway.Cluster;
using ShitOps.Gateway.Problems;
using ShitOps.Gateway.Security;
using ShitOps.Grains;

namespace ShitOps.Gateway.Inbox;

/// <summary>Leases from a team's inbox for a caller who may go away while it waits. A long wait is several calls, see <see cref="Limits.LongPoll"/>.</summary>
internal sealed class InboxLeases(IGrainFactory grains, ClusterCalls calls, Keys keys, GatewayCounters counters, TimeProvider time)
{
    /// <summary>An answer may be this late before the call counts as lost.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    /// <summary>
    /// A silo that dies in mid-wait is tried again within the wait. What is leased for a caller who has gone meanwhile
    /// goes back into the inbox at once.
    /// </summary>
    /// <returns>Null: the request's stream was taken up again elsewhere.</returns>
    /// <exception cref="ProblemException">503: no answer, neither in the wait nor in the budget.</exception>
    public async Task<Delivery[]?> LeaseAsync(string team, LeaseRequest request, CancellationToken stop)
    {
        long start = time.GetTimestamp();
        int unanswered = 0;
        bool told = false;
        try
        {
            while (true)
            {
                long began = time.GetTimestamp();
                TimeSpan wait = time.NextWait(request.Wait, start), budget = request.Wait + calls.Budget - time.GetElapsedTime(start);
                Immutable<Delivery[]>? answer = await calls.RetryAsync(async () =>
                {
                    unanswered++;
                    Immutable<Delivery[]>? once = await OnceAsync(team, request, start, stop);
                    unanswered--;
                    return once;
                }, budget, stop);
                Delivery[]? leased = answer?.Value;
                // An inbox that did not use its time is leaving.
                if (leased is { Length: 0 } && time.NextWait(request.Wait, start) > TimeSpan.Zero && time.GetElapsedTime(began) >= wait / 2)
                    continue;
                counters.Lease(leased?.Length ?? 0);
                told = leased is not { Length: 0 } || unanswered == 0;
                return leased;
            }
        }
        finally
        {
            // A call that went unanswered may have been granted something, or be waiting for it still.
            if (!told)
                _ = WithdrawAsync(team, request.Request);
        }
    }

    /// <summary>Whether what was waited for may be handed out: a key that was revoked meanwhile gets nothing, and it goes back.</summary>
    /// <exception cref="ProblemException">503: the cluster does not answer.</exception>
    public async Task<bool> MayHandOutAsync(HttpContext http, Delivery[] leased)
    {
        bool stands = false;
        try
        {
            stands = await keys.StandsAsync(http);
        }
        finally
        {
            if (!stands)
                await ReturnAsync(http.CallerTeam(), leased);
        }
        return stands;
    }

    /// <summary>Leased, but not handed out: back into the inbox before the caller asks again.</summary>
    public async Task ReturnAsync(string team, IEnumerable<Delivery> leased)
    {
        try
        {
            await calls.RetryAsync(() => grains.Team(team).Release(new([.. leased.Select(d => d.Id)])));
        }
        catch (ProblemException)
        {
            // Then the leases run out by themselves.
        }
    }

    private async Task<Immutable<Delivery[]>?> OnceAsync(string team, LeaseRequest request, long start, CancellationToken stop)
    {
        TimeSpan wait = time.NextWait(request.Wait, start);
        return await grains.Team(team).Lease(request with { Wait = wait }).WaitAsync(wait + Grace, time, stop);
    }

    private async Task WithdrawAsync(string team, Guid request)
    {
        try
        {
            await grains.Team(team).Withdraw(request);
        }
        catch (Exception error) when (Transience.IsTransient(error))
        {
            // Then what was leased runs out by itself.
        }
    }
}
