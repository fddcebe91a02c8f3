namespace ShitOps.Grains;

/// <summary>What a hop needs to know of a message: about a hundred bytes, never the body.</summary>
[GenerateSerializer, Immutable, Alias("sho.Envelope")]
public sealed record Envelope
{
    [Id(0)] public required Guid Id { get; init; }
    [Id(1)] public required string From { get; init; }
    /// <summary>An <see cref="Address"/> as text.</summary>
    [Id(2)] public required string To { get; init; }
    /// <summary>SHA-256 of the plain body, 32 bytes.</summary>
    [Id(3)] public required byte[] Sha256 { get; init; }
    [Id(4)] public Priority Priority { get; init; }
    [Id(5)] public string? OrderingKey { get; init; }
    [Id(6)] public DateTimeOffset? ExpiresAt { get; init; }
    [Id(7)] public MessageKind Kind { get; init; }
    [Id(8)] public string? TraceParent { get; init; }
    /// <summary>Security released it from quarantine: it travels on whatever the scanner says.</summary>
    [Id(9)] public bool Released { get; init; }
    [Id(10)] public bool HasAttachments { get; init; }
    /// <summary>Of a question, when it was asked: who was asked was settled then, and a team that came later gets no copy. Null for others.</summary>
    [Id(11)] public DateTimeOffset? AskedAt { get; init; }
}

/// <summary>One node passed: where, on which silo, when, and by which signatures the batch was found clean there.</summary>
/// <param name="Scanned">The scanner was asked here; otherwise the verdict carried was found current.</param>
/// <param name="From">The node it came from; −1 at the source.</param>
[GenerateSerializer, Immutable, Alias("sho.Hop")]
public sealed record Hop(
    [property: Id(0)] int Node,
    [property: Id(1)] string Silo,
    [property: Id(2)] DateTimeOffset At,
    [property: Id(3)] string SignatureVersion,
    [property: Id(4)] bool Scanned,
    [property: Id(5)] int From);

/// <summary>Messages that take the same next hop. All were found clean under <see cref="SignatureVersion"/>.</summary>
[GenerateSerializer, Immutable, Alias("sho.ForwardBatch")]
public sealed record ForwardBatch
{
    [Id(0)] public required long Epoch { get; init; }
    /// <summary>The node that called; distribution never goes back there. −1 at the source.</summary>
    [Id(1)] public required int From { get; init; }
    /// <summary>True once a message to many has reached the top of its scope and only goes down.</summary>
    [Id(2)] public required bool Descending { get; init; }
    [Id(3)] public required string SignatureVersion { get; init; }
    [Id(4)] public required Hop[] Hops { get; init; }
    [Id(5)] public required Envelope[] Items { get; init; }
}

public enum ForwardStatus : byte
{
    /// <summary>Stored in every inbox of this direction; a message to one team is settled too.</summary>
    Delivered = 0,
    Quarantined = 1,
    /// <summary>The scanner was away at a hub further on.</summary>
    Held = 2,
    /// <summary>A hub or the database did not answer: try again.</summary>
    Failed = 3,
    RecipientGone = 4,
    Expired = 5,
}

/// <summary>One status a message, in the order of the batch.</summary>
[GenerateSerializer, Immutable, Alias("sho.ForwardReply")]
public sealed record ForwardReply([property: Id(0)] long Epoch, [property: Id(1)] ForwardStatus[] Results);
