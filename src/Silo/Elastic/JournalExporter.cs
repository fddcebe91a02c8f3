using ShitOps.Grains;
using ShitOps.Grains.Journal;
using ShitOps.Grains.Storage;

namespace ShitOps.Silo.Elastic;

/// <summary>Keeps the export going: whatever ends a <see cref="ExportPump"/> is told, and after a pause another begins where the last one was.</summary>
internal sealed partial class JournalExporter : IJournalExport
{
    private readonly ExportStore _store;
    private readonly ExportOptions _options;
    private readonly ExportMeter _meter;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ExportState _state;
    private readonly LagWatch _lag;
    private readonly MetricBuffer _metrics;

    public JournalExporter(ExportStore store, ExportOptions options, ICommitQueue commits, ExportMeter meter, TimeProvider time, ILogger<JournalExporter> log)
    {
        (_store, _options, _meter, _time, _log) = (store, options, meter, time, log);
        _state = new(time, log);
        _lag = new(store, commits, _state, options.Look, time, log);
        _metrics = new(options.MetricBound);
        meter.Watch(() => _state.IsRunning ? _state.Status : null);
    }

    public bool IsOn => _options.Endpoint is not null;

    public ExportStatus Status => _state.Status;

    /// <summary>Waits until the status is as wanted; looks after every change.</summary>
    public Task UntilAsync(Func<ExportStatus, bool> wanted, CancellationToken stop) => _state.UntilAsync(wanted, stop);

    public void Measured(string tree, IReadOnlyList<NodeStatus> nodes)
    {
        long dropped = _metrics.Dropped;
        _metrics.Add(MetricSample.Round(_options.Cluster, tree, _time.GetUtcNow(), nodes, Status));
        if (_metrics.Dropped > dropped)
            LogDropped(_metrics.Dropped - dropped, _metrics.Dropped);
    }

    public Task RunAsync(CancellationToken stop) => IsOn ? Task.Run(() => RunAsync(_options.Endpoint!, stop), CancellationToken.None) : Task.CompletedTask;

    private async Task RunAsync(ElasticEndpoint endpoint, CancellationToken stop)
    {
        _state.Started();
        Task looks = _lag.RunAsync(stop);
        bool installed = false;
        int failures = 0;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using var http = new ElasticHttp(endpoint, _options.Pace.Timeout);
                var installer = new TemplateInstaller(http, _options.Stream);
                if (!installed && await installer.EnsureAsync(stop) is { } reason)
                    LogNotInstalled(reason);
                installed = true;
                var sender = new BulkSender(http, _options.Stream, _options.Pace, _time, _state);
                await new ExportPump(_store, _options, sender, installer, _metrics, _meter, _state, _time, _log).RunAsync(moved: () => failures = 0, stop);
            }
            catch (Exception error)
            {
                // Told to stop: what was not confirmed is sent again by the next, and known by its ids.
                if (stop.IsCancellationRequested)
                    break;
                _state.Failed(error.Message, ++failures, error, _store.IsPermanent(error));
                await Task.Delay(_options.Pace.Pause(failures, Random.Shared.NextDouble()), _time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        await looks;
        _state.Ended();
    }

    [LoggerMessage(2052, LogLevel.Warning, "Templates are not installed by this program: {Reason}")]
    private partial void LogNotInstalled(string reason);

    [LoggerMessage(2056, LogLevel.Warning, "{Count} samples of metrics were dropped before they could be sent, {All} so far: no more are kept while Elasticsearch is away")]
    private partial void LogDropped(long count, long all);
}
