using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Json;

namespace ShitOps.Silo.Elastic;

/// <summary>Rows of the journal and samples as batches of documents, in order, not sealed yet. One thread makes them, another may give them back.</summary>
/// <param name="documents">In one batch at most.</param>
/// <param name="bytes">In one batch, unless one document alone is longer.</param>
internal sealed class DocumentBatches(ServiceIdentity service, int documents, int bytes) : IDisposable
{
    private readonly ConcurrentBag<ExportBatch> _free = [];
    private readonly ArrayBufferWriter<byte> _one = new(4096);
    private readonly Utf8JsonWriter _json = new(Stream.Null, EcsDocument.Options);

    public IEnumerable<ExportBatch> Of(IEnumerable<ExportRow> rows)
    {
        ExportBatch batch = New();
        foreach (ExportRow row in rows)
        {
            if (row.Fault is { } fault)
            {
                var place = new EventPlace(row.Writer, row.Number, 0, row.Born);
                batch.Unsendable.Add(new(new(place.DocumentId, row.Raw, place), 0, "unreadable", fault));
            }
            for (int i = 0; i < row.Events.Length; i++)
            {
                var place = new EventPlace(row.Writer, row.Number, i, row.Born);
                _one.ResetWrittenCount();
                _json.Reset(_one);
                EcsDocument.Write(_json, row.Events[i], place, service);
                if (IsFull(batch))
                {
                    yield return batch;
                    batch = New();
                }
                batch.Add(place.DocumentId, _one.WrittenSpan, place);
            }
            batch.Rows[row.Writer] = row.Number;
        }
        if (batch.Rows.Count > 0)
            yield return batch;
        else
            Return(batch);
    }

    /// <summary>One batch; no more samples than it takes.</summary>
    public ExportBatch Of(IReadOnlyList<MetricSample> samples)
    {
        ExportBatch batch = New();
        batch.IsMetrics = true;
        foreach (MetricSample sample in samples)
        {
            _one.ResetWrittenCount();
            _json.Reset(_one);
            EcsMetric.Write(_json, sample, service);
            batch.Add(sample.DocumentId, _one.WrittenSpan, default);
        }
        return batch;
    }

    public void Return(ExportBatch batch)
    {
        batch.Clear();
        _free.Add(batch);
    }

    public void Dispose()
    {
        _json.Dispose();
        foreach (ExportBatch batch in _free)
            batch.Dispose();
    }

    private bool IsFull(ExportBatch batch) => batch.Count > 0 && (batch.Count >= documents || batch.Bytes + _one.WrittenCount > bytes);

    private ExportBatch New() => _free.TryTake(out ExportBatch? batch) ? batch : new();
}
