using System.Diagnostics.Metrics;
using System.Runtime.InteropServices;
using ShitOps.Grains.Journal;

namespace ShitOps.Grains.Telemetry;

/// <summary>
/// The instruments of a silo. What happened is counted once a transaction, by its events, so that a count is never more
/// than what was stored; the state of hubs is what the health monitor last heard. Nothing here is called for a single
/// message, but for one that is pushed.
/// </summary>
public sealed class SiloMetrics : IDisposable
{
    public const string MeterName = "ShitOps.Silo";
    public const string EventTypeTag = "shitops.event.type", NodeTag = "shitops.node", PushOutcomeTag = "shitops.push.outcome";

    private static readonly InstrumentAdvice<double> Seconds = new() { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] };
    private static readonly InstrumentAdvice<long> Counts = new() { HistogramBucketBoundaries = [1, 10, 50, 100, 500, 1_000, 5_000, 10_000, 50_000] };

    private readonly Meter _meter;
    private readonly bool _own;
    private readonly TimeProvider _time;
    private readonly Counter<long> _events, _retries;
    private readonly Dictionary<string, Counter<long>> _byType;
    private readonly Histogram<double> _commitTime, _scanTime, _pushTime;
    private readonly Histogram<long> _commitSize, _scanSize;
    private IReadOnlyList<NodeStatus> _nodes = [];
    private long _inboxDepth = -1, _journalBytes = -1;

    /// <param name="meters">Without one (a store on its own) the instruments belong to no host.</param>
    public SiloMetrics(TimeProvider time, IMeterFactory? meters = null)
    {
        _time = time;
        _own = meters is null;
        _meter = meters?.Create(MeterName) ?? new Meter(MeterName);
        _byType = new(StringComparer.Ordinal)
        {
            [EventTypes.MessageAccepted] = Messages("accepted", "Messages stored in an outbox."),
            [EventTypes.MessageDelivered] = Messages("delivered", "Deliveries stored in an inbox, one for each recipient."),
            [EventTypes.MessageAcknowledged] = Messages("acknowledged", "Deliveries acknowledged by their team."),
            [EventTypes.MessageHeld] = Messages("held", "Times a message was held because the scanner was away."),
            [EventTypes.MessageQuarantined] = Messages("quarantined", "Messages put into quarantine."),
            [EventTypes.MessageDead] = Messages("dead", "Messages and deliveries that became dead letters."),
            [EventTypes.NodeFailedOver] = _meter.CreateCounter<long>("shitops.node.failovers", "{failover}", "Hubs taken over from another silo that was lost."),
        };
        _events = _meter.CreateCounter<long>("shitops.journal.events", "{event}", "Events stored in the journal, by type.");
        _commitTime = _meter.CreateHistogram("shitops.commit.duration", "s", "Time from the first try of a transaction to its end, retries included.", null, Seconds);
        _commitSize = _meter.CreateHistogram("shitops.commit.size", "{commit}", "Commits that one transaction took.", null, Counts);
        _retries = _meter.CreateCounter<long>("shitops.commit.retries", "{retry}", "Transactions that failed and were tried again.");
        _scanTime = _meter.CreateHistogram("shitops.scan.duration", "s", "Time of one call to the scanner, with the parts of a whole batch.", null, Seconds);
        _scanSize = _meter.CreateHistogram("shitops.scan.size", "{part}", "Parts scanned in one call.", null, Counts);
        _pushTime = _meter.CreateHistogram("shitops.push.duration", "s", "Time of one push to a webhook, by its outcome.", null, Seconds);
        _meter.CreateObservableGauge("shitops.hub.queue", () => Nodes(n => (long)n.Queue), "{message}", "Unsettled messages of a hub, held ones among them.");
        _meter.CreateObservableGauge("shitops.hub.held", () => Nodes(n => (long)n.Held), "{message}", "Messages of a hub that wait for the scanner.");
        _meter.CreateObservableGauge("shitops.hub.queue.age", () => Nodes(Age), "s", "Age of the oldest unsettled message that a hub has in memory; 0 without one.");
        _meter.CreateObservableGauge("shitops.hub.unhealthy", () => Nodes(n => n.Health == "unhealthy" ? 1L : 0), "{hub}", "1 for a hub that did not answer its last ping.");
        _meter.CreateObservableGauge("shitops.inbox.depth", () => Known(ref _inboxDepth), "{delivery}", "Deliveries that wait or are leased, in all inboxes; counted in the database.");
        _meter.CreateObservableGauge("shitops.journal.size", () => Known(ref _journalBytes), "By", "Compressed bytes of all events in the database.");
    }

    /// <summary>The hubs this silo looks after, as they last answered.</summary>
    public void Watched(IReadOnlyList<NodeStatus> nodes) => Volatile.Write(ref _nodes, nodes);

    public void InboxDepth(long deliveries) => Volatile.Write(ref _inboxDepth, deliveries);

    public void JournalSize(long bytes) => Volatile.Write(ref _journalBytes, bytes);

    /// <summary>To be given to <see cref="Committed"/> or <see cref="Scanned"/>.</summary>
    public long Start() => _time.GetTimestamp();

    /// <summary>A transaction stands in the database.</summary>
    public void Committed(int commits, IReadOnlyList<JournalEvent> events, long start)
    {
        _commitTime.Record(_time.GetElapsedTime(start).TotalSeconds);
        _commitSize.Record(commits);
        if (!_events.Enabled && !_byType[EventTypes.MessageAccepted].Enabled)
            return;
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (JournalEvent told in events)
            CollectionsMarshal.GetValueRefOrAddDefault(counts, told.Type, out _)++;
        foreach ((string type, int count) in counts)
        {
            _events.Add(count, new KeyValuePair<string, object?>(EventTypeTag, type));
            if (_byType.TryGetValue(type, out Counter<long>? own))
                own.Add(count);
        }
    }

    public void Retried() => _retries.Add(1);

    public void Scanned(int parts, long start)
    {
        _scanTime.Record(_time.GetElapsedTime(start).TotalSeconds);
        _scanSize.Record(parts);
    }

    public void Pushed(bool accepted, TimeSpan time) =>
        _pushTime.Record(time.TotalSeconds, new KeyValuePair<string, object?>(PushOutcomeTag, accepted ? "accepted" : "failed"));

    /// <summary>A factory's meters end with the factory.</summary>
    public void Dispose()
    {
        if (_own)
            _meter.Dispose();
    }

    private Counter<long> Messages(string what, string description) => _meter.CreateCounter<long>("shitops.messages." + what, "{message}", description);

    private double Age(NodeStatus node) => node.OldestAcceptedAt is { } at ? Math.Max(0, (_time.GetUtcNow() - at).TotalSeconds) : 0;

    private IEnumerable<Measurement<T>> Nodes<T>(Func<NodeStatus, T> read) where T : struct =>
        Volatile.Read(ref _nodes).Select(n => new Measurement<T>(read(n), new KeyValuePair<string, object?>(NodeTag, n.Index)));

    private static Measurement<long>[] Known(ref long value) => Volatile.Read(ref value) is >= 0 and var known ? [new(known)] : [];
}
