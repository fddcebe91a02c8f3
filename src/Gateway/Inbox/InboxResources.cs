using System.Text.Json;
using System.Text.Json.Serialization;
using ShitOps.Grains;

namespace ShitOps.Gateway.Inbox;

/// <summary>Described for the OpenAPI document; written by <see cref="DeliveryJson"/>.</summary>
public sealed record InboxResource(IReadOnlyList<InboxDelivery> Deliveries);

public sealed record InboxDelivery(Guid DeliveryId, int Attempt, DateTimeOffset LeasedUntil, InboxMessage Message);

/// <param name="Kind">message, ask, collation, task, notice or reply.</param>
/// <param name="Body">Of a JSON message, exactly as it was posted; else there is bodyBase64.</param>
/// <param name="Ask">The ask it belongs to.</param>
/// <param name="Task">The task it belongs to.</param>
public sealed record InboxMessage(
    Guid Id, string Kind, string From, string? Subject, JsonElement? Body, string? BodyBase64, string ContentType, string Priority, string? CorrelationId,
    string? OrderingKey, DateTimeOffset AcceptedAt, string? Traceparent, IReadOnlyList<Guid> Attachments, Guid? Ask, Guid? Task);

/// <summary>Which deliveries, by their ids: 1,000 at most.</summary>
public sealed record Acknowledge(Guid[] Deliveries);

/// <param name="Delay">Seconds until it may be delivered again, 0 to 43,200; default 0.</param>
public sealed record NotAcknowledge(Guid[] Deliveries, int Delay = 0);

/// <param name="Lease">Seconds from now, 1 to 43,200; default 60.</param>
public sealed record ExtendLease(Guid[] Deliveries, int Lease = 60);

/// <param name="Unknown">Ids that this inbox does not have.</param>
public sealed record Acknowledged([property: JsonPropertyName("acknowledged")] int Count, IReadOnlyList<Guid> Unknown);

public sealed record Returned([property: JsonPropertyName("returned")] int Count, IReadOnlyList<Guid> Unknown);

public sealed record Extended([property: JsonPropertyName("extended")] int Count, IReadOnlyList<Guid> Unknown, DateTimeOffset? LeasedUntil);
