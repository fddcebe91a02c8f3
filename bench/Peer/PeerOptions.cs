namespace ShitOps.Bench.Peers;

/// <summary>What a team would build from a broker, and how it is tuned.</summary>
internal sealed record PeerOptions
{
    public int Messages { get; init; } = 20_000;
    /// <summary>Bytes of a body: random text.</summary>
    public int Body { get; init; } = 1_024;
    /// <summary>Messages that the sender has under way, unconfirmed.</summary>
    public int Outstanding { get; init; } = 256;
    /// <summary>Messages that the broker hands a consumer before it waits for acks.</summary>
    public ushort Prefetch { get; init; } = 256;
    /// <summary>Messages that the service works on at once.</summary>
    public ushort Concurrency { get; init; } = 16;
    /// <summary>Runs before the measured one, of the same size, to warm up.</summary>
    public int WarmUp { get; init; } = 6;
    /// <summary>Times that everything is run, in turn.</summary>
    public int Rounds { get; init; } = 3;
    /// <summary>Seconds after which a run is given up.</summary>
    public int Limit { get; init; } = 600;
    /// <summary>Where the figures go as JSON; empty for nowhere.</summary>
    public string Json { get; init; } = "";
}

/// <summary>What the broker is made to do.</summary>
internal enum PeerKind
{
    /// <summary>One queue: published and confirmed, consumed, acknowledged. Nothing else.</summary>
    Broker,
    /// <summary>Two queues, with a service between them that passes each message on, confirmed.</summary>
    Relay,
    /// <summary>Two queues; the service scans each message over a connection of its own and writes it to the database.</summary>
    Pipeline,
}
