using System.Text.Json;
using ShitOps.Gateway.Events;

namespace ShitOps.Gateway.Messages;

/// <summary>What <c>POST /v1/messages</c> takes: the description of it, for the OpenAPI document. It is read by <see cref="MessageFields"/>.</summary>
/// <param name="To">A team, function:NAME, below:TEAM, or all. The sender is never among the recipients.</param>
/// <param name="Body">Any JSON, 256 KiB at most. Either this or bodyBase64.</param>
/// <param name="BodyBase64">Bytes in base64, 256 KiB at most when decoded.</param>
/// <param name="Priority">urgent, normal or bulk.</param>
/// <param name="Ttl">Seconds after which it expires undelivered.</param>
/// <param name="IdempotencyKey">Only in a line of a bulk; else it is a header.</param>
public sealed record PostMessage(
    string To,
    JsonElement? Body = null,
    string? BodyBase64 = null,
    string? Subject = null,
    string? ContentType = null,
    string? OrderingKey = null,
    string? Priority = null,
    DateTimeOffset? DeliverAt = null,
    long? Ttl = null,
    string? CorrelationId = null,
    Guid[]? Attachments = null,
    string? IdempotencyKey = null);

public sealed record AcceptedMessage(Guid Id, string State);

public sealed record TraceResource(Guid Id, IReadOnlyList<EventResource> Events);
