using ShitOps.Grains.Journal;
using ShitOps.Kibana.Model;
using static ShitOps.Kibana.Boards.Fields;

namespace ShitOps.Kibana.Boards;

/// <summary>How much goes through, how fast, and what waits.</summary>
internal static class Flow
{
    public static Board Board { get; } = new(
        Ids.Flow,
        "ShitOps: Flow",
        "Rates by type, team and function, latency, queues and what is held.",
        "now-1h",
        [new("from", "From", From), new("to", "To", To), new("node", "Node", Node)],
        [
            new(6,
                new Number("accepted", "Accepted", 8, Measure.Count("messages")) { Where = Where.Is(EventType, EventTypes.MessageAccepted) },
                new Number("delivered", "Delivered", 8, Measure.Count("deliveries")) { Where = Where.Is(EventType, EventTypes.MessageDelivered) },
                new Number("acknowledged", "Acknowledged", 8, Measure.Count("deliveries")) { Where = Where.Is(EventType, EventTypes.MessageAcknowledged) },
                new Number("held", "Held", 8, Measure.Distinct("messages", MessageId)) { Where = Where.Is(EventType, EventTypes.MessageHeld) },
                new Number("dead", "Dead", 8, Measure.Count("deliveries")) { Where = Where.Is(EventType, EventTypes.MessageDead) },
                new Number("lag", "Journal behind by", 8, Measure.Max("seconds", LagSeconds)) { Where = Where.Has(LagSeconds) }),
            new(12,
                new Chart("rate-by-type", "Events a second by type", 32, Shape.Line, Split.Time, [Measure.Rate("a second")], Split.By(EventType, "type", 15))
                {
                    Where = Where.Is(Kind, "event", "alert"),
                },
                new Chart("latency", "From accepted to delivered", 16, Shape.Line, Split.Time,
                    [Measure.Percentile("half", Duration, 50), Measure.Percentile("95 %", Duration, 95), Measure.Percentile("99 %", Duration, 99)])
                {
                    Where = Where.Is(EventType, EventTypes.MessageDelivered),
                }),
            new(12,
                new Chart("rate-by-sender", "Accepted a second by sender", 16, Shape.Area, Split.Time, [Measure.Rate("a second")], Split.By(From, "team"))
                {
                    Where = Where.Is(EventType, EventTypes.MessageAccepted), OpensBoard = Ids.Security,
                },
                new Chart("rate-by-recipient", "Delivered a second by recipient", 16, Shape.Area, Split.Time, [Measure.Rate("a second")], Split.By(To, "team"))
                {
                    Where = Where.Is(EventType, EventTypes.MessageDelivered), OpensBoard = Ids.Security,
                },
                new Chart("rate-by-function", "Accepted a second for whole functions", 16, Shape.Area, Split.Time, [Measure.Rate("a second")], Split.By(To, "function"))
                {
                    Where = Where.Is(EventType, EventTypes.MessageAccepted).And(Where.Begins(To, "function:")),
                }),
            new(12,
                new Chart("queue", "Waiting in outboxes, by node", 24, Shape.Area, Split.Time, [Measure.Max("messages", Queue)], Split.Each(MetricNode, "node"))
                {
                    Where = Where.Has(Queue),
                },
                new Chart("held-by-node", "Held, by node", 24, Shape.Area, Split.Time, [Measure.Max("messages", Held)], Split.Each(MetricNode, "node"))
                {
                    Where = Where.Has(Held),
                }),
            new(12,
                new Table("slowest", "Slowest recipients", 24, [Split.By(To, "team")],
                    [Measure.Percentile("95 %", Duration, 95), Measure.Percentile("half", Duration, 50), Measure.Count("deliveries")])
                {
                    Where = Where.Is(EventType, EventTypes.MessageDelivered), OpensBoard = Ids.OneMessage,
                },
                new Chart("journal", "Journal not sent yet", 24, Shape.Line, Split.Time, [Measure.Max("events", LagEvents)]) { Where = Where.Has(LagEvents) }),
            new(14, new Documents("dead-letters", "Dead letters", 48, Ids.DeadLetters)),
        ]);
}
