using System.Diagnostics;
using ShitOps.Client;

namespace ShitOps.TestKit.Api;

/// <summary>Waits for states that the API cannot be asked to await. Everything else awaits an event.</summary>
public static class Eventually
{
    private static readonly TimeSpan Pulse = TimeSpan.FromMilliseconds(100);

    /// <summary>Looks again and again until the condition holds.</summary>
    /// <param name="why">What is waited for; told with the last failure when the time is over.</param>
    /// <exception cref="TimeoutException">It did not hold in time.</exception>
    public static Task UntilAsync(Func<Task<bool>> condition, TimeSpan limit, string why) =>
        UntilAsync(async () => await condition(), holds => holds, limit, why);

    /// <summary>Looks again and again until what it sees satisfies; answers with that.</summary>
    /// <exception cref="TimeoutException">It did not in time; the message tells what was seen last.</exception>
    public static async Task<T> UntilAsync<T>(Func<Task<T>> look, Func<T, bool> satisfies, TimeSpan limit, string why)
    {
        var clock = Stopwatch.StartNew();
        using var pulse = new PeriodicTimer(Pulse);
        T? last = default;
        Exception? lastError = null;
        do
        {
            try
            {
                last = await look();
                lastError = null;
                if (satisfies(last))
                    return last;
            }
            catch (Exception error) when (IsPassing(error))
            {
                lastError = error;
            }
        }
        while (clock.Elapsed < limit && await pulse.WaitForNextTickAsync());
        throw new TimeoutException($"Not within {limit.TotalSeconds:0.#} s: {why}. Last seen: {lastError?.Message ?? last?.ToString()}", lastError);
    }

    /// <summary>True for a refusal, a connection that broke and an answer that did not come: the next look may find it otherwise.</summary>
    public static bool IsPassing(Exception error) =>
        error is ShitOpsException or ApiException or HttpRequestException or TaskCanceledException or TimeoutException or IOException;

    /// <summary>True if the condition holds at every look for that long.</summary>
    public static async Task<bool> StaysAsync(Func<Task<bool>> condition, TimeSpan time)
    {
        var clock = Stopwatch.StartNew();
        using var pulse = new PeriodicTimer(Pulse);
        do
        {
            if (!await condition())
                return false;
        }
        while (clock.Elapsed < time && await pulse.WaitForNextTickAsync());
        return true;
    }
}
