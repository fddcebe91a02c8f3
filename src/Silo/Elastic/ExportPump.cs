using System.Threading.Channels;

namespace ShitOps.Silo.Elastic;

/// <summary>
/// Reads the journal in order and sends it. The journal is the buffer: in memory are a few batches, made while the one
/// before is on its way, and the place in the journal moves only when all before it is stored or kept aside.
/// </summary>
internal sealed partial class ExportPump(
    ExportStore store, ExportOptions options, BulkSender sender, TemplateInstaller installer, MetricBuffer metrics, ExportMeter meter, ExportState state,
    TimeProvider time, ILogger log)
{
    /// <summary>Batches made of one look into the journal, so that a look is worth it.</summary>
    public const int BatchesPerRead = 8;

    /// <summary>Batches sent before the place is moved, while more wait.</summary>
    private const int BatchesPerAdvance = 8;

    /// <summary>Batches ready to go, besides the one on its way. One request at a time: they arrive in order.</summary>
    private const int BatchesAhead = 2;

    /// <summary>Reads and sends at once, until something fails or it is told to stop.</summary>
    /// <param name="moved">Called when the place in the journal was moved.</param>
    public async Task RunAsync(Action moved, CancellationToken stop)
    {
        var ready = Channel.CreateBounded<ExportBatch>(new BoundedChannelOptions(BatchesAhead) { SingleReader = true, SingleWriter = true });
        using var batches = new DocumentBatches(options.Service, options.BatchEvents, options.BatchBytes);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task reading = Task.Run(() => ReadAsync(batches, ready.Writer, end.Token), CancellationToken.None);
        try
        {
            await SendAsync(ready.Reader, batches, moved, stop);
        }
        finally
        {
            await end.CancelAsync();
            await reading;
            metrics.Restart();
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
                if (metrics.Take(options.BatchEvents) is { Count: > 0 } samples)
                    await ready.WriteAsync(batches.Of(samples).Seal(), stop);
                IReadOnlyList<ExportRow> rows = await store.NextAsync(read, BatchesPerRead * options.BatchEvents, (long)BatchesPerRead * options.BatchBytes, stop);
                foreach (ExportBatch batch in batches.Of(rows))
                    await ready.WriteAsync(batch.Seal(), stop);
                foreach (ExportRow row in rows)
                    read[row.Writer] = row.Number;
                if (rows.Count == 0)
                    await Task.Delay(options.Idle, time, stop);
            }
        }
        catch (Exception error)
        {
            // Handed on to the sending side.
            fault = error;
        }
        ready.Complete(fault);
    }

    private async Task SendAsync(ChannelReader<ExportBatch> ready, DocumentBatches batches, Action moved, CancellationToken stop)
    {
        var done = new Dictionary<int, long>();
        var rejected = new List<RejectedDocument>();
        int sent = 0;
        await foreach (ExportBatch batch in ready.ReadAllAsync(stop))
        {
            // Kept beyond the batch, whose bytes are used again.
            rejected.AddRange((await sender.SendAsync(batch.Documents, batch.Packed, RepairAsync, stop))
                .Select(no => no with { Document = no.Document with { Source = no.Document.Source.ToArray() } }));
            rejected.AddRange(batch.Unsendable);
            foreach ((int writer, long number) in batch.Rows)
                done[writer] = number;
            meter.Sent(batch.Count);
            if (batch.IsMetrics)
                metrics.Confirm();
            else
                state.Stored(batch.Count);
            batches.Return(batch);
            if (++sent % BatchesPerAdvance != 0 && ready.TryPeek(out _))
                continue;
            await store.AdvanceAsync(done, rejected, stop);
            Told(rejected);
            done.Clear();
            rejected.Clear();
            moved();
            state.Goes();
        }
    }

    private void Told(List<RejectedDocument> rejected)
    {
        if (rejected.Count == 0)
            return;
        meter.Rejected(rejected.Count);
        state.Rejected(rejected.Count);
        LogRejected(rejected.Count, rejected[0].Document.Id, rejected[0].Reason);
    }

    /// <summary>Templates may be what is missing, after a restore or on a new server.</summary>
    private async Task RepairAsync(CancellationToken stop)
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

    [LoggerMessage(2051, LogLevel.Error, "Elasticsearch will not take {Count} documents, kept in export_dead_letter; the first is {Id}: {Reason}")]
    private partial void LogRejected(int count, string id, string reason);
}
