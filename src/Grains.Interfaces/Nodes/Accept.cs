namespace ShitOps.Grains;

/// <summary>A message as the gateway hands it to the sender's node: checked, sealed, with an id of its own.</summary>
[GenerateSerializer, Immutable, Alias("sho.NewMessage")]
public sealed record NewMessage
{
    /// <summary>UUIDv7, made by the gateway; bound into the sealed body.</summary>
    [Id(0)] public required Guid Id { get; init; }
    [Id(1)] public required string From { get; init; }
    /// <summary>An <see cref="Address"/> as text.</summary>
    [Id(2)] public required string To { get; init; }
    [Id(3)] public string? Subject { get; init; }
    [Id(4)] public required string ContentType { get; init; }
    [Id(5)] public BodyKind BodyKind { get; init; }
    /// <summary>The sealed body: key id, nonce, ciphertext, tag.</summary>
    [Id(6)] public required byte[] SealedBody { get; init; }
    /// <summary>Bytes of the plain body.</summary>
    [Id(7)] public int Size { get; init; }
    /// <summary>SHA-256 of the plain body, 32 bytes: what is scanned once is known again by it.</summary>
    [Id(8)] public required byte[] Sha256 { get; init; }
    [Id(9)] public string? OrderingKey { get; init; }
    [Id(10)] public Priority Priority { get; init; } = Priority.Normal;
    [Id(11)] public DateTimeOffset? DeliverAt { get; init; }
    [Id(12)] public DateTimeOffset? ExpiresAt { get; init; }
    [Id(13)] public string? CorrelationId { get; init; }
    /// <summary>W3C traceparent of the caller.</summary>
    [Id(14)] public string? TraceParent { get; init; }
    [Id(15)] public Guid[] Attachments { get; init; } = [];
    [Id(16)] public string? IdempotencyKey { get; init; }
    /// <summary>SHA-256 over all that the caller asked for; tells a repeat from another message under the same key.</summary>
    [Id(17)] public byte[]? RequestDigest { get; init; }
    [Id(18)] public MessageKind Kind { get; init; }
    /// <summary>The ask or task this message belongs to; null for plain messages.</summary>
    [Id(19)] public Guid? Reference { get; init; }
    /// <summary>Of a message of kind <see cref="MessageKind.Ask"/>, whose <see cref="Reference"/> is its own id; null for others.</summary>
    [Id(20)] public AskSpec? Ask { get; init; }
}

/// <summary>Posts that waited for the same hub, in the order in which they came. At most <see cref="Limits.AcceptBatch"/>.</summary>
[GenerateSerializer, Immutable, Alias("sho.AcceptBatch")]
public sealed record AcceptBatch([property: Id(0)] long Epoch, [property: Id(1)] NewMessage[] Messages);

public enum AcceptStatus : byte
{
    Accepted = 0,
    /// <summary>Same idempotency key, same request: <see cref="Accepted.Id"/> is the first one's.</summary>
    Repeated = 1,
    /// <summary>Same idempotency key, another request.</summary>
    KeyReused = 2,
    UnknownRecipient = 3,
    /// <summary>The address is known but holds nobody except the sender.</summary>
    NoRecipient = 4,
    HubFull = 5,
    /// <summary>The sender is not (any more) a team of this hub: fetch the tree of the epoch answered and go there.</summary>
    Moved = 6,
    /// <summary>Nothing was stored: the database did not take it in time.</summary>
    NotStored = 7,
    /// <summary>It is not known whether it was stored: the answer of the database did not come in time.</summary>
    Unknown = 8,
    UnknownAttachment = 9,
    /// <summary>The ask's quorum is larger than the number of teams asked.</summary>
    QuorumTooLarge = 10,
}

[GenerateSerializer, Immutable, Alias("sho.Accepted")]
public readonly record struct Accepted([property: Id(0)] AcceptStatus Status, [property: Id(1)] Guid Id, [property: Id(2)] MessageState State);

/// <summary>One answer a message, in order.</summary>
[GenerateSerializer, Immutable, Alias("sho.AcceptReply")]
public sealed record AcceptReply([property: Id(0)] long Epoch, [property: Id(1)] Accepted[] Results);
