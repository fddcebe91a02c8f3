using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace ShitOps.Client;

/// <summary>A question to many. Only what is set is written.</summary>
/// <param name="To">A team, <c>function:NAME</c>, <c>below:TEAM</c> or <c>all</c>.</param>
/// <param name="Deadline">By then it ends, whoever has answered; 30 days ahead at most.</param>
public sealed record NewAsk(string To, DateTimeOffset Deadline)
{
    /// <summary>The question: any JSON, 256 KiB at most. Either this or <see cref="Bytes"/>.</summary>
    [JsonConverter(typeof(Http.AsItStands))] public JsonElement? Body { get; init; }

    [JsonPropertyName("bodyBase64")] public byte[]? Bytes { get; init; }
    public string? ContentType { get; init; }
    public string? Subject { get; init; }

    /// <summary>It ends once so many teams have answered; null: once all have.</summary>
    public int? Quorum { get; init; }

    /// <summary>How the replies become one result; null: a list of them.</summary>
    public Collate? Collate { get; init; }

    public string? OrderingKey { get; init; }
    public string? Priority { get; init; }
    public string? CorrelationId { get; init; }
    public IReadOnlyList<Guid>? Attachments { get; init; }

    /// <summary>Null: the client makes one for this call.</summary>
    [JsonIgnore] public string? IdempotencyKey { get; init; }
}

/// <param name="Kind">list, tally, sum, min or max.</param>
/// <param name="JsonPointer">A JSON pointer (RFC 6901) into each reply; needed for all but list.</param>
public sealed record Collate(string Kind, [property: JsonPropertyName("pointer")] string? JsonPointer = null);

/// <summary>An answer to an ask: JSON or bytes, 256 KiB at most.</summary>
public sealed record NewReply
{
    [JsonConverter(typeof(Http.AsItStands))] public JsonElement? Body { get; init; }
    [JsonPropertyName("bodyBase64")] public byte[]? Bytes { get; init; }
    public string? ContentType { get; init; }

    /// <exception cref="JsonException">Not JSON.</exception>
    public static NewReply Json(string json) => new() { Body = JsonElement.Parse(json) };

    public static NewReply Of<T>(T body, JsonTypeInfo<T> type) => new() { Body = JsonSerializer.SerializeToElement(body, type) };
}

/// <param name="State">
/// answered; held: it counts once it is scanned; quarantined: it counts only if it is released in time; unknown: an earlier
/// attempt was taken, and its answer lost.
/// </param>
public sealed record AcceptedReply(string State);

/// <summary>An ask in a list.</summary>
/// <param name="Subject">Null for a team that did not ask.</param>
public sealed record AskSummary(
    Guid Id, string From, string To, string? Subject, string State, DateTimeOffset AskedAt, DateTimeOffset? EndedAt, DateTimeOffset Deadline, int Asked, int Answered);

internal sealed record AsksPage(IReadOnlyList<AskSummary> Asks, string? Next) : Http.IPage<AskSummary>
{
    [JsonIgnore] public IReadOnlyList<AskSummary> Items => Asks;
}

/// <summary>An ask: whom it went to, who has answered, and for its asker what came of it.</summary>
public sealed record AskInfo
{
    public required Guid Id { get; init; }
    public required string From { get; init; }
    public required string To { get; init; }
    public string? Subject { get; init; }

    /// <summary>open, complete (all, or the quorum) or partial (the deadline came first).</summary>
    public required string State { get; init; }

    public DateTimeOffset AskedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
    public required DateTimeOffset Deadline { get; init; }
    public int? Quorum { get; init; }
    public Collate? Collate { get; init; }

    /// <summary>How many teams.</summary>
    public required int Asked { get; init; }

    public required int Answered { get; init; }

    /// <summary>Teams whose answer is not there, in post-order of the tree.</summary>
    public IReadOnlyList<string> Missing { get; init => field = value ?? []; } = [];

    /// <summary>Those teams, each with why: no_reply, quarantined or scanner_unavailable.</summary>
    public IReadOnlyList<MissingTeam> MissingReasons { get; init => field = value ?? []; } = [];

    public IReadOnlyList<AskNode> Nodes { get; init => field = value ?? []; } = [];

    /// <summary>Teams in whose reply the pointer found nothing that could be used; for the asker.</summary>
    public IReadOnlyList<string>? Unmatched { get; init; }

    /// <summary>For the asker, once it has ended: of a list the replies, of a tally how often each text came, else a number or null. Undefined or null before.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] public JsonElement Result { get; init; }
}

public sealed record MissingTeam(string Team, string Reason);

public sealed record AskNode(int Index, int Answered, IReadOnlyList<string> Missing);

/// <summary>A reply that counts.</summary>
public sealed record ReplyInfo
{
    public required Guid Id { get; init; }
    public required string Team { get; init; }
    public required DateTimeOffset At { get; init; }

    /// <summary>Undefined when it came as bytes.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] public JsonElement Body { get; init; }

    [JsonPropertyName("bodyBase64")] public byte[]? Bytes { get; init; }
    public string? ContentType { get; init; }
    public int Size { get; init; }
}

internal sealed record RepliesPage(IReadOnlyList<ReplyInfo> Replies, string? Next) : Http.IPage<ReplyInfo>
{
    [JsonIgnore] public IReadOnlyList<ReplyInfo> Items => Replies;
}
