using ShitOps.Grains.Journal;
using ShitOps.Grains.Storage;

namespace ShitOps.Grains.Nodes;

/// <summary>The changes that put messages into the inboxes of a node's own teams, and the events that tell the way they came.</summary>
internal static class Delivering
{
    /// <summary>An ordering key holds across priorities, so with one the priority counts no more.</summary>
    public static Priority Rank(Envelope item) => item.OrderingKey is null ? item.Priority : Priority.Normal;

    /// <summary>One team's copy; a message to a single team is settled with it.</summary>
    public static void Add(List<Change> changes, Envelope item, string team, IReadOnlyList<Hop> hops, int node, string silo, DateTimeOffset now, bool settles)
    {
        changes.Add(new InsertDelivery(
            item.Id, team, item.From, Rank(item), item.OrderingKey, item.ExpiresAt, now)
        {
            Events = [.. Way(item, hops), new(EventTypes.MessageDelivered, now)
            {
                Message = item.Id, From = item.From, Team = team, Node = node, Silo = silo, TraceParent = item.TraceParent,
            }],
        });
        if (settles)
            changes.Add(new MoveMessage(item.Id, MessageStateSet.Unsettled, MessageState.Delivered, now));
    }

    private static IEnumerable<JournalEvent> Way(Envelope item, IReadOnlyList<Hop> hops)
    {
        foreach (Hop hop in hops)
        {
            if (hop.From >= 0)
                yield return Event(EventTypes.MessageForwarded, item, hop);
            if (hop.Scanned)
                yield return Event(EventTypes.MessageScanned, item, hop);
        }
    }

    private static JournalEvent Event(string type, Envelope item, Hop hop) => new(type, hop.At)
    {
        Message = item.Id,
        From = item.From,
        Team = item.To,
        Node = hop.Node,
        Silo = hop.Silo,
        Verdict = item.Released ? "released" : "clean",
        SignatureVersion = hop.SignatureVersion,
        TraceParent = item.TraceParent,
    };
}
