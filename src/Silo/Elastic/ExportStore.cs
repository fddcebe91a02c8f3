using System.Data.Common;
using System.Globalization;
using ShitOps.Grains.Journal;
using ShitOps.Silo.Store;

namespace ShitOps.Silo.Elastic;

/// <summary>A row of the journal with its events.</summary>
/// <param name="Born">When its writer was registered, Unix milliseconds.</param>
internal sealed record ExportRow(int Writer, long Number, long At, long Born, JournalEvent[] Events)
{
    /// <summary>Why its bytes are no events; null if they are.</summary>
    public string? Fault { get; init; }

    /// <summary>As stored, if they are no events.</summary>
    public byte[] Raw { get; init; } = [];
}

/// <summary>A document that Elasticsearch would not take, and why.</summary>
/// <param name="Status">As Elasticsearch answered; 0 for a row of the journal that nobody can read, whose bytes are the document.</param>
internal sealed record ExportDeadLetter(string Id, int Status, string Type, string Reason, byte[] Document, DateTimeOffset At);

/// <summary>What the journal holds that was not sent.</summary>
/// <param name="Oldest">Of the oldest row; null if there is none.</param>
internal sealed record ExportLag(long Events, DateTimeOffset? Oldest);

/// <summary>
/// The journal as the exporter sees it: a place for each writer, and the rows after it. Within a writer numbers are
/// committed in order, so a place passes over nothing that is committed later.
/// </summary>
internal sealed class ExportStore(Database database, TimeProvider time)
{
    private const int WritersPerQuery = 100, HeadsPerWriter = 256, ReasonLength = 1000, TypeLength = 128;

    private sealed record Head(int Writer, long Number, long At, int Events, int Bytes);

    /// <summary>The oldest rows that were not sent: at least one if there is any, then as many as fit.</summary>
    /// <param name="read">Writer → the last row that was read already, though the place may not have moved there yet.</param>
    /// <param name="events">About how many; a row is never cut.</param>
    /// <param name="bytes">Of the rows as stored.</param>
    public async Task<IReadOnlyList<ExportRow>> NextAsync(IReadOnlyDictionary<int, long> read, int events, long bytes, CancellationToken stop)
    {
        await using DbConnection connection = await database.OpenReaderAsync(stop);
        Dictionary<int, (long Born, long After)> places = await PlacesAsync(connection, stop);
        foreach ((int writer, long number) in read)
        {
            if (places.TryGetValue(writer, out (long Born, long After) place))
                places[writer] = (place.Born, Math.Max(place.After, number));
        }
        List<Head> heads = Choose(await HeadsAsync(connection, places, stop), events, bytes);
        var rows = new Dictionary<(int, long), byte[]>();
        foreach (IGrouping<int, Head> writer in heads.GroupBy(head => head.Writer))
        {
            foreach ((long number, byte[] data) in await database.QueryInAsync(connection, "SELECT number, data FROM journal WHERE writer = ? AND number IN ({0})",
                [writer.Key], [.. writer.Select(head => (object?)head.Number)], row => (row.GetInt64(0), row.Bytes(1)), stop))
                rows[(writer.Key, number)] = data;
        }
        // A row that retention took meanwhile is passed over.
        return [.. heads.Select(head => Row(head, places[head.Writer].Born, rows.GetValueOrDefault((head.Writer, head.Number), [])))];
    }

    /// <summary>Whether the same would fail again and again.</summary>
    public bool IsPermanent(Exception error) => error is not (HttpRequestException or OperationCanceledException) && database.Classify(error) == Fault.Permanent;

    private static ExportRow Row(Head head, long born, byte[] data)
    {
        var row = new ExportRow(head.Writer, head.Number, head.At, born, []);
        try
        {
            return row with { Events = JournalCodec.Decode(data) };
        }
        // A row of a later version waits for a silo that can read it; one that nobody can read does not hold up the rest.
        catch (Exception error) when (!JournalCodec.IsLater(data))
        {
            return row with { Fault = error.Message, Raw = data };
        }
    }

    /// <summary>Everything up to these rows is sent. A place never goes back, so two exporters do each other no harm.</summary>
    /// <param name="sent">Writer → row.</param>
    public async Task AdvanceAsync(IReadOnlyDictionary<int, long> sent, IReadOnlyList<RejectedDocument> rejected, CancellationToken stop)
    {
        if (sent.Count == 0 && rejected.Count == 0)
            return;
        await using DbConnection connection = await database.OpenReaderAsync(stop);
        object now = time.GetUtcNow().ToColumn();
        // First: they are lost if the place moves without them, and stored twice they are known by their id.
        foreach ((BulkDocument document, int status, string type, string reason) in rejected)
        {
            await database.ExecuteAsync(connection,
                "INSERT INTO export_dead_letter (id, writer, number, place, status, type, reason, document, at) VALUES (?,?,?,?,?,?,?,?,?)" + database.OrIgnore("id"),
                document.Id, document.Place.Writer, document.Place.Number, document.Place.Index, status, Cut(type, TypeLength), Cut(reason, ReasonLength), document.Source.ToArray(), now);
        }
        if (sent.Count == 0)
            return;
        // One commit for all, and in one order for all: two exporters wait for each other, but not in a circle.
        await database.ExecuteAsync(connection,
            $"INSERT INTO export_cursor (writer, number, updated_at) VALUES {string.Join(',', Enumerable.Repeat("(?,?,?)", sent.Count))}{database.OrGreater("writer", "number", "updated_at")}",
            [.. sent.OrderBy(place => place.Key).SelectMany(place => new object?[] { place.Key, place.Value, now })]);
    }

    /// <summary>The newest documents that Elasticsearch would not take, as they were sent.</summary>
    public Task<List<ExportDeadLetter>> DeadLettersAsync(int count, CancellationToken stop) => database.QueryAsync(
        "SELECT id, status, type, reason, document, at FROM export_dead_letter ORDER BY at DESC, id LIMIT ?", [count],
        row => new ExportDeadLetter(row.GetString(0), row.GetInt32(1), row.GetString(2), row.GetString(3), row.Bytes(4), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(5))), stop);

    public async Task<ExportLag> LagAsync(CancellationToken stop)
    {
        List<(long Events, long? Oldest)> sums = await database.QueryAsync(
            "SELECT CAST(COALESCE(SUM(j.events), 0) AS DECIMAL(30, 0)), MIN(j.at) FROM journal_writer w LEFT JOIN export_cursor c ON c.writer = w.id "
            + "JOIN journal j ON j.writer = w.id AND j.number > COALESCE(c.number, 0)", [],
            row => (Convert.ToInt64(row.GetValue(0), CultureInfo.InvariantCulture), row.IsDBNull(1) ? (long?)null : row.GetInt64(1)), stop);
        return new(sums[0].Events, sums[0].Oldest is { } oldest ? DateTimeOffset.FromUnixTimeMilliseconds(oldest) : null);
    }

    private async Task<Dictionary<int, (long Born, long After)>> PlacesAsync(DbConnection connection, CancellationToken stop) =>
        (await database.QueryAsync(connection, "SELECT w.id, w.started_at, COALESCE(c.number, 0) FROM journal_writer w LEFT JOIN export_cursor c ON c.writer = w.id "
            + "WHERE EXISTS (SELECT 1 FROM journal j WHERE j.writer = w.id AND j.number > COALESCE(c.number, 0))", [],
            row => (Id: row.GetInt32(0), Born: row.GetInt64(1), After: row.GetInt64(2)), stop)).ToDictionary(w => w.Id, w => (w.Born, w.After));

    private async Task<List<Head>> HeadsAsync(DbConnection connection, Dictionary<int, (long Born, long After)> places, CancellationToken stop)
    {
        var heads = new List<Head>();
        foreach (KeyValuePair<int, (long Born, long After)>[] some in places.Chunk(WritersPerQuery))
        {
            string sql = string.Join(" UNION ALL ", some.Select((_, i) => string.Create(CultureInfo.InvariantCulture,
                $"SELECT * FROM (SELECT writer, number, at, events, bytes FROM journal WHERE writer = ? AND number > ? ORDER BY number LIMIT {HeadsPerWriter}) h{i}")));
            heads.AddRange(await database.QueryAsync(connection, sql, [.. some.SelectMany(w => new object?[] { w.Key, w.Value.After })],
                row => new Head(row.GetInt32(0), row.GetInt64(1), row.GetInt64(2), row.GetInt32(3), row.GetInt32(4)), stop));
        }
        return heads;
    }

    /// <summary>Oldest first over all writers, as far as the heads allow to say so; within a writer always by number.</summary>
    private static List<Head> Choose(List<Head> heads, int events, long bytes)
    {
        var ordered = new List<(long At, Head Head)>(heads.Count);
        long horizon = long.MaxValue;
        foreach (IGrouping<int, Head> writer in heads.GroupBy(head => head.Writer))
        {
            // Clocks may step back: a row counts as no older than those before it.
            long at = 0;
            foreach (Head head in writer.OrderBy(head => head.Number))
                ordered.Add((at = Math.Max(at, head.At), head));
            if (writer.Count() == HeadsPerWriter)
                horizon = Math.Min(horizon, at);
        }
        var chosen = new List<Head>();
        long count = 0, size = 0;
        foreach ((long at, Head head) in ordered.OrderBy(o => o.At).ThenBy(o => o.Head.Writer).ThenBy(o => o.Head.Number))
        {
            count += head.Events;
            size += head.Bytes;
            if (at > horizon || (chosen.Count > 0 && (count > events || size > bytes)))
                break;
            chosen.Add(head);
        }
        return chosen;
    }

    private static string Cut(string text, int length) => text.Length <= length ? text : text[..length];
}
