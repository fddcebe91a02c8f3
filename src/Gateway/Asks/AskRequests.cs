using System.Text.Json;
using System.Text.Json.Serialization;

namespace ShitOps.Gateway.Asks;

/// <summary>What <c>POST /v1/asks</c> takes; read by <see cref="AskFields"/>.</summary>
/// <param name="To">Whom to ask: a team, function:NAME, below:TEAM, or all. The asker is never among them.</param>
/// <param name="Deadline">By then it ends, whoever has answered; 30 days ahead at most.</param>
/// <param name="Body">The question: any JSON, 256 KiB at most. Either this or bodyBase64.</param>
/// <param name="Quorum">It ends once so many teams have answered; without it, once all have.</param>
/// <param name="Priority">urgent, normal or bulk.</param>
public sealed record PostAsk(
    string To,
    DateTimeOffset Deadline,
    JsonElement? Body = null,
    string? BodyBase64 = null,
    string? ContentType = null,
    string? Subject = null,
    int? Quorum = null,
    Collate? Collate = null,
    string? OrderingKey = null,
    string? Priority = null,
    string? CorrelationId = null,
    Guid[]? Attachments = null);

/// <summary>How replies become one result.</summary>
/// <param name="Kind">list (default), tally, sum, min or max.</param>
/// <param name="JsonPointer">A JSON pointer (RFC 6901) into each reply; needed for all but list.</param>
public sealed record Collate(string Kind = "list", [property: JsonPropertyName("pointer")] string? JsonPointer = null);

/// <param name="State">open.</param>
public sealed record AcceptedAsk(Guid Id, string State);

/// <param name="Body">Any JSON, 256 KiB at most. Either this or bodyBase64.</param>
public sealed record PostReply(JsonElement? Body = null, string? BodyBase64 = null, string? ContentType = null);

/// <param name="State">answered; held: it counts once it is scanned; quarantined: it counts only if it is released in time.</param>
public sealed record AcceptedReply(string State);
