using System.Buffers;

namespace ShitOps.Silo.Elastic;

/// <summary>Rows of the journal as batches of documents, in order. Pure.</summary>
internal static class DocumentBatches
{
    /// <param name="documents">In one batch at most.</param>
    /// <param name="bytes">In one batch, unless one document alone is longer.</param>
    public static IEnumerable<IReadOnlyList<BulkDocument>> Of(IEnumerable<ExportRow> rows, ServiceIdentity service, int documents, int bytes)
    {
        var batch = new List<BulkDocument>(documents);
        long size = 0;
        foreach (BulkDocument document in rows.SelectMany(row => Documents(row, service)))
        {
            if (batch.Count > 0 && (batch.Count >= documents || size + document.Source.Length > bytes))
            {
                yield return batch;
                (batch, size) = (new List<BulkDocument>(documents), 0);
            }
            batch.Add(document);
            size += document.Source.Length;
        }
        if (batch.Count > 0)
            yield return batch;
    }

    private static IEnumerable<BulkDocument> Documents(ExportRow row, ServiceIdentity service)
    {
        var output = new ArrayBufferWriter<byte>(1024);
        for (int i = 0; i < row.Events.Length; i++)
        {
            var place = new EventPlace(row.Writer, row.Number, i, row.Born);
            output.ResetWrittenCount();
            EcsDocument.Write(output, row.Events[i], place, service);
            yield return new(place.DocumentId, output.WrittenSpan.ToArray(), place);
        }
    }
}
