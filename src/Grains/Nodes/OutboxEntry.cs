using ShitOps.Grains.Storage;

namespace ShitOps.Grains.Nodes;

/// <summary>An unsettled message as its source node keeps it in memory.</summary>
internal sealed class OutboxEntry
{
    public required Envelope Envelope { get; init; }
    public required long Sequence { get; init; }
    public required BodyKind BodyKind { get; init; }
    public required DateTimeOffset AcceptedAt { get; init; }
    public required Guid[] Attachments { get; init; }
    public required int Size { get; init; }

    /// <summary>Kept from acceptance until the first scan, when memory allows; null means: read it.</summary>
    public StoredBody? Body { get; set; }

    /// <summary>Stored as held.</summary>
    public bool Held { get; set; }

    /// <summary>Failed attempts to route it in this activation.</summary>
    public int Attempts { get; set; }

    public DateTimeOffset NotBefore { get; set; }

    public bool IsToMany { get; init; }

    public Guid Id => Envelope.Id;

    public Priority Rank => Delivering.Rank(Envelope);

    public Lane Lane => Lane.Of(Envelope);

    public static OutboxEntry From(NewMessage message, long sequence, DateTimeOffset acceptedAt) => new()
    {
        Envelope = new Envelope
        {
            Id = message.Id,
            From = message.From,
            To = message.To,
            Sha256 = message.Sha256,
            Priority = message.Priority,
            OrderingKey = message.OrderingKey,
            ExpiresAt = message.ExpiresAt,
            Kind = message.Kind,
            TraceParent = message.TraceParent,
            HasAttachments = message.Attachments.Length > 0,
            AskedAt = message.Kind == MessageKind.Ask ? acceptedAt : null,
        },
        Sequence = sequence,
        BodyKind = message.BodyKind,
        AcceptedAt = acceptedAt,
        Attachments = message.Attachments,
        Size = message.Size,
        IsToMany = IsMany(message.To),
    };

    public static OutboxEntry From(OutboxRow row) => new()
    {
        Envelope = new Envelope
        {
            Id = row.Id,
            From = row.From,
            To = row.To,
            Sha256 = row.Sha256,
            Priority = row.Priority,
            OrderingKey = row.OrderingKey,
            ExpiresAt = row.ExpiresAt,
            Kind = row.Kind,
            TraceParent = row.TraceParent,
            Released = row.Released,
            HasAttachments = row.Attachments.Length > 0,
            AskedAt = row.Kind == MessageKind.Ask ? row.AcceptedAt : null,
        },
        Sequence = row.Sequence,
        BodyKind = row.BodyKind,
        AcceptedAt = row.AcceptedAt,
        Attachments = row.Attachments,
        Size = row.Size,
        Held = row.State == MessageState.Held,
        IsToMany = IsMany(row.To),
    };

    public static bool IsMany(string to) => !TeamKey.IsName(to) || to == "all";
}

/// <summary>Messages of one lane to the same recipient keep their order.</summary>
internal readonly record struct Lane(string From, string? OrderingKey, Priority Rank)
{
    public static Lane Of(Envelope item) => new(item.From, item.OrderingKey, Delivering.Rank(item));
}
