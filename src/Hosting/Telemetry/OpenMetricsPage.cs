using System.Diagnostics.Metrics;
using System.Text;

namespace ShitOps.Hosting.Telemetry;

/// <summary>
/// All instruments of this process' own meters as OpenMetrics text
/// (https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md). Adds up from when it was made;
/// several hosts in one process do not see each other's.
/// </summary>
public sealed class OpenMetricsPage : IDisposable
{
    public const string MediaType = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();

    public OpenMetricsPage(IMeterFactory meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name.StartsWith(TelemetrySetup.MeterPrefix, StringComparison.Ordinal) && ReferenceEquals(instrument.Meter.Scope, meters))
                listener.EnableMeasurementEvents(instrument, FamilyOf(instrument));
        };
        _listener.SetMeasurementEventCallback<long>((_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.SetMeasurementEventCallback<double>((_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.Start();
    }

    public string Render()
    {
        // One at a time: what is observed is read anew into the same families.
        lock (_lock)
        {
            foreach (MetricFamily family in _families.Values)
                family.Observe();
            _listener.RecordObservableInstruments();
            var text = new StringBuilder();
            foreach (MetricFamily family in _families.Values)
                family.Write(text);
            return text.Append("# EOF\n").ToString();
        }
    }

    public void Dispose() => _listener.Dispose();

    private MetricFamily FamilyOf(Instrument instrument)
    {
        var family = new MetricFamily(instrument);
        lock (_lock)
        {
            if (!_families.TryAdd(family.Name, family))
                return _families[family.Name];
        }
        return family;
    }
}
