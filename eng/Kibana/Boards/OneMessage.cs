using ShitOps.Kibana.Model;
using static ShitOps.Kibana.Boards.Fields;

namespace ShitOps.Kibana.Boards;

/// <summary>Everything about one message, ask or task: choose its id above, or come by a drill-down.</summary>
internal static class OneMessage
{
    /// <summary>Metric documents belong to no message.</summary>
    private static readonly Where Known = Where.Any(Where.Has(MessageId), Where.Has(Reference));

    public static Board Board { get; } = new(
        Ids.OneMessage,
        "ShitOps: One message",
        "Search by the id of a message, an ask, a task or a trace: its way, its verdicts, its deliveries.",
        "now-7d",
        [new("message", "Message", MessageId), new("reference", "Ask or task", Reference), new("trace", "Trace", Trace)],
        [
            new(6,
                // Counted by id: a document that was sent again after a rollover of the data stream exists twice.
                new Number("events", "Events", 12, Measure.Distinct("events", EventId)) { Where = Known },
                new Number("nodes", "Nodes passed", 12, Measure.Distinct("nodes", Node)) { Where = Known },
                new Number("first", "First", 12, Measure.Min("first event", Timestamp)) { Where = Known },
                new Number("last", "Last", 12, Measure.Max("last event", Timestamp)) { Where = Known }),
            new(12,
                new Chart("way", "Events", 24, Shape.Bars, Split.Time, [Measure.Count("events")], Split.By(EventType, "what", 20)) { Where = Known },
                new Heat("nodes-and-events", "What happened where", 24, Split.Each(Node, "node"), Split.By(EventType, "what", 20), Measure.Count("events")) { Where = Known }),
            new(12,
                new Table("messages", "Messages", 24, [Split.By(MessageId, "message", 50)],
                    [Measure.Distinct("events", EventId), Measure.Last("from", From), Measure.Last("last event", EventType)])
                {
                    Where = Known,
                },
                new Table("teams", "Teams", 24, [Split.By(To, "team", 50), Split.By(EventType, "what", 10)], [Measure.Distinct("events", EventId), Measure.Max("last", Timestamp)])
                {
                    Where = Known,
                }),
            new(24, new Documents("log", "Every event, in order", 48, Ids.EventsOfMessages)),
        ]);
}
