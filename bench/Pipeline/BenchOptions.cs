namespace ShitOps.Bench;

internal enum Traffic { Random, Hot, Broadcast }

/// <summary>How recipients take what is theirs.</summary>
internal enum Receiving
{
    /// <summary>GET /v1/inbox, up to 500 at a time, one request under way for each team.</summary>
    Poll,
    /// <summary>GET /v1/inbox/stream, one connection for each team.</summary>
    Stream,
    /// <summary>Only when everything is delivered: what comes before is measured without them.</summary>
    Later,
}

/// <summary>Where a backlog waits.</summary>
internal enum Waiting
{
    /// <summary>Delivered, in an inbox that nobody reads.</summary>
    Inbox,
    /// <summary>Accepted, in the outbox of a hub, to be delivered tomorrow.</summary>
    Outbox,
    /// <summary>Accepted while the scanner hung: they go on as soon as it is back, into an inbox that nobody reads, beside the traffic.</summary>
    Held,
}

/// <summary>What is measured.</summary>
internal sealed record BenchOptions
{
    /// <summary>Messages posted, over all senders.</summary>
    public int Messages { get; init; } = 20_000;
    /// <summary>Post for so many seconds instead of so many messages; 0 for the number.</summary>
    public int Duration { get; init; }
    /// <summary>Bytes of a body: random text in a JSON string.</summary>
    public int Body { get; init; } = 1_024;
    /// <summary>Lines of a bulk; 1 posts each message by itself.</summary>
    public int Bulk { get; init; } = 100;
    /// <summary>Posts under way at once.</summary>
    public int Senders { get; init; } = 4;
    /// <summary>Two stand at a node.</summary>
    public int Teams { get; init; } = 30;
    public int Silos { get; init; } = 2;
    public Traffic Traffic { get; init; } = Traffic.Random;
    public Receiving Receive { get; init; } = Receiving.Poll;
    /// <summary>Messages a second at most, 0 for as fast as it goes.</summary>
    public int Rate { get; init; }
    /// <summary>After the first measuring another one at this share of the rate it found; 0 for none.</summary>
    public double Load { get; init; }
    /// <summary>Messages that wait beside the traffic, which is measured without them first; 0 for none.</summary>
    public int Backlog { get; init; }
    public Waiting Waiting { get; init; } = Waiting.Inbox;
    /// <summary>Rounds before the measured one, of the same size, to warm up.</summary>
    public int WarmUp { get; init; } = 6;
    public bool Standalone { get; init; }
    /// <summary>The floors too: scanner, database and hops of the tree alone.</summary>
    public bool Floors { get; init; } = true;
    /// <summary>Seconds after which a run is given up.</summary>
    public int Limit { get; init; } = 1_800;
    /// <summary>Of the suite: the share of the full numbers of messages and teams.</summary>
    public double Scale { get; init; } = 1;
    /// <summary>Of the suite: the rows to run, by the beginning of their names; empty for all.</summary>
    public string Only { get; init; } = "";
    /// <summary>Where the figures go as JSON; empty for nowhere.</summary>
    public string Json { get; init; } = "";
    /// <summary>Of the suite: where the table goes as Markdown; empty for nowhere.</summary>
    public string Markdown { get; init; } = "";
}
