using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using ShitOps.Grains.Journal;
using ShitOps.Grains.Telemetry;

namespace ShitOps.Grains.Tests.Telemetry;

public sealed class SiloMetricsTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MeterListener _listener = new();
    private readonly List<(string Name, double Value, string Tags)> _measured = [];
    private readonly SiloMetrics _metrics;

    public SiloMetricsTests()
    {
        var factory = _services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, factory))
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
        _metrics = new(TimeProvider.System, factory);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _metrics.Dispose();
        _services.Dispose();
    }

    [Fact]
    public void A_transaction_is_counted_once_for_each_type_of_its_events()
    {
        DateTimeOffset at = TimeProvider.System.GetUtcNow();
        _metrics.Committed(3, [.. Enumerable.Range(0, 100).Select(i => new JournalEvent(i < 60 ? EventTypes.MessageAccepted : EventTypes.TaskDone, at))], _metrics.Start());
        Assert.Contains(("shitops.messages.accepted", 60, ""), _measured);
        Assert.Contains(("shitops.journal.events", 60, "shitops.event.type=message.accepted"), _measured);
        Assert.Contains(("shitops.journal.events", 40, "shitops.event.type=task.done"), _measured);
        Assert.Contains(("shitops.commit.size", 3, ""), _measured);
        // Time and size, two types, one of which has a counter of its own: nothing for a single event.
        Assert.Equal(5, _measured.Count);
    }

    [Fact]
    public void Hubs_are_told_as_they_last_answered_and_what_is_not_known_is_not_told()
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        _metrics.Watched([new NodeStatus { Index = 4, Silo = "a", ActivatedAt = now, Queue = 7, Held = 2, OldestAcceptedAt = now.AddMinutes(-1), Health = "unhealthy" }]);
        _listener.RecordObservableInstruments();
        Assert.Contains(("shitops.hub.queue", 7, "shitops.node=4"), _measured);
        Assert.Contains(("shitops.hub.held", 2, "shitops.node=4"), _measured);
        Assert.Contains(("shitops.hub.unhealthy", 1, "shitops.node=4"), _measured);
        Assert.InRange(_measured.Single(m => m.Name == "shitops.hub.queue.age").Value, 60, 90);
        Assert.DoesNotContain(_measured, m => m.Name is "shitops.inbox.depth" or "shitops.journal.size");

        _measured.Clear();
        _metrics.Watched([]);
        _metrics.InboxDepth(0);
        _metrics.JournalSize(12);
        _listener.RecordObservableInstruments();
        Assert.Equal([("shitops.inbox.depth", 0, ""), ("shitops.journal.size", 12, "")], _measured);
    }

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        _measured.Add((instrument.Name, value, string.Join(",", tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))));
}
