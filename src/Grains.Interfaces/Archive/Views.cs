namespace ShitOps.Grains;

[GenerateSerializer, Immutable, Alias("sho.MessageView")]
public sealed record MessageView
{
    [Id(0)] public required Guid Id { get; init; }
    [Id(1)] public required string From { get; init; }
    [Id(2)] public required string To { get; init; }
    [Id(3)] public string? Subject { get; init; }
    /// <summary>As the API tells it: delivered deliveries all acknowledged read as acknowledged, a dead one as dead.</summary>
    [Id(4)] public required MessageState State { get; init; }
    [Id(5)] public required DateTimeOffset AcceptedAt { get; init; }
    [Id(6)] public DateTimeOffset? SettledAt { get; init; }
    [Id(7)] public required DeliveryView[] Deliveries { get; init; }
    /// <summary>Set when it stands, or stood, in quarantine.</summary>
    [Id(8)] public QuarantineView? Quarantine { get; init; }
    [Id(9)] public MessageKind Kind { get; init; }
    [Id(10)] public required int Node { get; init; }
    [Id(11)] public string? CorrelationId { get; init; }
    [Id(12)] public string? OrderingKey { get; init; }
    [Id(13)] public Priority Priority { get; init; }
    [Id(14)] public DateTimeOffset? DeliverAt { get; init; }
    [Id(15)] public DateTimeOffset? ExpiresAt { get; init; }
    [Id(16)] public Guid[] Attachments { get; init; } = [];
    [Id(17)] public string? Reason { get; init; }
    [Id(18)] public int Size { get; init; }
    [Id(19)] public string? TraceParent { get; init; }
    [Id(20)] public string ContentType { get; init; } = "";
}

/// <summary>A message in a list.</summary>
/// <param name="State">As the API tells it, see <see cref="MessageView.State"/>.</param>
[GenerateSerializer, Immutable, Alias("sho.MessageSummary")]
public sealed record MessageSummary(
    [property: Id(0)] Guid Id,
    [property: Id(1)] string From,
    [property: Id(2)] string To,
    [property: Id(3)] string? Subject,
    [property: Id(4)] MessageState State,
    [property: Id(5)] MessageKind Kind,
    [property: Id(6)] DateTimeOffset AcceptedAt,
    [property: Id(7)] DateTimeOffset? SettledAt,
    [property: Id(8)] int Size,
    [property: Id(9)] int Node);

/// <param name="Team">Only what this team sent, or received; null for all.</param>
/// <param name="Received">What was delivered to the team, not what it sent.</param>
/// <param name="State">As the API tells it; <see cref="MessageState.Queued"/> means scheduled ones too.</param>
/// <param name="Since">Ids made then or later: by a millisecond, the moment of acceptance.</param>
/// <param name="Until">Ids made before.</param>
[GenerateSerializer, Immutable, Alias("sho.MessageQuery")]
public sealed record MessageQuery(
    [property: Id(0)] string? Team,
    [property: Id(1)] bool Received,
    [property: Id(2)] MessageState? State,
    [property: Id(3)] DateTimeOffset? Since,
    [property: Id(4)] DateTimeOffset? Until,
    [property: Id(5)] string? After,
    [property: Id(6)] int Limit);

[GenerateSerializer, Immutable, Alias("sho.DeliveryView")]
public sealed record DeliveryView(
    [property: Id(0)] string Team,
    [property: Id(1)] DeliveryState State,
    [property: Id(2)] DateTimeOffset DeliveredAt,
    [property: Id(3)] DateTimeOffset? AcknowledgedAt,
    [property: Id(4)] int Attempts);

/// <summary>An entry in quarantine: a message, an attachment or a reply; exactly one of the three ids is set.</summary>
[GenerateSerializer, Immutable, Alias("sho.QuarantineView")]
public sealed record QuarantineView
{
    [Id(0)] public required Guid Id { get; init; }
    [Id(1)] public Guid? Message { get; init; }
    [Id(2)] public Guid? Attachment { get; init; }
    [Id(3)] public required string From { get; init; }
    [Id(4)] public string? To { get; init; }
    [Id(5)] public string? Subject { get; init; }
    /// <summary>infected or unscannable.</summary>
    [Id(6)] public required string Verdict { get; init; }
    /// <summary>The signature's name, or why it could not be scanned.</summary>
    [Id(7)] public required string Signature { get; init; }
    [Id(8)] public required string SignatureVersion { get; init; }
    [Id(9)] public required int Node { get; init; }
    [Id(10)] public required string Silo { get; init; }
    [Id(11)] public required DateTimeOffset At { get; init; }
    /// <summary>waiting, released or purged.</summary>
    [Id(12)] public required string State { get; init; }
    [Id(13)] public DateTimeOffset? DecidedAt { get; init; }
    [Id(14)] public string? DecidedBy { get; init; }
    [Id(15)] public string? Reason { get; init; }
    /// <summary>Set when it is a reply: the ask it belongs to. The entry's id is the reply's; neither message nor attachment is set.</summary>
    [Id(16)] public Guid? Ask { get; init; }
}

[GenerateSerializer, Immutable, Alias("sho.DeadLetterView")]
public sealed record DeadLetterView(
    [property: Id(0)] Guid Message,
    [property: Id(1)] string From,
    [property: Id(2)] string To,
    [property: Id(3)] string Team,
    [property: Id(4)] string Reason,
    [property: Id(5)] DateTimeOffset At,
    [property: Id(6)] int Attempts);

[GenerateSerializer, Immutable, Alias("sho.DeadLetterGroup")]
public sealed record DeadLetterGroup([property: Id(0)] string Reason, [property: Id(1)] int Count, [property: Id(2)] DeadLetterView[] Items);

[GenerateSerializer, Immutable, Alias("sho.Page`1")]
public sealed record Page<T>([property: Id(0)] T[] Items, [property: Id(1)] string? Next);

[GenerateSerializer, Immutable, Alias("sho.EventView")]
public sealed record EventView
{
    [Id(0)] public required string Type { get; init; }
    [Id(1)] public required DateTimeOffset At { get; init; }
    [Id(2)] public Guid? Message { get; init; }
    /// <summary>The team that sends.</summary>
    [Id(3)] public string? From { get; init; }
    /// <summary>The team (or address) concerned.</summary>
    [Id(4)] public string? Team { get; init; }
    [Id(5)] public int? Node { get; init; }
    [Id(6)] public string? Silo { get; init; }
    [Id(7)] public string? Verdict { get; init; }
    [Id(8)] public string? SignatureVersion { get; init; }
    [Id(9)] public int? Attempt { get; init; }
    [Id(10)] public string? Reason { get; init; }
    [Id(11)] public string? Actor { get; init; }
    [Id(12)] public string? TraceParent { get; init; }
    [Id(13)] public int? Size { get; init; }
    [Id(14)] public byte[]? Sha256 { get; init; }
    /// <summary>Writer, number and place of the event: unique and stable.</summary>
    [Id(15)] public string Position { get; init; } = "";
    /// <summary>The ask or task concerned.</summary>
    [Id(16)] public Guid? Reference { get; init; }
}

[GenerateSerializer, Immutable, Alias("sho.EventQuery")]
public sealed record EventQuery(
    [property: Id(0)] string? Type,
    [property: Id(1)] string? Team,
    [property: Id(2)] string? After,
    [property: Id(3)] int Limit);
