using ShitOps.Grains.Journal;
using ShitOps.Grains.Storage;

namespace ShitOps.Grains.Inbox;

/// <summary>The changes an inbox makes to its deliveries, with their events.</summary>
internal static class InboxChanges
{
    public static Change Acknowledge(Guid message, string team, InboxItem? item, DateTimeOffset now) =>
        new MoveDelivery(message, team, DeliveryState.Acknowledged, (item?.Attempts ?? 0) + 1, now)
        {
            Sequence = item?.Key.Sequence,
            Events =
            [
                new(EventTypes.MessageAcknowledged, now)
                {
                    Message = message, From = item?.Key.From, Team = team, Attempt = (item?.Attempts ?? 0) + 1, TraceParent = item?.TraceParent,
                },
            ],
        };

    public static Change Expire(InboxKey key, string team, string? traceParent, DateTimeOffset now) =>
        new MoveDelivery(key.Message, team, DeliveryState.Expired, key.Attempts, now)
        {
            Sequence = key.Sequence,
            Events = [new(EventTypes.MessageExpired, now) { Message = key.Message, From = key.From, Team = team, Reason = "ttl", TraceParent = traceParent }],
        };

    /// <summary>One attempt failed: again after a delay, or dead after the last.</summary>
    public static void AddFailure(List<Change> changes, InboxItem item, string team, string reason, TimeSpan delay, DateTimeOffset now)
    {
        int attempts = item.Attempts + 1;
        bool dead = attempts >= Limits.DeliveryAttempts;
        changes.Add(new MoveDelivery(item.Id, team, dead ? DeliveryState.Dead : DeliveryState.Waiting, attempts, now, dead || delay <= TimeSpan.Zero ? null : now + delay)
        {
            Sequence = item.Key.Sequence,
            Events =
            [
                new(dead ? EventTypes.MessageDead : EventTypes.MessageRetried, now)
                {
                    Message = item.Id, From = item.Key.From, Team = team, Attempt = attempts, Reason = reason, TraceParent = item.TraceParent,
                },
            ],
        });
        if (dead)
            changes.Add(new InsertDeadLetter(item.Id, team, item.Key.From, reason, attempts, now));
    }
}
