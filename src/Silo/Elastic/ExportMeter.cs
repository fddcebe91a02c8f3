using System.Diagnostics.Metrics;
using ShitOps.Grains;

namespace ShitOps.Silo.Elastic;

/// <summary>The export's instruments. Only the silo that sends has values of lag.</summary>
internal sealed class ExportMeter : IDisposable
{
    public const string MeterName = "ShitOps.Silo";

    private readonly Meter _meter;
    private readonly bool _own;
    private readonly Counter<long> _sent, _rejected;
    private Func<ExportStatus?> _status = static () => null;

    /// <param name="meters">Without one (an exporter on its own) the instruments belong to no host.</param>
    public ExportMeter(IMeterFactory? meters = null)
    {
        _own = meters is null;
        _meter = meters?.Create(MeterName) ?? new Meter(MeterName);
        _sent = _meter.CreateCounter<long>("shitops.export.sent", "{document}", "Documents that Elasticsearch answered for, those of metrics among them.");
        _rejected = _meter.CreateCounter<long>("shitops.export.rejected", "{document}", "Documents that Elasticsearch will never take; they are kept aside.");
        _meter.CreateObservableGauge("shitops.export.lag.events", () => Known(s => s.LagEvents), "{event}", "Events of the journal that were not sent yet.");
        _meter.CreateObservableGauge("shitops.export.lag.age", () => Known(s => s.LagSeconds), "s", "Age of the oldest event that was not sent yet; 0 without one.");
    }

    /// <param name="status">Null while another silo sends.</param>
    public void Watch(Func<ExportStatus?> status) => _status = status;

    public void Sent(int documents) => _sent.Add(documents);

    public void Rejected(int documents) => _rejected.Add(documents);

    /// <summary>A factory's meters end with the factory.</summary>
    public void Dispose()
    {
        if (_own)
            _meter.Dispose();
    }

    private IEnumerable<Measurement<T>> Known<T>(Func<ExportStatus, T> read) where T : struct =>
        _status() is { } status ? [new Measurement<T>(read(status))] : [];
}
