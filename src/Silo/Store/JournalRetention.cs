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
internal sealed class JournalRetention(Database database, ICommitQueue commits, IJournalExport? export, UnsentEvents unsent, SiloMetrics metrics, TimeProvider time)
{
    private const int Step = 200;
    private const string
        All = "SELECT j.writer, j.number, j.at, j.bytes, j.events FROM journal j ORDER BY j.at LIMIT ?",
        Sent = "SELECT j.writer, j.number, j.at, j.bytes, j.events FROM journal j JOIN export_cursor c ON c.writer = j.writer AND j.number <= c.number ORDER BY j.at LIMIT ?";

    private sealed record Row(int Writer, long Number, long At, int Bytes, int Events);

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
        return deleted + await DeadLettersAsync(connection, before, stop);
    }

    /// <returns>Rows and events deleted, and the bytes that are left.</returns>
    private async Task<(int Rows, long Events, long Held)> DeleteAsync(
        DbConnection connection, string sql, DateTimeOffset before, long held, long maxBytes, CancellationToken stop)
    {
        int rows = 0;
        long events = 0;
        while (!stop.IsCancellationRequested)
        {
            List<Row> oldest = await database.QueryAsync(connection, sql, [Step],
                row => new Row(row.GetInt32(0), row.GetInt64(1), row.GetInt64(2), row.GetInt32(3), row.GetInt32(4)), stop);
            var some = new List<Row>();
            foreach (Row row in oldest)
            {
                if (row.At >= before.ToUnixTimeMilliseconds() && held <= maxBytes)
                    break;
                some.Add(row);
                held -= row.Bytes;
                events += row.Events;
            }
            foreach (IGrouping<int, Row> writer in some.GroupBy(row => row.Writer).OrderBy(group => group.Key))
            {
                rows += await database.ExecuteAsync(connection, $"DELETE FROM journal WHERE writer = ? AND number IN ({Database.Marks(writer.Count())})",
                    [writer.Key, .. writer.Select(row => row.Number).Order().Cast<object?>()]);
            }
            if (some.Count < Step)
                break;
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
