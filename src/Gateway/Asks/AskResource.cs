using System.Text.Json.Serialization;
using ShitOps.Gateway.Json;
using ShitOps.Grains;

namespace ShitOps.Gateway.Asks;

/// <summary>An ask as <c>GET /v1/asks/{id}</c> tells it.</summary>
public sealed record AskResource
{
    public required Guid Id { get; init; }
    public required string From { get; init; }
    public required string To { get; init; }
    public string? Subject { get; init; }
    /// <summary>open, complete (all, or the quorum) or partial (the deadline came first).</summary>
    public required string State { get; init; }
    public required DateTimeOffset AskedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
    public required DateTimeOffset Deadline { get; init; }
    public int? Quorum { get; init; }
    public required Collate Collate { get; init; }
    /// <summary>How many teams were asked.</summary>
    public required int Asked { get; init; }
    public required int Answered { get; init; }
    /// <summary>Teams whose answer is not there, in post-order of the tree.</summary>
    public required IReadOnlyList<string> Missing { get; init; }
    /// <summary>Those teams, each with why: no_reply, quarantined or scanner_unavailable.</summary>
    public required IReadOnlyList<MissingReason> MissingReasons { get; init; }
    public required IReadOnlyList<AskNode> Nodes { get; init; }
    /// <summary>Teams in whose reply the pointer found nothing that could be used. For the asker, once the ask has ended.</summary>
    public IReadOnlyList<string>? Unmatched { get; init; }
    /// <summary>For the asker, once the ask has ended: of a list the replies in post-order, of a tally how often each text came, else a number or null.</summary>
    public RawJson? Result { get; init; }

    /// <param name="opened">The collation's body, null for who may not read it and while there is none.</param>
    internal static AskResource Of(AskView view, bool withSubject, byte[]? opened) => new()
    {
        Id = view.Id,
        From = view.From,
        To = view.To,
        Subject = withSubject ? view.Subject : null,
        State = Words.Of(view.State),
        AskedAt = view.AskedAt,
        EndedAt = view.EndedAt,
        Deadline = view.Spec.Deadline,
        Quorum = view.Spec.Quorum,
        Collate = new(Words.Of(view.Spec.Collate), view.Spec.JsonPointer),
        Asked = view.Asked,
        Answered = view.Answered,
        Missing = [.. view.Missing.Select(m => m.Team)],
        MissingReasons = [.. view.Missing.Select(m => new MissingReason(m.Team, m.Reason))],
        Nodes = [.. view.Nodes.Select(n => new AskNode(n.Index, n.Answered, n.Missing))],
        Unmatched = opened is not null && RawJson.Find(opened, "unmatched"u8) is { } unmatched ? unmatched.Texts() : null,
        Result = opened is null ? null : RawJson.Find(opened, "result"u8),
    };
}

public sealed record MissingReason(string Team, string Reason);

/// <param name="Answered">How many of its own teams' answers count.</param>
/// <param name="Missing">Those of its own teams that are missing.</param>
public sealed record AskNode(int Index, int Answered, IReadOnlyList<string> Missing);

public sealed record RepliesPage(IReadOnlyList<ReplyResource> Replies, string? Next);

/// <summary>A reply that counts.</summary>
/// <param name="Body">Of a JSON reply, exactly as it was posted; else there is bodyBase64.</param>
public sealed record ReplyResource(
    Guid Id,
    string Team,
    DateTimeOffset At,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] RawJson? Body,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? BodyBase64,
    string ContentType,
    int Size);
