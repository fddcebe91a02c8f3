using System.Text.Json;

namespace ShitOps.TestKit.Api;

public sealed record CreatedTeam(string Name, string Function, int Node, string Key);

public sealed record Sent(Guid Id, string State);

/// <summary>One line of a bulk answer: an id with a state, or a problem.</summary>
public sealed record BulkResult(Guid? Id, string? State, Problem? Problem);

public sealed record MessageInfo
{
    public required Guid Id { get; init; }
    public required string From { get; init; }
    public required string To { get; init; }
    public string? Subject { get; init; }
    public required string State { get; init; }
    public required DateTimeOffset AcceptedAt { get; init; }
    public DateTimeOffset? SettledAt { get; init; }
    public required DeliveryInfo[] Deliveries { get; init; }
    /// <summary>Undefined or null when the message never stood in quarantine.</summary>
    public JsonElement Quarantine { get; init; }

    public bool WasQuarantined => Quarantine.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null);
}

public sealed record DeliveryInfo(string Team, string State, DateTimeOffset? DeliveredAt, DateTimeOffset? AcknowledgedAt, int Attempts);

public sealed record TraceEvent
{
    public required string Type { get; init; }
    public required DateTimeOffset At { get; init; }
    public Guid? Message { get; init; }
    public string? From { get; init; }
    public string? Team { get; init; }
    public int? Node { get; init; }
    public string? Silo { get; init; }
    public string? Verdict { get; init; }
    public string? SignatureVersion { get; init; }
    public int? Attempt { get; init; }
    public string? Reason { get; init; }
    public string? Actor { get; init; }

    public override string ToString() => $"{Type} node={Node} team={Team} verdict={Verdict} reason={Reason}";
}

public sealed record InboxDelivery(Guid DeliveryId, int Attempt, DateTimeOffset LeasedUntil, InboxMessage Message);

public sealed record InboxMessage
{
    public required Guid Id { get; init; }
    public required string Kind { get; init; }
    public required string From { get; init; }
    public string? Subject { get; init; }
    /// <summary>Undefined when the body came as bytes.</summary>
    public JsonElement Body { get; init; }
    public string? BodyBase64 { get; init; }
    public string? ContentType { get; init; }
    public string? CorrelationId { get; init; }
    public string? OrderingKey { get; init; }
    public required DateTimeOffset AcceptedAt { get; init; }
    public string? Traceparent { get; init; }
    public Guid[] Attachments { get; init; } = [];
    /// <summary>The ask it belongs to: of a question, a collation.</summary>
    public Guid? Ask { get; init; }
    /// <summary>The task it belongs to: of a task, a notice.</summary>
    public Guid? Task { get; init; }

    /// <summary>The body's JSON text as it came.</summary>
    public string BodyText => Body.ValueKind == JsonValueKind.Undefined ? throw new JsonException("the message has no JSON body") : Body.GetRawText();
}

public sealed record Acknowledgement(int Acknowledged, Guid[] Unknown);

public sealed record StoredAttachment(Guid Id, long Size, string Sha256);

public sealed record QuarantineEntry
{
    public required Guid Id { get; init; }
    public Guid? Message { get; init; }
    public Guid? Attachment { get; init; }
    /// <summary>Set for a reply: the ask it belongs to.</summary>
    public Guid? Ask { get; init; }
    public required string From { get; init; }
    public string? Verdict { get; init; }
    public required string Signature { get; init; }
    public int? Node { get; init; }
    public string? State { get; init; }
    public string? Reason { get; init; }
}

/// <summary>A server-sent event of the inbox stream.</summary>
public sealed record StreamedDelivery(string EventId, InboxDelivery Delivery);
