using System.Text.Json;
using System.Text.Json.Serialization;

namespace ShitOps.Client;

/// <summary>A message lent to this team until <see cref="LeasedUntil"/>; then it comes again unless it was acknowledged.</summary>
/// <param name="Attempt">1 the first time.</param>
public sealed record Delivery(Guid DeliveryId, int Attempt, DateTimeOffset LeasedUntil, InboxMessage Message);

public sealed record InboxMessage
{
    public required Guid Id { get; init; }

    /// <summary>message, ask, collation, task, notice or reply.</summary>
    public required string Kind { get; init; }

    public required string From { get; init; }
    public string? Subject { get; init; }

    /// <summary>Undefined when the body came as bytes.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] public JsonElement Body { get; init; }

    [JsonPropertyName("bodyBase64")] public byte[]? Bytes { get; init; }
    public string? ContentType { get; init; }
    public string? Priority { get; init; }
    public string? CorrelationId { get; init; }
    public string? OrderingKey { get; init; }
    public DateTimeOffset AcceptedAt { get; init; }

    /// <summary>The sender's trace context; the parent or a link of what is done with the message.</summary>
    public string? Traceparent { get; init; }

    public IReadOnlyList<Guid> Attachments { get; init => field = value ?? []; } = [];

    /// <summary>The ask it belongs to: of a question, a collation.</summary>
    public Guid? Ask { get; init; }

    /// <summary>The task it belongs to: of a task, a notice.</summary>
    public Guid? Task { get; init; }
}

/// <param name="Unknown">Ids that this inbox does not have, or has no more.</param>
public sealed record AckResult(int Acknowledged, IReadOnlyList<Guid> Unknown);

/// <param name="Unknown">Ids that this inbox does not have, or has no more.</param>
public sealed record NackResult(int Returned, IReadOnlyList<Guid> Unknown);

/// <param name="Unknown">Ids that are not leased.</param>
public sealed record ExtendResult(int Extended, IReadOnlyList<Guid> Unknown, DateTimeOffset? LeasedUntil);

/// <summary>How deliveries are taken out of the inbox.</summary>
public sealed record ReceiveOptions
{
    /// <summary>Deliveries at a time, 1 to 1,000.</summary>
    public int Max { get; init; } = 100;

    /// <summary>How long a delivery is ours; renewed while it is being handled. 1 s to 12 h, whole seconds.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How many are handled at once; 1 keeps their order.</summary>
    public int Parallel { get; init; } = 1;

    /// <summary>After how long a delivery that could not be handled comes again. The eighth failure makes it a dead letter.</summary>
    public TimeSpan NackDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Told of each delivery that could not be handled, before it is given back.</summary>
    public Action<Delivery, Exception>? OnFailure { get; init; }
}

internal sealed record Leased(IReadOnlyList<Delivery> Deliveries);

internal sealed record Dealt(IReadOnlyList<Guid> Deliveries, long? Delay = null, long? Lease = null);
