namespace ShitOps.Grains;

/// <summary>
/// A team's inbox. Key: <see cref="TeamKey"/>. A delivery is known by its message's id: a team gets a message once.
/// Leases live in memory; acks, attempts and delays are in the database.
/// </summary>
[Alias("sho.ITeamGrain")]
public interface ITeamGrain : IGrainWithStringKey
{
    /// <summary>
    /// Leases the oldest deliveries, most urgent first; waits for the first one if there is none. Null: the stream was
    /// taken up again elsewhere and gets no more.
    /// </summary>
    [ResponseTimeout("00:00:45"), Alias("Lease")]
    Task<Immutable<Delivery[]>?> Lease(LeaseRequest request);

    [ResponseTimeout("00:00:12"), Alias("Ack")]
    Task<InboxReply> Ack(Immutable<Guid[]> deliveries);

    [ResponseTimeout("00:00:12"), Alias("Nack")]
    Task<InboxReply> Nack(Immutable<Guid[]> deliveries, TimeSpan delay);

    /// <summary>One attempt of each of these, leased by a webhook, has failed: again after the delay, or dead after the last.</summary>
    /// <param name="reason">As the journal and the dead letters tell it.</param>
    [ResponseTimeout("00:00:12"), Alias("Fail")]
    Task<InboxReply> Fail(Immutable<Guid[]> deliveries, TimeSpan delay, string reason);

    /// <summary>Whoever leased these never got them: back into the inbox at once. No attempt is counted.</summary>
    [Alias("Release")]
    Task Release(Immutable<Guid[]> deliveries);

    /// <summary>
    /// The request is over, and its caller may not have got an answer: nothing more is leased for it, and what was goes back
    /// into the inbox at once. No attempt is counted.
    /// </summary>
    [Alias("Withdraw")]
    Task Withdraw(Guid request);

    [ResponseTimeout("00:00:12"), Alias("Extend")]
    Task<InboxReply> Extend(Immutable<Guid[]> deliveries, TimeSpan lease);

    /// <summary>
    /// A stream has ended. What it leased stays leased, until <see cref="Resume"/> or its time is over; it goes back at once
    /// if a stream has begun afresh just before.
    /// </summary>
    [Alias("EndStream")]
    Task EndStream(Guid stream);

    /// <summary>
    /// A new stream begins. What ended streams leased after <paramref name="lastReceived"/> (all of it when that is
    /// null) and nobody acknowledged goes back into the inbox at once.
    /// </summary>
    [Alias("Resume")]
    Task Resume(Guid? lastReceived);

    /// <summary>Something new is in the database for this team.</summary>
    /// <param name="ranks">Bit 1 &lt;&lt; priority for each priority among it; 0 when something was taken away.</param>
    /// <param name="expires">When the first of it expires, null if none does.</param>
    [Alias("Notify")]
    Task Notify(int ranks, DateTimeOffset? expires);

    [Alias("Status")]
    Task<InboxStatus> Status();
}

/// <param name="Request">The caller's name for this request: asked again under it, because an answer was lost, the inbox answers with what it had leased.</param>
/// <param name="Standing">The name is a holder's, who asks under it for ever: what it has not settled comes first, then more. Else a request that was answered leases nothing more.</param>
[GenerateSerializer, Immutable, Alias("sho.LeaseRequest")]
public sealed record LeaseRequest(
    [property: Id(0)] int Max,
    [property: Id(1)] TimeSpan Wait,
    [property: Id(2)] TimeSpan Lease,
    [property: Id(3)] Guid? Stream,
    [property: Id(4)] Guid Request,
    [property: Id(5)] bool Standing = false);

[GenerateSerializer, Immutable, Alias("sho.Delivery")]
public sealed record Delivery
{
    /// <summary>The message's id, which is the delivery's id for its recipient.</summary>
    [Id(0)] public required Guid Id { get; init; }
    [Id(1)] public required int Attempt { get; init; }
    [Id(2)] public required DateTimeOffset LeasedUntil { get; init; }
    [Id(3)] public required MessageKind Kind { get; init; }
    [Id(4)] public required string From { get; init; }
    [Id(5)] public string? Subject { get; init; }
    [Id(6)] public required string ContentType { get; init; }
    [Id(7)] public BodyKind BodyKind { get; init; }
    [Id(8)] public required byte[] SealedBody { get; init; }
    [Id(9)] public string? CorrelationId { get; init; }
    [Id(10)] public string? OrderingKey { get; init; }
    [Id(11)] public required DateTimeOffset AcceptedAt { get; init; }
    [Id(12)] public string? TraceParent { get; init; }
    [Id(13)] public Guid[] Attachments { get; init; } = [];
    /// <summary>The ask or task it belongs to.</summary>
    [Id(14)] public Guid? Reference { get; init; }
    [Id(15)] public Priority Priority { get; init; }
}

/// <summary><see cref="Done"/>: how many were or already had been; <see cref="Unknown"/>: ids this inbox does not have.</summary>
[GenerateSerializer, Immutable, Alias("sho.InboxReply")]
public sealed record InboxReply([property: Id(0)] int Done, [property: Id(1)] Guid[] Unknown, [property: Id(2)] DateTimeOffset? LeasedUntil);

[GenerateSerializer, Immutable, Alias("sho.InboxStatus")]
public sealed record InboxStatus([property: Id(0)] int Leased, [property: Id(1)] int Waiting, [property: Id(2)] DateTimeOffset? Oldest);
