using System.Globalization;
using System.Threading.Channels;
using ShitOps.Grains;
using ShitOps.Grains.Journal;
using ShitOps.Grains.Storage;

namespace ShitOps.Silo.Elastic;

/// <summary>
/// Reads the journal in order and sends it. The journal is the buffer: in memory are a few batches, made while the one
/// before is on its way, and the place in the journal moves only when all before it is stored or kept aside.
/// </summary>
internal sealed partial class JournalExporter : IJournalExport
{
    /// <summary>Batches made of one look into the journal, so that a look is worth it; and sent before the place is moved, while more wait.</summary>
    private const int BatchesPerRead = 8, BatchesPerAdvance = 8;

    /// <summary>Batches ready to go, besides the one on its way. One request at a time: they arrive in order.</summary>
    private const int BatchesAhead = 2;

    /// <summary>A look at the lag counts all that waits; of the time no more than one part in so many goes into it.</summary>
    private const int LookShare = 20;

    private readonly ExportStore _store;
    private readonly ExportOptions _options;
    private readonly ICommitQueue _commits;
    private readonly ExportMeter _meter;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ExportState _state;
    private readonly MetricBuffer _metrics;
    private int _failures;

    public JournalExporter(ExportStore store, ExportOptions options, ICommitQueue commits, ExportMeter meter, TimeProvider time, ILogger<JournalExporter> log)
    {
        (_store, _options, _commits, _meter, _time, _log) = (store, options, commits, meter, time, log);
        _state = new(time, log);
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
        Task looks = LookAsync(stop);
        bool installed = false;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using var http = new ElasticHttp(endpoint, _options.Pace.Timeout);
                var installer = new TemplateInstaller(http, _options.Stream);
                if (!installed && await installer.EnsureAsync(stop) is { } reason)
                    LogNotInstalled(reason);
                installed = true;
                await PumpAsync(new BulkSender(http, _options.Stream, _options.Pace, _time, _state), installer, stop);
            }
            catch (Exception error)
            {
                // Told to stop: what was not confirmed is sent again by the next, and known by its ids.
                if (stop.IsCancellationRequested)
                    break;
                _state.Failed(error.Message, ++_failures, error, _store.IsPermanent(error));
                await Task.Delay(_options.Pace.Pause(_failures, Random.Shared.NextDouble()), _time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        await looks;
        _state.Ended();
    }

    /// <summary>Reads and sends at once, until something fails or it is told to stop.</summary>
    private async Task PumpAsync(BulkSender sender, TemplateInstaller installer, CancellationToken stop)
    {
        var ready = Channel.CreateBounded<ExportBatch>(new BoundedChannelOptions(BatchesAhead) { SingleReader = true, SingleWriter = true });
        using var batches = new DocumentBatches(_options.Service, _options.BatchEvents, _options.BatchBytes);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task reading = Task.Run(() => ReadAsync(batches, ready.Writer, end.Token), CancellationToken.None);
        try
        {
            await SendAsync(ready.Reader, batches, sender, again => RepairAsync(installer, again), stop);
        }
        finally
        {
            await end.CancelAsync();
            await reading;
            _metrics.Restart();
        }
    }

    private async Task ReadAsync(DocumentBatches batches, ChannelWriter<ExportBatch> ready, CancellationToken stop)
    {
        Exception? fault = null;
        try
        {
            var read = new Dictionary<int, long>();
            while (true)
            {
                if (_metrics.Take(_options.BatchEvents) is { Count: > 0 } samples)
                    await ready.WriteAsync(batches.Of(samples), stop);
                IReadOnlyList<ExportRow> rows = await _store.NextAsync(read, BatchesPerRead * _options.BatchEvents, (long)BatchesPerRead * _options.BatchBytes, stop);
                foreach (ExportBatch batch in batches.Of(rows))
                    await ready.WriteAsync(batch, stop);
                foreach (ExportRow row in rows)
                    read[row.Writer] = row.Number;
                if (rows.Count == 0)
                    await Task.Delay(_options.Idle, _time, stop);
            }
        }
        catch (Exception error)
        {
            // Handed on to the sending side.
            fault = error;
        }
        ready.Complete(fault);
    }

    private async Task SendAsync(ChannelReader<ExportBatch> ready, DocumentBatches batches, BulkSender sender, Func<CancellationToken, Task> repair, CancellationToken stop)
    {
        var done = new Dictionary<int, long>();
        var rejected = new List<RejectedDocument>();
        int sent = 0;
        await foreach (ExportBatch batch in ready.ReadAllAsync(stop))
        {
            // Kept beyond the batch, whose bytes are used again.
            rejected.AddRange((await sender.SendAsync(batch.Documents, batch.Packed, repair, stop))
                .Select(no => no with { Document = no.Document with { Source = no.Document.Source.ToArray() } }));
            rejected.AddRange(batch.Unsendable);
            foreach ((int writer, long number) in batch.Rows)
                done[writer] = number;
            _meter.Sent(batch.Count);
            if (batch.IsMetrics)
                _metrics.Confirm();
            else
                _state.Stored(batch.Count);
            batches.Return(batch);
            if (++sent % BatchesPerAdvance != 0 && ready.TryPeek(out _))
                continue;
            await _store.AdvanceAsync(done, rejected, stop);
            Told(rejected);
            done.Clear();
            rejected.Clear();
            _failures = 0;
            _state.Goes();
        }
    }

    private void Told(List<RejectedDocument> rejected)
    {
        if (rejected.Count == 0)
            return;
        _meter.Rejected(rejected.Count);
        _state.Rejected(rejected.Count);
        LogRejected(rejected.Count, rejected[0].Document.Id, rejected[0].Reason);
    }

    /// <summary>Templates may be what is missing, after a restore or on a new server.</summary>
    private static async Task RepairAsync(TemplateInstaller installer, CancellationToken stop)
    {
        try
        {
            await installer.EnsureAsync(stop);
        }
        catch (HttpRequestException)
        {
            // The sender's own trouble tells that nobody answers.
        }
    }

    private async Task LookAsync(CancellationToken stop)
    {
        var alarm = new LagAlarm();
        while (!stop.IsCancellationRequested)
        {
            long start = _time.GetTimestamp();
            try
            {
                _state.Looked(await _store.LagAsync(stop));
                await TellAsync(alarm);
            }
            catch (Exception error)
            {
                if (!stop.IsCancellationRequested)
                    LogNoLook(error);
            }
            TimeSpan pause = TimeSpan.FromTicks(Math.Max(_options.Look.Ticks, LookShare * _time.GetElapsedTime(start).Ticks));
            await Task.Delay(pause, _time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task TellAsync(LagAlarm alarm)
    {
        ExportStatus status = Status;
        if (alarm.Next(status) is not { } type)
            return;
        string reason = string.Create(CultureInfo.InvariantCulture, $"{status.LagEvents} events, {status.LagSeconds:F0} s");
        try
        {
            await _commits.CommitAsync(new Commit([new Note
            {
                Events = [new JournalEvent(type, _time.GetUtcNow()) { Reason = status.Trouble is null ? reason : $"{reason}: {status.Trouble}" }],
            }]));
        }
        catch
        {
            alarm.Untold();
            throw;
        }
    }

    [LoggerMessage(2051, LogLevel.Error, "Elasticsearch will not take {Count} documents, kept in export_dead_letter; the first is {Id}: {Reason}")]
    private partial void LogRejected(int count, string id, string reason);

    [LoggerMessage(2052, LogLevel.Warning, "Templates are not installed by this program: {Reason}")]
    private partial void LogNotInstalled(string reason);

    [LoggerMessage(2055, LogLevel.Warning, "How far the export is behind cannot be seen for now")]
    private partial void LogNoLook(Exception error);

    [LoggerMessage(2056, LogLevel.Warning, "{Count} samples of metrics were dropped before they could be sent, {All} so far: no more are kept while Elasticsearch is away")]
    private partial void LogDropped(long count, long all);
}
