using System.Buffers;
using System.IO.Compression;

namespace ShitOps.Silo.Elastic;

/// <summary>
/// Documents for one request, as plain bytes one after the other and as the packed body. Used again and again: what it
/// handed out is gone after <see cref="Clear"/>.
/// </summary>
internal sealed class ExportBatch : IDisposable
{
    private readonly ArrayBufferWriter<byte> _plain = new(256 * 1024);
    private readonly List<(string Id, int End, EventPlace Place)> _parts = [];
    private readonly List<BulkDocument> _documents = [];
    private readonly MemoryStream _packed = new();

    public int Count => _parts.Count;

    /// <summary>Of all documents, before they are packed.</summary>
    public int Bytes => _plain.WrittenCount;

    /// <summary>After <see cref="Seal"/>.</summary>
    public IReadOnlyList<BulkDocument> Documents => _documents;

    /// <summary>The body of a request that holds all documents. After <see cref="Seal"/>.</summary>
    public ReadOnlyMemory<byte> Packed => _packed.GetBuffer().AsMemory(0, (int)_packed.Length);

    /// <summary>Writer → the last row of which every document is in this batch or one before.</summary>
    public Dictionary<int, long> Rows { get; } = [];

    /// <summary>What cannot be sent at all.</summary>
    public List<RejectedDocument> Unsendable { get; } = [];

    /// <summary>Whether it holds samples, not events.</summary>
    public bool IsMetrics { get; set; }

    public void Add(string id, ReadOnlySpan<byte> source, EventPlace place)
    {
        _plain.Write(source);
        _parts.Add((id, _plain.WrittenCount, place));
    }

    public ExportBatch Seal()
    {
        int start = 0;
        foreach ((string id, int end, EventPlace place) in _parts)
        {
            _documents.Add(new(id, _plain.WrittenMemory[start..end], place));
            start = end;
        }
        Pack(_documents, _packed);
        return this;
    }

    public void Clear()
    {
        _plain.ResetWrittenCount();
        _parts.Clear();
        _documents.Clear();
        _packed.SetLength(0);
        Rows.Clear();
        Unsendable.Clear();
        IsMetrics = false;
    }

    public void Dispose() => _packed.Dispose();

    /// <summary>Writes the body of a request: two lines for each document, packed.</summary>
    public static void Pack(IReadOnlyList<BulkDocument> documents, MemoryStream packed)
    {
        const int chunk = 64 * 1024;
        using var zip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true);
        var lines = new ArrayBufferWriter<byte>(chunk + 16 * 1024);
        foreach (BulkDocument document in documents)
        {
            lines.Write("{\"create\":{\"_id\":\""u8);
            int length = System.Text.Encoding.ASCII.GetBytes(document.Id, lines.GetSpan(document.Id.Length));
            lines.Advance(length);
            lines.Write("\"}}\n"u8);
            lines.Write(document.Source.Span);
            lines.Write("\n"u8);
            if (lines.WrittenCount < chunk)
                continue;
            zip.Write(lines.WrittenSpan);
            lines.ResetWrittenCount();
        }
        zip.Write(lines.WrittenSpan);
    }
}
