using ShitOps.Gateway.Problems;

namespace ShitOps.Gateway.Cluster;

internal static class Pages
{
    /// <summary>Reads a page; a cursor that the reader cannot make sense of is the caller's fault, not ours.</summary>
    public static async Task<T> PageAsync<T>(this ClusterCalls calls, string? after, Func<Task<T>> read, CancellationToken stop)
    {
        try
        {
            return await calls.RetryAsync(read, stop);
        }
        catch (Exception error) when (after is not null && error is FormatException or ArgumentException or OverflowException)
        {
            var faults = new Faults();
            faults.Add(Fault.OfParameter("after", "bad_cursor", "'after' must be the 'next' of an earlier page."));
            throw new ProblemException(faults.ToProblem());
        }
    }
}
