using ShitOps.Grains.Journal;
using ShitOps.Kibana.Model;
using static ShitOps.Kibana.Boards.Fields;

namespace ShitOps.Kibana.Boards;

/// <summary>What each hub does, and how it is.</summary>
internal static class Tree
{
    private static readonly string[] Moves =
        [EventTypes.MessageAccepted, EventTypes.MessageForwarded, EventTypes.MessageScanned, EventTypes.MessageDelivered];

    public static Board Board { get; } = new(
        Ids.Tree,
        "ShitOps: Tree",
        "Traffic of each node, hops, failovers and health.",
        "now-1h",
        [new("node", "Node", Node), new("silo", "Silo", Silo)],
        [
            new(6,
                new Number("nodes", "Nodes with traffic", 12, Measure.Distinct("nodes", Node)) { Where = Where.Is(EventType, Moves) },
                new Number("hops", "Hops", 12, Measure.Count("hops")) { Where = Where.Is(EventType, EventTypes.MessageForwarded) },
                new Number("failovers", "Failovers", 12, Measure.Count("failovers")) { Where = Where.Is(EventType, EventTypes.NodeFailedOver) },
                new Number("unhealthy", "Found unhealthy", 12, Measure.Count("times")) { Where = Where.Is(EventType, EventTypes.NodeUnhealthy) }),
            new(18,
                new Heat("traffic", "Traffic by node", 48, Split.Time, Split.Each(Node, "node"), Measure.Count("events"))
                {
                    Where = Where.Is(EventType, Moves), OpensBoard = Ids.Flow,
                }),
            new(14,
                new Table("health", "Nodes now", 24, [Split.Each(MetricNode, "node")],
                    [Measure.Last("health", Health), Measure.Max("most queued", Queue), Measure.Max("most held", Held), Measure.Average("forwarded a second", Forwarded)])
                {
                    Where = Where.Has(MetricNode),
                },
                new Heat("health-by-node", "Health by node, samples", 24, Split.Each(MetricNode, "node"), Split.By(Health, "health"), Measure.Count("samples"))
                {
                    Where = Where.Has(MetricNode),
                }),
            new(12,
                new Chart("accepted", "Accepted a second by node", 16, Shape.Area, Split.Time, [Measure.Average("a second", Accepted)], Split.Each(MetricNode, "node"))
                {
                    Where = Where.Has(Accepted),
                },
                new Chart("forwarded", "Forwarded a second by node", 16, Shape.Area, Split.Time, [Measure.Average("a second", Forwarded)], Split.Each(MetricNode, "node"))
                {
                    Where = Where.Has(Forwarded),
                },
                new Chart("delivered", "Delivered a second by node", 16, Shape.Area, Split.Time, [Measure.Average("a second", Delivered)], Split.Each(MetricNode, "node"))
                {
                    Where = Where.Has(Delivered),
                }),
            new(12,
                new Chart("hops-by-node", "Hops by node", 24, Shape.Bars, Split.Each(Node, "node"), [Measure.Count("hops")])
                {
                    Where = Where.Is(EventType, EventTypes.MessageForwarded), OpensBoard = Ids.Flow,
                },
                new Chart("failovers-by-silo", "Failovers and activations by silo", 24, Shape.Bars, Split.Time, [Measure.Count("nodes taken")], Split.By(Silo, "silo"))
                {
                    Where = Where.Is(EventType, EventTypes.NodeFailedOver, EventTypes.NodeActivated), OpensBoard = Ids.Flow,
                }),
            new(14, new Documents("node-events", "What happened to the nodes", 48, Ids.Nodes)),
        ]);
}
