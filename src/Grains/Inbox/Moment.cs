namespace ShitOps.Grains.Inbox;

/// <summary>
/// Now, by two clocks. What was stored, and what others are told, goes by the first; it may be put forward and back. What
/// lasts as long as was asked, a lease or a delay, is measured by the second, which nobody sets.
/// </summary>
/// <param name="Running">Since some time before the process began.</param>
internal readonly record struct Moment(DateTimeOffset Clock, TimeSpan Running)
{
    public static Moment Of(TimeProvider time) => new(time.GetUtcNow(), RunningOf(time));

    public static TimeSpan RunningOf(TimeProvider time) => time.GetElapsedTime(0);
}
