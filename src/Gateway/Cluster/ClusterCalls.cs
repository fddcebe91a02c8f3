using Microsoft.Extensions.Options;
using ShitOps.Gateway.Problems;
using ShitOps.Hosting.Cluster;

namespace ShitOps.Gateway.Cluster;

/// <summary>
/// The one boundary at which calls into the cluster are tried again. Only for calls that may be repeated; a caller
/// never waits longer than the budget, and then gets 503 with Retry-After.
/// </summary>
public sealed partial class ClusterCalls(IOptions<GatewayOptions> options, IClusterLink link, TimeProvider time, ILogger<ClusterCalls> log)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50), LongestPause = TimeSpan.FromSeconds(1);

    public TimeSpan Budget => options.Value.CallBudget;

    /// <exception cref="ProblemException">503: no answer within the budget.</exception>
    public Task<T> RetryAsync<T>(Func<Task<T>> call, CancellationToken stop = default) => RetryAsync(call, Budget, stop);

    /// <inheritdoc cref="RetryAsync{T}(Func{Task{T}}, CancellationToken)"/>
    public async Task<T> RetryAsync<T>(Func<Task<T>> call, TimeSpan budget, CancellationToken stop)
    {
        long start = time.GetTimestamp();
        for (int attempt = 1; ; attempt++)
        {
            TimeSpan left = budget - time.GetElapsedTime(start);
            try
            {
                return await AnswerAsync(call, left > TimeSpan.Zero ? left : TimeSpan.Zero, stop);
            }
            catch (Exception error) when (!stop.IsCancellationRequested && Transience.IsTransient(error))
            {
                TimeSpan pause = Pause(attempt);
                if (time.GetElapsedTime(start) + pause >= budget)
                {
                    LogGaveUp(attempt, error.GetType().Name, error.Message);
                    throw new ProblemException(Known.NoAnswer);
                }
                await Task.Delay(pause, time, stop);
            }
        }
    }

    /// <inheritdoc cref="RetryAsync{T}(Func{Task{T}}, CancellationToken)"/>
    public Task RetryAsync(Func<Task> call, CancellationToken stop = default) =>
        RetryAsync(async () =>
        {
            await call();
            return true;
        }, stop);

    /// <summary>Makes a call, and waits for its answer no longer than until a silo is lost: the answer may be lost with it.</summary>
    /// <exception cref="OperationCanceledException">A silo was lost, or <paramref name="stop"/> ended.</exception>
    /// <exception cref="TimeoutException">No answer came in time.</exception>
    public async Task<T> AnswerAsync<T>(Func<Task<T>> call, TimeSpan wait, CancellationToken stop = default)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, link.Lost);
        return await call().WaitAsync(wait, time, either.Token);
    }

    /// <summary>Doubling from 50 ms to 1 s, half of it random.</summary>
    public static TimeSpan Pause(int attempt)
    {
        TimeSpan pause = TimeSpan.FromTicks(Math.Min(LongestPause.Ticks, FirstPause.Ticks << Math.Min(attempt - 1, 10)));
        return pause * (0.5 + Random.Shared.NextDouble() / 2);
    }

    [LoggerMessage(5002, LogLevel.Warning, "The cluster did not answer after {Attempts} attempts: {Kind}: {Error}")]
    private partial void LogGaveUp(int attempts, string kind, string error);
}
