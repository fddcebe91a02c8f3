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

/// <summary>Which dead letters: those messages', or all of one reason, or of them those of one team.</summary>
public sealed record DeadLetterChoice
{
    private DeadLetterChoice()
    {
    }

    /// <summary>1,000 at most.</summary>
    public IReadOnlyList<Guid>? Ids { get; private init; }

    public string? Reason { get; private init; }

    public string? Team { get; private init; }

    /// <summary>Kept in the journal as the reason of the decision; without it, why the letters were dead.</summary>
    public string? Why { get; init; }

    public static DeadLetterChoice Of(params IReadOnlyList<Guid> messages) => new() { Ids = messages };

    /// <param name="team">Of that team alone; null: of all.</param>
    public static DeadLetterChoice Because(string reason, string? team = null) => new() { Reason = reason, Team = team };
}

/// <summary>What a look at a part of the journal found: whether its rows are those that were written, in their order, and all of them.</summary>
public sealed record JournalPart
{
    /// <summary>Sealed rows looked at.</summary>
    public long Rows { get; init; }

    /// <summary>Rows without a seal, written before there were seals: nothing can be said of them.</summary>
    public long Unsealed { get; init; }

    public required IReadOnlyList<JournalFault> Faults { get; init; }

    /// <summary>About how many rows are left.</summary>
    public long Remaining { get; init; }

    /// <summary>The cursor of the next part; null after the last.</summary>
    public string? Next { get; init; }
}

/// <param name="Kind">changed, missing, unsealed, chain or key.</param>
/// <param name="First">The first row concerned; 0 if it is not about a row.</param>
/// <param name="Last">The last row concerned.</param>
public sealed record JournalFault(string Kind, int Writer, long First, long Last, string Detail);

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
