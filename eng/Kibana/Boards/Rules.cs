using ShitOps.Grains.Journal;
using ShitOps.Kibana.Model;
using static ShitOps.Kibana.Boards.Fields;

namespace ShitOps.Kibana.Boards;

/// <summary>What somebody should be told of. Whom, and how, is for those to add who import the rules: they carry no action.</summary>
internal static class Rules
{
    public static IReadOnlyList<Rule> All { get; } =
    [
        new("5d1c6a52-0a0f-4d0b-9a5e-6f1d3c0b7a01", "held", "ShitOps: messages are held",
            "At some node messages have been held for a minute: its scanner is away.",
            Where.Has(Held), Minutes: 1)
        {
            // The least of all samples of the minute: it was never 0 meanwhile.
            Aggregation = "min", Of = Held, Each = MetricNode,
        },
        new("5d1c6a52-0a0f-4d0b-9a5e-6f1d3c0b7a02", "dead-letters", "ShitOps: dead letters",
            "Messages could not be delivered to a team.",
            Where.Is(EventType, EventTypes.MessageDead), Minutes: 5)
        {
            Each = To,
        },
        new("5d1c6a52-0a0f-4d0b-9a5e-6f1d3c0b7a03", "failover", "ShitOps: failover",
            "A node was taken over by another silo.",
            Where.Is(EventType, EventTypes.NodeFailedOver), Minutes: 5),
        new("5d1c6a52-0a0f-4d0b-9a5e-6f1d3c0b7a04", "journal-lag", "ShitOps: the journal lags behind",
            "What is seen here is more than a minute old, and has been for two: Elasticsearch takes less than is written, or refuses.",
            Where.Has(LagSeconds), Minutes: 2)
        {
            Aggregation = "min", Of = LagSeconds, Threshold = 60,
        },
        new("5d1c6a52-0a0f-4d0b-9a5e-6f1d3c0b7a05", "silence", "ShitOps: nothing comes in",
            "No metric document for five minutes. Nodes write one every ten seconds: the export stands still, or no silo runs. Lag cannot tell this, since it comes the same way.",
            Where.Is(Kind, "metric"), Minutes: 5)
        {
            Comparator = "<", Threshold = 1,
        },
        new("5d1c6a52-0a0f-4d0b-9a5e-6f1d3c0b7a06", "overdue", "ShitOps: tasks are overdue",
            "A team has tasks past their due time.",
            Where.Is(EventType, EventTypes.TaskOverdue), Minutes: 5)
        {
            Each = To,
        },
        new("5d1c6a52-0a0f-4d0b-9a5e-6f1d3c0b7a07", "guessing", "ShitOps: keys are guessed",
            "More different wrong keys came from one network, or alike from many, than a mistake explains.",
            Where.Is(EventType, EventTypes.AccessGuessing), Minutes: 5),
    ];
}
