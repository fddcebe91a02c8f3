namespace ShitOps.Grains;

/// <summary>A hub of the tree. Key: <see cref="NodeKey"/>. Reentrant: messages climb and descend through it at once.</summary>
[Alias("sho.INodeGrain")]
public interface INodeGrain : IGrainWithStringKey
{
    /// <summary>Stores messages of this hub's teams in one transaction; answers after the commit. Repeating a call is safe.</summary>
    [ResponseTimeout("00:00:12"), Alias("Accept")]
    Task<AcceptReply> Accept(AcceptBatch batch);

    /// <summary>Carries messages one hop on and answers when they are stored in the inboxes. Repeating a call is safe.</summary>
    [ResponseTimeout("00:00:10"), Alias("Forward")]
    Task<ForwardReply> Forward(ForwardBatch batch);

    /// <summary>The health check: activates the node if it was lost, and says how it is.</summary>
    [ResponseTimeout("00:00:02"), Alias("Ping")]
    Task<NodeStatus> Ping();

    /// <summary>Cancels a message that has not left. False: it has, or is unknown. Fails, to be asked again elsewhere, if its sender does not stand here.</summary>
    [ResponseTimeout("00:00:10"), Alias("Cancel")]
    Task<bool> Cancel(Guid message, string actor);

    /// <summary>Waits until the message is settled or the time is over; answers with its state then.</summary>
    [ResponseTimeout("00:00:40"), Alias("WaitUntilSettled")]
    Task<MessageState> WaitUntilSettled(Guid message, TimeSpan wait);

    /// <summary>Rows were put into this node's outbox by others (release, replay): look.</summary>
    [Alias("Wake")]
    Task Wake();

    /// <summary>The same, from a hub that was woken for a team that had just gone to this one. Wakes nobody else: two hubs that exchanged teams would wake each other for ever.</summary>
    [Alias("WakeAfterMove")]
    Task WakeAfterMove();

    /// <summary>Goes over to that silo, which has fewer hubs than it should, once it has ended what it is doing.</summary>
    [ResponseTimeout("00:00:10"), Alias("MoveTo")]
    Task MoveTo(SiloAddress silo);

    /// <summary>Teams have come or gone by the tree of that epoch. Only a signal: a hub that misses it finds out by itself.</summary>
    [ResponseTimeout("00:00:10"), Alias("Follow")]
    Task Follow(long epoch);
}

[GenerateSerializer, Immutable, Alias("sho.NodeStatus")]
public sealed record NodeStatus
{
    [Id(0)] public required int Index { get; init; }
    [Id(1)] public required string Silo { get; init; }
    [Id(2)] public required DateTimeOffset ActivatedAt { get; init; }
    /// <summary>Unsettled messages in the outbox, held ones among them.</summary>
    [Id(3)] public required int Queue { get; init; }
    [Id(4)] public required int Held { get; init; }
    /// <summary>Messages a second over the last ten seconds.</summary>
    [Id(5)] public double AcceptedRate { get; init; }
    /// <summary>What neighbours handed to this hub; the sum of the three by neighbour.</summary>
    [Id(6)] public double ForwardedRate { get; init; }
    [Id(7)] public double DeliveredRate { get; init; }
    [Id(8)] public DateTimeOffset? OldestAcceptedAt { get; init; }
    /// <summary>Filled in by whoever pinged.</summary>
    [Id(9)] public DateTimeOffset? PingedAt { get; init; }
    /// <summary>Milliseconds the ping took.</summary>
    [Id(10)] public double PingLatency { get; init; }
    /// <summary>ok, degraded (held messages), unhealthy (no answer to the last ping).</summary>
    [Id(11)] public string Health { get; init; } = "ok";
    /// <summary>Messages a second that came down the edge from the parent.</summary>
    [Id(12)] public double FromParentRate { get; init; }
    /// <summary>Messages a second that came up from the child of the lower index, and from the other.</summary>
    [Id(13)] public double FromLeftRate { get; init; }
    [Id(14)] public double FromRightRate { get; init; }
}

/// <summary>The latest ping of every node of a tree, as the silos report it. Key: the tree's name.</summary>
[Alias("sho.IHealthGrain")]
public interface IHealthGrain : IGrainWithStringKey
{
    [Alias("Report")]
    Task Report(Immutable<NodeStatus[]> pings);

    /// <summary>Status by index, ascending, from <paramref name="first"/> on; nodes never pinged are absent.</summary>
    [Alias("Read")]
    Task<Immutable<NodeStatus[]>> Read(int first, int count);

    /// <summary>What a silo says of itself, in every round of its health check.</summary>
    [Alias("ReportSilo")]
    Task ReportSilo(SiloReport report);

    /// <summary>The latest report of every silo that reported within the last minute, by name.</summary>
    [Alias("Silos")]
    Task<Immutable<SiloReport[]>> Silos();
}

/// <param name="SignatureVersion">Of the scanner that this silo uses; null while it is away.</param>
/// <param name="SignatureDate">When those signatures were made; null if unknown.</param>
/// <param name="Export">How far the journal was sent, as that silo heard last; null while it has not, and where it is sent nowhere.</param>
[GenerateSerializer, Immutable, Alias("sho.SiloReport")]
public sealed record SiloReport(
    [property: Id(0)] string Silo,
    [property: Id(1)] DateTimeOffset At,
    [property: Id(2)] string? SignatureVersion,
    [property: Id(3)] DateTimeOffset? SignatureDate,
    [property: Id(4)] ExportStatus? Export = null);
