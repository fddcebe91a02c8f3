using System.Data.Common;
using ShitOps.Grains;
using ShitOps.Grains.Journal;

namespace ShitOps.Silo.Elastic;

/// <summary>
/// Reads the journal in order and sends it. The journal is the buffer: nothing is held in memory but what is being sent,
/// and the place in it moves only when all before it is stored or kept aside.
/// </summary>
internal sealed partial class JournalExporter(ExportStore store, ExportOptions options, TimeProvider time, ILogger<JournalExporter> log) : IJournalExport
{
    /// <summary>Batches read from the journal at once, so that a look at the database is worth it.</summary>
    private const int BatchesPerRead = 8;

    private BulkSender? _sender;
    private string? _fault;
    private ExportLag _lag = new(0, null);
    private long _sent, _rejected;

    public bool IsOn => options.Endpoint is not null;

    public ExportStatus Status => new()
    {
        LagEvents = _lag.Events,
        LagSeconds = _lag.Oldest is { } oldest ? Math.Max(0, (time.GetUtcNow() - oldest).TotalSeconds) : 0,
        Trouble = _fault ?? _sender?.Trouble,
        Sent = Interlocked.Read(ref _sent),
        Rejected = Interlocked.Read(ref _rejected),
    };

    public Task RunAsync(CancellationToken stop) => IsOn ? Task.Run(() => SendAllAsync(options.Endpoint!, stop), CancellationToken.None) : Task.CompletedTask;

    private async Task SendAllAsync(ElasticEndpoint endpoint, CancellationToken stop)
    {
        using var http = new ElasticHttp(endpoint, options.Pace.Timeout);
        var sender = new BulkSender(http, options.Stream, options.Pace, time);
        var installer = new TemplateInstaller(http, options.Stream);
        _sender = sender;
        using var looking = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task looks = LookAsync(looking.Token);
        try
        {
            bool installed = false;
            int failures = 0;
            while (!stop.IsCancellationRequested)
            {
                try
                {
                    if (!installed)
                    {
                        await InstallAsync(installer, stop);
                        installed = true;
                    }
                    TimeSpan pause = await StepAsync(sender, installer, stop) ? TimeSpan.Zero : options.Idle;
                    (failures, _fault) = (0, null);
                    if (pause > TimeSpan.Zero)
                        await Task.Delay(pause, time, stop);
                }
                catch (Exception error) when (!stop.IsCancellationRequested)
                {
                    Fault(error.Message, error);
                    await Task.Delay(options.Pace.Pause(++failures, Random.Shared.NextDouble()), time, stop);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Told to stop: what was not confirmed is sent again by the next, and known by its ids.
        }
        finally
        {
            await looking.CancelAsync();
            await looks;
            (_sender, _fault) = (null, null);
        }
    }

    /// <returns>False: there was nothing to send.</returns>
    private async Task<bool> StepAsync(BulkSender sender, TemplateInstaller installer, CancellationToken stop)
    {
        IReadOnlyList<ExportRow> rows = await store.NextAsync(BatchesPerRead * options.BatchEvents, (long)BatchesPerRead * options.BatchBytes, stop);
        if (rows.Count == 0)
        {
            _lag = new(0, null);
            return false;
        }
        var rejected = new List<RejectedDocument>();
        foreach (IReadOnlyList<BulkDocument> batch in DocumentBatches.Of(rows, options.Service, options.BatchEvents, options.BatchBytes))
        {
            rejected.AddRange(await sender.SendAsync(batch, again => RepairAsync(installer, again), stop));
            Interlocked.Add(ref _sent, batch.Count);
        }
        await store.AdvanceAsync(rows, rejected, stop);
        Interlocked.Add(ref _rejected, rejected.Count);
        if (rejected.Count > 0)
            LogRejected(rejected.Count, rejected[0].Document.Id, rejected[0].Reason);
        return true;
    }

    private async Task InstallAsync(TemplateInstaller installer, CancellationToken stop)
    {
        if (await installer.EnsureAsync(stop) is { } reason)
            LogNotInstalled(reason);
    }

    /// <summary>Templates may be what is missing, after a restore or on a new server.</summary>
    private async Task RepairAsync(TemplateInstaller installer, CancellationToken stop)
    {
        try
        {
            await installer.EnsureAsync(stop);
        }
        catch (HttpRequestException error)
        {
            LogFault(error.Message, null);
        }
    }

    private async Task LookAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                _lag = await store.LagAsync(stop);
            }
            catch (Exception error) when (error is DbException && !stop.IsCancellationRequested)
            {
                LogFault(error.Message, null);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            await Task.Delay(options.Look, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Fault(string reason, Exception error)
    {
        // Tried again and again: only a new reason is told.
        if (_fault != reason)
            LogFault(reason, error);
        _fault = reason;
    }

    [LoggerMessage(2050, LogLevel.Warning, "The journal is not sent for now: {Reason}")]
    private partial void LogFault(string reason, Exception? error);

    [LoggerMessage(2051, LogLevel.Error, "Elasticsearch will not take {Count} documents, kept in export_dead_letter; the first is {Id}: {Reason}")]
    private partial void LogRejected(int count, string id, string reason);

    [LoggerMessage(2052, LogLevel.Warning, "Templates are not installed by this program: {Reason}")]
    private partial void LogNotInstalled(string reason);
}
