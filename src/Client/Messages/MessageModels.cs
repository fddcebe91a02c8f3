using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace ShitOps.Client;

/// <summary>A message to send. Only what is set is written.</summary>
/// <param name="To">A team, <c>function:NAME</c>, <c>below:TEAM</c> or <c>all</c>; the sender is never among the recipients.</param>
public sealed record NewMessage(string To)
{
    /// <summary>Any JSON, 256 KiB at most. Either this or <see cref="Bytes"/>.</summary>
    [JsonConverter(typeof(Http.AsItStands))] public JsonElement? Body { get; init; }

    /// <summary>256 KiB at most; <see cref="ContentType"/> says what they are.</summary>
    [JsonPropertyName("bodyBase64")] public byte[]? Bytes { get; init; }

    public string? ContentType { get; init; }
    public string? Subject { get; init; }

    /// <summary>Messages of one sender with the same key arrive in the order in which they were sent.</summary>
    public string? OrderingKey { get; init; }

    /// <summary>urgent, normal or bulk.</summary>
    public string? Priority { get; init; }

    public DateTimeOffset? DeliverAt { get; init; }

    /// <summary>Seconds after which it expires undelivered.</summary>
    [JsonPropertyName("ttl")] public long? TimeToLive { get; init; }

    public string? CorrelationId { get; init; }
    public IReadOnlyList<Guid>? Attachments { get; init; }

    /// <summary>Two messages with one key within 24 hours are one. Null: the client makes one for this call.</summary>
    public string? IdempotencyKey { get; init; }

    public static NewMessage Text(string to, string text) => Of(to, text, ShitOpsJson.Default.String);

    /// <summary>With that JSON text as its body.</summary>
    /// <exception cref="JsonException">Not JSON.</exception>
    public static NewMessage Json(string to, string json) => new(to) { Body = JsonElement.Parse(json) };

    public static NewMessage Of<T>(string to, T body, JsonTypeInfo<T> type) => new(to) { Body = JsonSerializer.SerializeToElement(body, type) };
}

/// <summary>It is stored, and will not be lost.</summary>
/// <param name="State">As it was when the answer was made.</param>
public sealed record Accepted(Guid Id, string State);

/// <summary>What became of one message of many: an id with a state, or a problem.</summary>
public sealed record BulkResult(Guid? Id, string? State, Problem? Problem)
{
    [JsonIgnore] public bool IsAccepted => Problem is null;
}

/// <summary>Which messages; what is null does not matter.</summary>
/// <param name="Team">Another than one's own only for operators.</param>
/// <param name="Received">Those delivered to that team instead of those it sent.</param>
/// <param name="Since">Accepted then or later; <paramref name="Until"/>: before.</param>
public sealed record MessageFilter(
    string? Team = null, bool Received = false, string? State = null, DateTimeOffset? Since = null, DateTimeOffset? Until = null);

/// <summary>A message in a list.</summary>
public sealed record MessageSummary(
    Guid Id, string From, string To, string? Subject, string State, string Kind, DateTimeOffset AcceptedAt, DateTimeOffset? SettledAt, int Size, int Node);

internal sealed record MessagesPage(IReadOnlyList<MessageSummary> Messages, string? Next) : Http.IPage<MessageSummary>
{
    [JsonIgnore] public IReadOnlyList<MessageSummary> Items => Messages;
}

/// <summary>A message without its body.</summary>
public sealed record MessageInfo
{
    public required Guid Id { get; init; }
    public required string From { get; init; }
    public required string To { get; init; }
    public string? Subject { get; init; }

    /// <summary>queued, held, delivered, acknowledged, quarantined, dead, expired or cancelled.</summary>
    public required string State { get; init; }

    public required DateTimeOffset AcceptedAt { get; init; }
    public DateTimeOffset? SettledAt { get; init; }
    public IReadOnlyList<DeliveryInfo> Deliveries { get; init => field = value ?? []; } = [];
    public QuarantineEntry? Quarantine { get; init; }
    public string? Kind { get; init; }
    public string? Priority { get; init; }
    public string? ContentType { get; init; }
    public int Size { get; init; }

    /// <summary>The sender's.</summary>
    public int Node { get; init; }

    public string? OrderingKey { get; init; }
    public string? CorrelationId { get; init; }
    public DateTimeOffset? DeliverAt { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }
    public IReadOnlyList<Guid> Attachments { get; init => field = value ?? []; } = [];

    /// <summary>Why it ended as it did.</summary>
    public string? Reason { get; init; }

    public string? Traceparent { get; init; }
}

public sealed record DeliveryInfo(string Team, string State, DateTimeOffset? DeliveredAt, DateTimeOffset? AcknowledgedAt, int Attempts);

/// <summary>One event of the journal: of a message, an ask, a task, or the operation.</summary>
public sealed record JournalEvent
{
    public required string Type { get; init; }
    public required DateTimeOffset At { get; init; }
    public Guid? Message { get; init; }

    /// <summary>The ask or task concerned.</summary>
    public Guid? Reference { get; init; }

    public string? From { get; init; }
    public string? Team { get; init; }
    public int? Node { get; init; }
    public string? Silo { get; init; }
    public string? Verdict { get; init; }
    public string? SignatureVersion { get; init; }
    public int? Attempt { get; init; }
    public string? Reason { get; init; }

    /// <summary>Who did it, where somebody did.</summary>
    public string? Actor { get; init; }

    public string? Traceparent { get; init; }
    public int? Size { get; init; }

    /// <summary>Of the plain content, in hexadecimal; for those who may read the content.</summary>
    public string? Sha256 { get; init; }

    public string? Position { get; init; }
}

/// <param name="Sha256">Of the plain bytes, in hexadecimal.</param>
public sealed record Attachment(Guid Id, long Size, string Sha256);

internal sealed record Trace(Guid Id, IReadOnlyList<JournalEvent> Events);
