using System.Globalization;

namespace ShitOps.Bench;

/// <summary>What a figure should be.</summary>
internal sealed record Target(string Figure, bool AtLeast, double Value, string Unit)
{
    public bool Met(double value) => AtLeast ? value >= Value : value <= Value;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(AtLeast ? "≥" : "≤")} {Value:#,0.##} {Unit}");
}

/// <summary>A row of docs/performance.md.</summary>
/// <param name="Shown">The figures besides those of the targets that belong into the table.</param>
internal sealed record SuiteRow(string Name, string What, Scenario Scenario, BenchOptions Options, Target[] Targets, params string[] Shown)
{
    private static readonly BenchOptions Plain = new() { Floors = false };

    /// <summary>More teams than the usual ones are scaled, to no fewer than make a tree deeper than theirs by two levels.</summary>
    private const int UsualTeams = 30, LeastTeams = 126;

    public static readonly SuiteRow[] All =
    [
        new("bulk", "bulks of 100, two silos, 15 nodes, random pairs", Scenario.Flow, new(), [Most("cpu-over-floor", 1.5, "×")],
            "accepted", "acknowledged", "cpu.all", "floor.cpu", "floor.hops.cpu"),
        new("single", "single posts from 64 connections", Scenario.Flow, new() { Bulk = 1, Senders = 64 }, [], "accepted", "acknowledged", "cpu.all", "cpu-over-floor"),
        new("idle", "one message at a time, POST → streamed", Scenario.Idle, Plain, [Most("post-received.p50", 10, "ms"), Most("post-received.p99", 40, "ms")],
            "post-accepted.p50", "post-acknowledged.p50"),
        new("load-bulk", "bulks of 100 at half of the most, POST → streamed", Scenario.Flow, Plain with { Load = 0.5, Receive = Receiving.Stream }, [Most("at-load.post-received.p99", 150, "ms")],
            "acknowledged", "at-load.acknowledged", "at-load.post-received.p50"),
        new("load-single", "single posts at half of the most, POST → streamed", Scenario.Flow, Plain with { Load = 0.5, Receive = Receiving.Stream, Bulk = 1, Senders = 64 },
            [Most("at-load.post-received.p99", 150, "ms")], "acknowledged", "at-load.acknowledged", "at-load.post-received.p50"),
        new("hops", "15 nodes beside 1,023", Scenario.Hops, new() { Teams = HopsScenario.LargeTeams }, [Most("cpu-per-message-and-hop", 1.15, "×")],
            "small.cpu.all", "large.cpu.all", "small.hops", "large.hops", "cpu-per-further-hop", "floor.hops.cpu"),
        new("backlog-inbox", "1,000,000 waiting in an inbox", Scenario.Flow, Plain with { Backlog = 1_000_000 }, [Least("backlog.throughput", 0.85, "×")],
            "backlog.filled", "memory.silo-1", "backlog.memory-after.silo-1", "backlog.memory-after.silo-2"),
        new("backlog-outbox", "1,000,000 waiting in an outbox", Scenario.Flow, Plain with { Backlog = 1_000_000, Waiting = Waiting.Outbox }, [Least("backlog.throughput", 0.85, "×")],
            "backlog.filled", "memory.silo-1", "backlog.memory-after.silo-1", "backlog.memory-after.silo-2"),
        new("backlog-held", "100,000 held by a scanner that hung, set free beside traffic", Scenario.Flow, Plain with { Backlog = 100_000, Waiting = Waiting.Held }, [],
            "backlog.filled", "backlog.drained", "backlog.throughput", "backlog.memory-after.silo-1", "backlog.memory-after.silo-2"),
        new("broadcast", "broadcast to 1,000 teams", Scenario.Flow, Plain with { Teams = 1_000, Traffic = Traffic.Broadcast, Messages = 400, Bulk = 10, Receive = Receiving.Later },
            [Least("delivered", 20_000, "deliveries/s")], "cpu-per-delivery"),
        new("nodes", "10,000 teams in one tree on one silo", Scenario.Nodes, Plain with { Teams = NodesScenario.ManyTeams }, [Most("memory.per-node", 16, "KiB")],
            "heap.per-node", "memory.after", "seeding", "seeding.cpu", "delivered"),
        new("export", "the journal to Elasticsearch, five events a message", Scenario.Export, new(), [Least("exported", 20_000, "events/s")],
            "export.read", "export.encode", "export.compress", "export.send", "export.advance", "cpu.exporter", "cpu.elastic", "cpu.database"),
        new("views", "every list and every view with 10,000 teams and 1,000,000 messages", Scenario.Views, Plain with { Teams = ViewsScenario.ManyTeams, Messages = ViewsScenario.ManyMessages },
            [Most(ViewsScenario.Slowest, 1_000, "ms"), Most(BoardLook.Slowest, 1_000, "ms")], "seeded"),
        new("standalone", "one process on SQLite, bulks of 100", Scenario.Flow, Plain with { Standalone = true }, [], "accepted", "acknowledged", "cpu.all"),
        new("standalone-single", "one process on SQLite, single posts", Scenario.Flow, Plain with { Standalone = true, Bulk = 1, Senders = 64 }, [], "accepted", "acknowledged", "cpu.all"),
    ];

    public string Command => Setting.Command(Scenario, Options);

    /// <summary>The same with a share of the messages and teams; what it then says is how it works, not how fast.</summary>
    public SuiteRow Scaled(double share, int limit)
    {
        int Part(int number, int least) => Math.Min(number, Math.Max(least, (int)(number * share)));
        return this with
        {
            Options = Options with
            {
                Messages = Part(Options.Messages, 20),
                Teams = Options.Teams > UsualTeams ? Part(Options.Teams, LeastTeams) : Options.Teams,
                Backlog = Part(Options.Backlog, 20),
                Limit = limit,
            },
        };
    }

    private static Target Most(string figure, double value, string unit) => new(figure, AtLeast: false, value, unit);
    private static Target Least(string figure, double value, string unit) => new(figure, AtLeast: true, value, unit);
}
