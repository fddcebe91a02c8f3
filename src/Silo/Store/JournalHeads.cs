using System.Data.Common;
using ShitOps.Hosting.Sealing;

namespace ShitOps.Silo.Store;

/// <summary>
/// Writes down under this writer's key where the journal ends: its own last row, and the last rows of the newest other
/// writers. A chain alone does not tell that its end was cut off; this does, up to what was written down last.
/// </summary>
internal sealed class JournalHeads(Database database, JournalWriter writer, TimeProvider time, JournalKeys? keys = null)
{
    private const int Others = 63;
    /// <summary>By this retention knows that a writer is alive which has nothing to write.</summary>
    private static readonly TimeSpan Pulse = TimeSpan.FromHours(1);

    private byte[] _told = [];
    private long _toldAt;

    /// <returns>False: there was nothing new to tell.</returns>
    public async Task<bool> TellAsync(CancellationToken stop = default)
    {
        if (keys is null || writer.Link?.Last is not { } own)
            return false;
        await using DbConnection connection = database.OpenForWriting();
        List<JournalHead> others = await database.QueryAsync(connection,
            "SELECT j.writer, j.number, j.seal FROM journal j JOIN (SELECT writer, MAX(number) AS last_ FROM journal GROUP BY writer) l ON l.writer = j.writer AND l.last_ = j.number "
            + "WHERE j.writer <> ? AND j.seal IS NOT NULL ORDER BY j.at DESC LIMIT ?", [own.Writer, Others],
            row => new JournalHead(row.GetInt32(0), row.GetInt64(1), row.Bytes(2)), stop);
        byte[] heads = JournalHead.Write([.. own.Number > 0 ? [own] : Array.Empty<JournalHead>(), .. others]);
        if (heads.AsSpan().SequenceEqual(_told) && time.GetElapsedTime(_toldAt) < Pulse)
            return false;
        int keyId = (await database.QueryAsync(connection, "SELECT key_id FROM journal_chain WHERE writer = ?", [own.Writer], row => row.GetInt32(0), stop)).FirstOrDefault(-1);
        if (await keys.FindAsync(keyId, stop) is not { } key)
            return false;
        using var seal = new JournalSeal(own.Writer, key);
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        await database.ExecuteAsync(connection, "UPDATE journal_chain SET heads = ?, heads_at = ?, heads_mark = ? WHERE writer = ?",
            heads, now, seal.Heads(now, heads), own.Writer);
        (_told, _toldAt) = (heads, time.GetTimestamp());
        return true;
    }
}

/// <summary>Tells <see cref="JournalHeads"/> every minute, and when the process ends in order.</summary>
internal sealed partial class JournalHeadsService(JournalHeads heads, TimeProvider time, ILogger<JournalHeadsService> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1), LastWord = TimeSpan.FromSeconds(2);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        using var limit = new CancellationTokenSource(LastWord, time);
        await TellAsync(limit.Token);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            await TellAsync(stoppingToken);
    }

    private async Task TellAsync(CancellationToken stop)
    {
        try
        {
            await heads.TellAsync(stop);
        }
        catch (Exception error)
        {
            LogFailed(error.Message);
        }
    }

    [LoggerMessage(2014, LogLevel.Warning, "Where the journal ends could not be written down, and is tried again in a minute: {Reason}")]
    private partial void LogFailed(string reason);
}
