using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using ShitOps.Grains;
using ShitOps.Silo.Elastic;

namespace ShitOps.Elastic.Tests.Export;

public sealed class MeterTests
{
    [Fact]
    public async Task Lag_is_measured_where_the_journal_is_sent_and_nowhere_else()
    {
        await using ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        IMeterFactory factory = services.GetRequiredService<IMeterFactory>();
        using var meter = new ExportMeter(factory);
        Meter own = factory.Create(ExportMeter.MeterName);
        var seen = new Dictionary<string, double>();
        using var listener = new MeterListener { InstrumentPublished = (instrument, it) => { if (instrument.Meter == own) it.EnableMeasurementEvents(instrument); } };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => seen[instrument.Name] = value);
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => seen[instrument.Name] = value);
        listener.Start();

        ExportStatus? status = null;
        meter.Watch(() => status);
        listener.RecordObservableInstruments();
        Assert.Empty(seen);

        status = new() { LagEvents = 12, LagSeconds = 3.5 };
        listener.RecordObservableInstruments();
        meter.Sent(100);
        meter.Rejected(2);
        Assert.Equal(new() { ["shitops.export.lag.events"] = 12, ["shitops.export.lag.age"] = 3.5, ["shitops.export.sent"] = 100, ["shitops.export.rejected"] = 2 }, seen);
    }
}
