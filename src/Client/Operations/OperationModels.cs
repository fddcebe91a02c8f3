using System.Text.Json.Serialization;

namespace ShitOps.Client;

/// <summary>What was found where: a message, an attachment or a reply. Never its content.</summary>
public sealed record QuarantineEntry
{
    public required Guid Id { get; init; }
    public Guid? Message { get; init; }
    public Guid? Attachment { get; init; }

    /// <summary>Of a reply: the ask it answers.</summary>
    public Guid? Ask { get; init; }

    public required string From { get; init; }
    public string? To { get; init; }
    public string? Subject { get; init; }

    /// <summary>infected or unscannable.</summary>
    public required string Verdict { get; init; }

    public required string Signature { get; init; }
    public string? SignatureVersion { get; init; }
    public int Node { get; init; }
    public string? Silo { get; init; }
    public DateTimeOffset At { get; init; }

    /// <summary>waiting, released or purged.</summary>
    public required string State { get; init; }

    public DateTimeOffset? DecidedAt { get; init; }
    public string? DecidedBy { get; init; }
    public string? Reason { get; init; }
}

/// <param name="State">released or purged.</param>
public sealed record Decided(Guid Id, string State);

/// <summary>Dead letters of one reason.</summary>
/// <param name="Count">Of all; <paramref name="Items"/> may be fewer.</param>
public sealed record DeadLetterGroup(string Reason, int Count, IReadOnlyList<DeadLetter> Items);

public sealed record DeadLetter(Guid Message, string From, string To, string Team, DateTimeOffset At, int Attempts);

/// <summary>Which dead letters: those messages', or all of one reason.</summary>
public sealed record DeadLetterChoice
{
    private DeadLetterChoice()
    {
    }

    /// <summary>1,000 at most.</summary>
    public IReadOnlyList<Guid>? Ids { get; private init; }

    public string? Reason { get; private init; }

    /// <summary>Kept in the journal as the reason of the decision; without it, why the letters were dead.</summary>
    public string? Why { get; init; }

    public static DeadLetterChoice Of(params IReadOnlyList<Guid> messages) => new() { Ids = messages };

    public static DeadLetterChoice Because(string reason) => new() { Reason = reason };
}

/// <param name="Status">ready, degraded or unavailable.</param>
public sealed record Readiness(string Status, IReadOnlyList<string> Reasons);

internal sealed record Decision(string Reason);

internal sealed record Replayed([property: JsonPropertyName("replayed")] int Count);

internal sealed record Discarded([property: JsonPropertyName("discarded")] int Count);

internal sealed record DeadLetterGroups(IReadOnlyList<DeadLetterGroup> Groups);

internal sealed record QuarantinePage(IReadOnlyList<QuarantineEntry> Entries, string? Next) : Http.IPage<QuarantineEntry>
{
    [JsonIgnore] public IReadOnlyList<QuarantineEntry> Items => Entries;
}

internal sealed record EventsPage(IReadOnlyList<JournalEvent> Events, string? Next) : Http.IPage<JournalEvent>
{
    [JsonIgnore] public IReadOnlyList<JournalEvent> Items => Events;
}
