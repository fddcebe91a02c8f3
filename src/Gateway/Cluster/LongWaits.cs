using ShitOps.Grains;

namespace ShitOps.Gateway.Cluster;

internal static class LongWaits
{
    /// <summary>
    /// How long the next of several calls waits that together make one long wait, see <see cref="Limits.LongPoll"/>; zero
    /// when the whole time is over.
    /// </summary>
    /// <param name="start">Timestamp of the beginning.</param>
    public static TimeSpan NextWait(this TimeProvider time, TimeSpan whole, long start)
    {
        TimeSpan left = whole - time.GetElapsedTime(start);
        return left <= TimeSpan.Zero ? TimeSpan.Zero : left < Limits.LongPoll ? left : Limits.LongPoll;
    }
}
