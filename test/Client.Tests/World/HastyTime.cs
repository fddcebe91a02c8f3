using System.Collections.Concurrent;

namespace ShitOps.Client.Tests.World;

/// <summary>A clock whose timers end at once and tell how long they were to be; those of more than a day do not end, so that timeouts stay out of it.</summary>
internal sealed class HastyTime : TimeProvider
{
    public static readonly TimeSpan Never = TimeSpan.FromDays(2);

    public ConcurrentQueue<TimeSpan> Waited { get; } = new();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime <= TimeSpan.Zero || dueTime >= Never)
            return base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Waited.Enqueue(dueTime);
        return base.CreateTimer(callback, state, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }
}
