namespace ShitOps.Grains;

public enum Priority : byte { Urgent = 0, Normal = 1, Bulk = 2 }

public enum MessageKind : byte { Message = 0, Ask = 1, Collation = 2, Task = 3, Notice = 4, Reply = 5 }

/// <summary>What the opened body is: JSON text as posted, or bytes with a content type.</summary>
public enum BodyKind : byte { Json = 0, Bytes = 1 }

/// <summary>
/// State of a message as stored. <see cref="Scheduled"/> waits for <c>deliverAt</c> and reads as <c>queued</c>.
/// <see cref="Acknowledged"/> is never stored: it is a delivered message all of whose deliveries are acknowledged.
/// Values below 10 are unsettled: such a message stands in its source node's outbox.
/// </summary>
public enum MessageState : byte
{
    Queued = 0,
    Scheduled = 1,
    Held = 2,
    Delivered = 10,
    Acknowledged = 11,
    Quarantined = 20,
    Dead = 21,
    Expired = 22,
    Cancelled = 23,
}

public enum DeliveryState : byte { Waiting = 0, Acknowledged = 1, Dead = 2, Expired = 3 }

public static class MessageStates
{
    public static bool IsSettled(this MessageState state) => (byte)state >= 10;

    /// <summary>The word of the API.</summary>
    public static string ToApi(this MessageState state) => state switch
    {
        MessageState.Queued or MessageState.Scheduled => "queued",
        MessageState.Held => "held",
        MessageState.Delivered => "delivered",
        MessageState.Acknowledged => "acknowledged",
        MessageState.Quarantined => "quarantined",
        MessageState.Dead => "dead",
        MessageState.Expired => "expired",
        MessageState.Cancelled => "cancelled",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, null),
    };

    public static string ToApi(this DeliveryState state) => state switch
    {
        DeliveryState.Waiting => "delivered",
        DeliveryState.Acknowledged => "acknowledged",
        DeliveryState.Dead => "dead",
        DeliveryState.Expired => "expired",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, null),
    };
}
