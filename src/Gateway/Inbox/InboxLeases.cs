using Orleans.Concurrency;
using ShitOps.Gateway.Cluster;
using ShitOps.Gateway.Problems;
using ShitOps.Grains;

namespace ShitOps.Gateway.Inbox;

/// <summary>Leases from a team's inbox for a caller who may go away while it waits. A long wait is several calls, see <see cref="Limits.LongPoll"/>.</summary>
internal sealed class InboxLeases(IGrainFactory grains, ClusterCalls calls, GatewayCounters counters, TimeProvider time)
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
        var made = new List<Task<Immutable<Delivery[]>?>>();
        Delivery[]? leased = null;
        try
        {
            while (true)
            {
                long began = time.GetTimestamp();
                TimeSpan wait = time.NextWait(request.Wait, start), budget = request.Wait + calls.Budget - time.GetElapsedTime(start);
                leased = (await calls.RetryAsync(() => OnceAsync(team, request, start, made, stop), budget, stop))?.Value;
                // An inbox that did not use its time is leaving.
                if (leased is { Length: 0 } && time.NextWait(request.Wait, start) > TimeSpan.Zero && time.GetElapsedTime(began) >= wait / 2)
                    continue;
                counters.Lease(leased?.Length ?? 0);
                return leased;
            }
        }
        finally
        {
            // Calls of one request answer the same; but one that came late may have been given what no answer told of.
            foreach (Task<Immutable<Delivery[]>?> call in made)
                _ = GiveBackAsync(team, call, leased ?? []);
        }
    }

    private async Task<Immutable<Delivery[]>?> OnceAsync(string team, LeaseRequest request, long start, List<Task<Immutable<Delivery[]>?>> made, CancellationToken stop)
    {
        TimeSpan wait = time.NextWait(request.Wait, start);
        Task<Immutable<Delivery[]>?> call = grains.Team(team).Lease(request with { Wait = wait });
        made.Add(call);
        return await call.WaitAsync(wait + Grace, time, stop);
    }

    private async Task GiveBackAsync(string team, Task<Immutable<Delivery[]>?> call, Delivery[] answered)
    {
        try
        {
            if (await call is { Value: { Length: > 0 } leased } && !ReferenceEquals(leased, answered)
                && leased.Select(d => d.Id).Except(answered.Select(d => d.Id)).ToArray() is { Length: > 0 } unanswered)
                await grains.Team(team).Release(new(unanswered));
        }
        catch (Exception error) when (Transience.IsTransient(error))
        {
            // Then the lease runs out by itself.
        }
    }
}
