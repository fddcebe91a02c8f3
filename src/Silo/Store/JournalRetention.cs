using System.Data.Common;
using System.Globalization;
using ShitOps.Grains.Journal;
using ShitOps.Grains.Storage;
using ShitOps.Grains.Telemetry;

namespace ShitOps.Silo.Store;

/// <summary>
/// Deletes events that are old or too many. Where the journal is sent on, age takes only what was sent; the bound on bytes
/// takes what was sent first, and then the oldest, since a database that is full would stop everything: that is told.
/// </summary>
internal sealed class JournalRetention(
    Database database, JournalChains chains, ICommitQueue commits, IJournalExport? export, UnsentEvents unsent, SiloMetrics metrics, TimeProvider time)
{
    private const int Step = 200;
    /// <summary>Milliseconds within which rows of several writers count as of one age.</summary>
    private const long Together = 60_000;
    private const string
        First = "FROM journal j JOIN (SELECT writer, MIN(number) AS first_ FROM journal GROUP BY writer) f ON f.writer = j.writer AND f.first_ = j.number",
        All = $"SELECT j.writer, j.at, NULL {First}",
        Sent = $"SELECT j.writer, j.at, c.number {First} JOIN export_cursor c ON c.writer = j.writer AND j.number <= c.number";

    /// <summary>A writer's first row, and up to which number its rows may go.</summary>
    private sealed record Front(int Writer, long At, long Limit);

    private sealed record Row(long Number, long At, int Bytes, int Events);

    /// <param name="before">What is older goes.</param>
    /// <param name="maxBytes">Of all events.</param>
    /// <returns>Rows deleted.</returns>
    public async Task<int> RunAsync(DbConnection connection, DateTimeOffset before, long maxBytes, CancellationToken stop)
    {
        bool isSent = export is { IsOn: true };
        // SUM is a decimal on MySQL and null on an empty table.
        (long held, long open) = (await database.QueryAsync(connection,
            "SELECT CAST(COALESCE(SUM(j.bytes), 0) AS DECIMAL(30, 0)), CAST(COALESCE(SUM(CASE WHEN j.number > COALESCE(c.number, 0) THEN j.bytes ELSE 0 END), 0) AS DECIMAL(30, 0)) "
            + "FROM journal j LEFT JOIN export_cursor c ON c.writer = j.writer", [],
            row => (Convert.ToInt64(row.GetValue(0), CultureInfo.InvariantCulture), Convert.ToInt64(row.GetValue(1), CultureInfo.InvariantCulture)), stop))[0];
        if (isSent)
            unsent.Saw(open, maxBytes);
        (int deleted, _, held) = await DeleteAsync(connection, isSent ? Sent : All, before, held, maxBytes, stop);
        if (isSent && held > maxBytes)
        {
            (int rows, long lost, held) = await DeleteAsync(connection, All, DateTimeOffset.UnixEpoch, held, maxBytes, stop);
            deleted += rows;
            unsent.Lost(lost);
            await commits.CommitAsync(new Commit([new Note
            {
                Events = [new JournalEvent(EventTypes.ExportLost, time.GetUtcNow()) { Reason = string.Create(CultureInfo.InvariantCulture, $"{lost} events: Journal:MaxBytes") }],
            }]));
        }
        metrics.JournalSize(held);
        await database.ExecuteAsync(connection,
            "DELETE FROM journal_writer WHERE started_at < ? AND NOT EXISTS (SELECT 1 FROM journal WHERE journal.writer = journal_writer.id) "
            + "AND NOT EXISTS (SELECT 1 FROM hub WHERE hub.writer = journal_writer.id)", before.ToColumn());
        await database.ExecuteAsync(connection,
            "DELETE FROM export_cursor WHERE NOT EXISTS (SELECT 1 FROM journal_writer WHERE journal_writer.id = export_cursor.writer)");
        await chains.ForgetAsync(connection, before, stop);
        return deleted + await DeadLettersAsync(connection, before, stop);
    }

    /// <summary>
    /// The oldest first, and of a writer always its first rows, so that what is left of it is a chain still. Clocks may
    /// step back: a row counts as no older than those before it.
    /// </summary>
    /// <param name="fronts">All, or those that were sent.</param>
    /// <returns>Rows and events deleted, and the bytes that are left.</returns>
    private async Task<(int Rows, long Events, long Held)> DeleteAsync(
        DbConnection connection, string fronts, DateTimeOffset before, long held, long maxBytes, CancellationToken stop)
    {
        int rows = 0;
        long events = 0;
        var oldest = new PriorityQueue<Front, long>();
        foreach (Front front in await database.QueryAsync(connection, fronts, [],
            row => new Front(row.GetInt32(0), row.GetInt64(1), row.IsDBNull(2) ? long.MaxValue : row.GetInt64(2)), stop))
            oldest.Enqueue(front, front.At);
        bool Goes(long at) => at < before.ToUnixTimeMilliseconds() || held > maxBytes;
        while (!stop.IsCancellationRequested && oldest.TryDequeue(out Front? front, out long at) && Goes(at))
        {
            long until = oldest.TryPeek(out _, out long next) ? next + Together : long.MaxValue;
            List<Row> some = await database.QueryAsync(connection,
                "SELECT number, at, bytes, events FROM journal WHERE writer = ? AND number <= ? ORDER BY number LIMIT ?", [front.Writer, front.Limit, Step],
                row => new Row(row.GetInt64(0), row.GetInt64(1), row.GetInt32(2), row.GetInt32(3)), stop);
            var gone = new List<long>(some.Count);
            foreach (Row row in some)
            {
                at = Math.Max(at, row.At);
                if (!Goes(at) || (gone.Count > 0 && at > until))
                    break;
                gone.Add(row.Number);
                held -= row.Bytes;
                events += row.Events;
            }
            if (gone.Count > 0)
                rows += await chains.DeleteAsync(connection, front.Writer, gone, stop);
            if (gone.Count < some.Count || some.Count == Step)
                oldest.Enqueue(front, at);
        }
        return (rows, events, held);
    }

    /// <summary>Documents that Elasticsearch would not take are kept as long as events.</summary>
    private async Task<int> DeadLettersAsync(DbConnection connection, DateTimeOffset before, CancellationToken stop)
    {
        int deleted = 0;
        while (!stop.IsCancellationRequested)
        {
            List<object?> ids = await database.QueryAsync<object?>(connection, "SELECT id FROM export_dead_letter WHERE at < ? ORDER BY at LIMIT ?",
                [before.ToColumn(), Step], row => row.GetString(0), stop);
            if (ids.Count == 0)
                break;
            deleted += await database.ExecuteAsync(connection, $"DELETE FROM export_dead_letter WHERE id IN ({Database.Marks(ids.Count)})", ids);
        }
        return deleted;
    }
}
