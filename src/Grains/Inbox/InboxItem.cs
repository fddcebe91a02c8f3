using ShitOps.Grains.Storage;

namespace ShitOps.Grains.Inbox;

internal enum ItemState : byte { Waiting, Leased, Settling }

/// <summary>An unacknowledged delivery as its inbox keeps it in memory.</summary>
internal sealed class InboxItem(InboxKey key)
{
    public InboxKey Key { get; } = key;
    public Guid Id => Key.Message;
    public ItemState State { get; set; }

    /// <summary>Failed attempts, as stored.</summary>
    public int Attempts { get; set; } = key.Attempts;

    /// <summary>Not leased before this time; as stored.</summary>
    public DateTimeOffset NotBefore { get; private set; } = key.NotBefore ?? DateTimeOffset.MinValue;

    /// <summary>Nor before this, as <see cref="Moment.Running"/>, when it failed here.</summary>
    public TimeSpan HeldUntil { get; private set; }

    /// <summary>As told; the lease may have been granted by a clock that was put forward or back since.</summary>
    public DateTimeOffset LeasedUntil { get; private set; }

    /// <summary>As <see cref="Moment.Running"/>.</summary>
    public TimeSpan LeaseEnds { get; private set; }
    public Guid? Stream { get; set; }

    /// <summary>The request it was leased for.</summary>
    public Guid Request { get; set; }

    /// <summary>Rises with every lease granted.</summary>
    public long Grant { get; set; }

    /// <summary>With its message; null: read it before leasing.</summary>
    public InboxRow? Row
    {
        get;
        set
        {
            field = value;
            TraceParent = value?.TraceParent ?? TraceParent;
        }
    }

    /// <summary>Timestamp from which on the database is known to have had it as waiting; of the row, else without meaning.</summary>
    public long ReadAt { get; set; }

    /// <summary>Of its message, once that was read; stays when the body goes, for the events that follow.</summary>
    public string? TraceParent { get; private set; }

    /// <summary>Begins a lease, or begins it anew.</summary>
    public void Lease(Moment now, TimeSpan lease) => (LeasedUntil, LeaseEnds) = (now.Clock + lease, now.Running + lease);

    /// <param name="until">As <see cref="Moment.Running"/>; 0: not any more, its time had come before.</param>
    public void Hold(TimeSpan until) => (NotBefore, HeldUntil) = (DateTimeOffset.MinValue, until);

    /// <summary>How long it may not be leased yet; not positive: it may.</summary>
    public TimeSpan Pause(Moment now) => TimeSpan.FromTicks(Math.Max((NotBefore - now.Clock).Ticks, (HeldUntil - now.Running).Ticks));

    public InboxLane Lane => new(Key.From, Key.OrderingKey, Key.Rank);

    public Delivery ToDelivery(InboxRow row) => new()
    {
        Id = row.Message,
        Attempt = Attempts + 1,
        LeasedUntil = LeasedUntil,
        Kind = row.Kind,
        From = row.From,
        Subject = row.Subject,
        ContentType = row.ContentType,
        BodyKind = row.BodyKind,
        SealedBody = row.SealedBody,
        CorrelationId = row.CorrelationId,
        OrderingKey = row.OrderingKey,
        AcceptedAt = row.AcceptedAt,
        TraceParent = row.TraceParent,
        Attachments = row.Attachments,
        Reference = row.Reference,
        Priority = row.Priority,
    };

    /// <param name="readAt">Taken before the row was asked for.</param>
    public static InboxItem From(InboxRow row, long readAt) => new(new InboxKey(
        row.Sequence, row.Message, row.From, row.Rank, row.OrderingKey, row.Attempts, row.NotBefore, row.ExpiresAt))
    { Row = row, ReadAt = readAt };
}

/// <summary>Deliveries of one lane are leased in order.</summary>
internal readonly record struct InboxLane(string From, string? OrderingKey, Priority Rank);
