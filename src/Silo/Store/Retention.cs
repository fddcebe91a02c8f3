using System.Data.Common;
using Microsoft.Extensions.Options;

namespace ShitOps.Silo.Store;

/// <summary>How long things are kept. Bound from the sections Journal and Messages.</summary>
public sealed class RetentionOptions
{
    public JournalOptions Journal { get; set; } = new();
    public MessageOptions Messages { get; set; } = new();

    public sealed class JournalOptions
    {
        /// <summary>Days an event is kept, 1 to 3,650; longer where it waits to be sent to Elasticsearch.</summary>
        public int RetentionDays { get; set; } = 30;
        /// <summary>Compressed bytes of all events; the oldest go first. At least 1 MiB.</summary>
        public long MaxBytes { get; set; } = 10L << 30;
    }

    public sealed class MessageOptions
    {
        /// <summary>Days a settled message is kept, 1 to 3,650.</summary>
        public int RetentionDays { get; set; } = 30;
    }

    internal sealed class Validator : IValidateOptions<RetentionOptions>
    {
        public ValidateOptionsResult Validate(string? name, RetentionOptions options)
        {
            var faults = new List<string>();
            if (options.Journal.RetentionDays is < 1 or > 3650)
                faults.Add("Journal:RetentionDays must be 1 to 3650");
            if (options.Journal.MaxBytes < 1 << 20)
                faults.Add("Journal:MaxBytes must be at least 1048576");
            if (options.Messages.RetentionDays is < 1 or > 3650)
                faults.Add("Messages:RetentionDays must be 1 to 3650");
            return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
        }
    }
}

/// <summary>Deletes what is old, in small steps so that no step holds others up. Several silos may do so at once.</summary>
internal sealed class Retention(Database database, JournalRetention journal, IOptions<RetentionOptions> options, TimeProvider time)
{
    private const int Step = 200;
    private static readonly TimeSpan UploadWindow = TimeSpan.FromDays(1);
    private readonly WorkRetention _work = new(database);

    /// <returns>Rows deleted.</returns>
    public async Task<int> RunAsync(CancellationToken stop = default)
    {
        await using DbConnection connection = database.OpenForWriting();
        DateTimeOffset now = time.GetUtcNow();
        return await journal.RunAsync(connection, now - TimeSpan.FromDays(options.Value.Journal.RetentionDays), options.Value.Journal.MaxBytes, stop)
            + await MessagesAsync(connection, now - TimeSpan.FromDays(options.Value.Messages.RetentionDays), stop)
            + await _work.AsksAsync(connection, now - TimeSpan.FromDays(options.Value.Messages.RetentionDays), stop)
            + await _work.WorkflowsAsync(connection, now - TimeSpan.FromDays(options.Value.Messages.RetentionDays), stop)
            + await KeysAsync(connection, now, stop)
            + await AttachmentsAsync(connection, now - TimeSpan.FromDays(options.Value.Messages.RetentionDays), now - UploadWindow, stop);
    }

    // Settled for good: no inbox waits for it, nobody has yet to decide on it.
    private async Task<int> MessagesAsync(DbConnection connection, DateTimeOffset before, CancellationToken stop)
    {
        int deleted = 0;
        object after = Guid.Empty.ToColumn();
        while (!stop.IsCancellationRequested)
        {
            List<(Guid Id, bool Over)> some = await database.QueryAsync(connection,
                "SELECT m.id, m.state >= 10 AND m.settled_at < ? AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.message_id = m.id AND d.state = 0) "
                + "AND NOT EXISTS (SELECT 1 FROM dead_letter x WHERE x.message_id = m.id) "
                + "AND NOT EXISTS (SELECT 1 FROM quarantine q WHERE q.message_id = m.id AND q.state = 'waiting') "
                + "AND NOT EXISTS (SELECT 1 FROM ask a WHERE a.id = m.id AND a.state = 0) "
                + "FROM message m WHERE m.id > ? AND m.id < ? ORDER BY m.id LIMIT ?",
                [before.ToColumn(), after, FirstIdOf(before), Step], row => (row.Id(0), !row.IsDBNull(1) && row.GetInt32(1) != 0), stop);
            if (some.Count == 0)
                break;
            after = some[^1].Id.ToColumn();
            List<object?> ids = [.. some.Where(m => m.Over).Select(m => m.Id.ToColumn())];
            if (ids.Count > 0)
                deleted += await DeleteAsync(connection, ids, ("delivery", "message_id"), ("message_attachment", "message_id"), ("message", "id"));
        }
        return deleted;
    }

    private async Task<int> KeysAsync(DbConnection connection, DateTimeOffset now, CancellationToken stop)
    {
        int deleted = 0;
        while (!stop.IsCancellationRequested)
        {
            List<(string From, byte[] Key)> some = await database.QueryAsync(connection,
                "SELECT from_team, key_ FROM idempotency WHERE expires_at < ? ORDER BY expires_at LIMIT ?", [now.ToColumn(), Step],
                row => (row.GetString(0), row.Bytes(1)), stop);
            foreach (IGrouping<string, (string From, byte[] Key)> team in some.GroupBy(row => row.From))
            {
                deleted += await database.ExecuteAsync(connection,
                    $"DELETE FROM idempotency WHERE from_team = ? AND expires_at < ? AND key_ IN ({Database.Marks(team.Count())})",
                    [team.Key, now.ToColumn(), .. team.Select(row => row.Key)]);
            }
            if (some.Count < Step)
                break;
        }
        return deleted;
    }

    private async Task<int> AttachmentsAsync(DbConnection connection, DateTimeOffset before, DateTimeOffset uploadsBefore, CancellationToken stop)
    {
        int deleted = 0;
        foreach (string sql in new[]
        {
            "SELECT a.id FROM attachment a WHERE a.id < ? AND NOT EXISTS (SELECT 1 FROM message_attachment m WHERE m.attachment_id = a.id) "
            + "AND NOT EXISTS (SELECT 1 FROM quarantine q WHERE q.attachment_id = a.id AND q.state = 'waiting') ORDER BY a.id LIMIT 20",
            "SELECT DISTINCT c.attachment_id FROM attachment_chunk c WHERE c.attachment_id < ? "
            + "AND NOT EXISTS (SELECT 1 FROM attachment a WHERE a.id = c.attachment_id) ORDER BY c.attachment_id LIMIT 20",
        })
        {
            object bound = FirstIdOf(sql.Contains("DISTINCT", StringComparison.Ordinal) ? uploadsBefore : before);
            while (!stop.IsCancellationRequested)
            {
                List<object?> ids = [.. (await database.QueryAsync(connection, sql, [bound], row => row.Id(0), stop)).Select(id => id.ToColumn())];
                if (ids.Count == 0)
                    break;
                deleted += await DeleteAsync(connection, ids, ("attachment_chunk", "attachment_id"), ("attachment", "id"));
            }
        }
        return deleted;
    }

    private async Task<int> DeleteAsync(DbConnection connection, List<object?> ids, params (string Table, string Column)[] tables)
    {
        int deleted = 0;
        foreach ((string table, string column) in tables)
        {
            deleted += await database.ExecuteAsync(connection, $"DELETE FROM {table} WHERE {column} IN ({Database.Marks(ids.Count)})", ids);
        }
        return deleted;
    }

    /// <summary>Ids are UUIDv7: the first 48 bits are the time of making in milliseconds.</summary>
    internal static byte[] FirstIdOf(DateTimeOffset time)
    {
        byte[] id = new byte[16];
        long milliseconds = Math.Max(0, time.ToUnixTimeMilliseconds());
        for (int i = 5; i >= 0; i--, milliseconds >>= 8)
            id[i] = (byte)milliseconds;
        return id;
    }
}

/// <summary>Runs <see cref="Retention"/> every ten minutes; what fails is tried at the next turn.</summary>
internal sealed partial class RetentionService(Retention retention, TimeProvider time, ILogger<RetentionService> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                if (await retention.RunAsync(stoppingToken) is > 0 and int deleted)
                    Log.Deleted(log, deleted);
            }
            catch (Exception error) when (!stoppingToken.IsCancellationRequested)
            {
                Log.Failed(log, error);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2010, LogLevel.Information, "Retention deleted {Rows} rows")]
        public static partial void Deleted(ILogger log, int rows);

        [LoggerMessage(2011, LogLevel.Warning, "Retention failed and is tried again in ten minutes")]
        public static partial void Failed(ILogger log, Exception error);
    }
}
