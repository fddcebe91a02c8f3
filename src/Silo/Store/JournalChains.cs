using System.Data.Common;
using System.Security.Cryptography;
using ShitOps.Hosting.Sealing;

namespace ShitOps.Silo.Store;

/// <summary>A row of <c>journal_chain</c>, without its heads.</summary>
/// <param name="Since">The first writer that sealed, as far as this one knew.</param>
/// <param name="Gone">Rows up to that number were deleted by retention, the last of them with that seal.</param>
internal sealed record JournalChain(
    int Writer, int KeyId, long StartedAt, int Since, byte[] Birth, long Gone, byte[] GoneSeal, long GoneAt, byte[] GoneMark)
{
    public bool IsWhole(JournalSeal seal) =>
        CryptographicOperations.FixedTimeEquals(seal.Birth(KeyId, StartedAt, Since), Birth)
        && CryptographicOperations.FixedTimeEquals(seal.Gone(Gone, GoneAt, GoneSeal), GoneMark)
        && (Gone > 0 || GoneSeal.AsSpan().SequenceEqual(Birth));
}

/// <summary>A row of the journal as it is checked.</summary>
internal sealed record JournalRow(long Number, long At, int Events, int Bytes, byte[] Data, byte[]? Seal)
{
    public const string Columns = "number, at, events, bytes, data, seal";

    public static JournalRow Read(DbDataReader row) => new(row.GetInt64(0), row.GetInt64(1), row.GetInt32(2), row.GetInt32(3), row.Bytes(4), row.BytesOrNull(5));

    public bool Follows(byte[] before, JournalSeal seal) =>
        Seal is not null && Bytes == Data.Length && CryptographicOperations.FixedTimeEquals(seal.Row(Number, At, Events, before, Data), Seal);
}

/// <summary>The chains of all writers: their beginnings, and what retention leaves of them. Without keys there are none.</summary>
internal sealed partial class JournalChains(Database database, TimeProvider time, ILogger<JournalChains> log, JournalKeys? keys = null)
{
    private const string Columns = "writer, key_id, started_at, since, birth, gone, gone_seal, gone_at, gone_mark";
    private const int RowsAtATime = 16, Witnesses = 16;

    /// <summary>Begins the chain of a writer that is new. Null: nothing is sealed here.</summary>
    public async Task<JournalLink?> BeginAsync(DbConnection connection, int writer)
    {
        if (keys is null)
            return null;
        (int keyId, byte[] key) = await keys.CurrentAsync();
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        int since = await SinceAsync(connection, writer);
        using var seal = new JournalSeal(writer, key);
        byte[] birth = seal.Birth(keyId, now, since);
        await database.ExecuteAsync(connection,
            $"INSERT INTO journal_chain ({Columns}, heads, heads_at, heads_mark) VALUES ({Database.Marks(12)})",
            writer, keyId, now, since, birth, 0L, birth, now, seal.Gone(0, now, birth), Array.Empty<byte>(), now, seal.Heads(now, []));
        return new(writer, key, birth);
    }

    public Task<List<JournalChain>> ReadAsync(DbConnection connection, CancellationToken stop = default) =>
        database.QueryAsync(connection, $"SELECT {Columns} FROM journal_chain ORDER BY writer", [], Read, stop);

    /// <summary>Null: its key is gone, or there are no keys here.</summary>
    /// <exception cref="CryptographicException">The key ring cannot unwrap it.</exception>
    public async ValueTask<JournalSeal?> SealAsync(JournalChain chain, CancellationToken stop = default) =>
        keys is not null && await keys.FindAsync(chain.KeyId, stop) is { } key ? new(chain.Writer, key) : null;

    /// <summary>
    /// Deletes a writer's first rows, and keeps what the row after them is checked against. Rows that are not what was
    /// written are deleted too, but then that place stays where it was: what is missing is found, not forgotten.
    /// </summary>
    /// <param name="numbers">In order, and the first there are.</param>
    /// <returns>Rows deleted.</returns>
    public async Task<int> DeleteAsync(DbConnection connection, int writer, IReadOnlyList<long> numbers, CancellationToken stop)
    {
        await database.ExecuteAsync(connection, database.Begin);
        try
        {
            await AdvanceAsync(connection, writer, numbers, stop);
            int deleted = await database.ExecuteAsync(connection,
                $"DELETE FROM journal WHERE writer = ? AND number IN ({Database.Marks(numbers.Count)})", [writer, .. numbers.Cast<object?>()]);
            await database.ExecuteAsync(connection, "COMMIT");
            return deleted;
        }
        catch
        {
            await database.ExecuteAsync(connection, "ROLLBACK");
            throw;
        }
    }

    /// <summary>Forgets chains whose writers are gone, were silent since then, and of which no chain that is left can tell.</summary>
    public async Task ForgetAsync(DbConnection connection, DateTimeOffset before, CancellationToken stop)
    {
        long? oldest = (await database.QueryAsync(connection, "SELECT MIN(c.heads_at) FROM journal_chain c JOIN journal_writer w ON w.id = c.writer", [],
            row => row.IsDBNull(0) ? (long?)null : row.GetInt64(0), stop))[0];
        await database.ExecuteAsync(connection,
            "DELETE FROM journal_chain WHERE gone_at < ? AND heads_at < ? AND NOT EXISTS (SELECT 1 FROM journal_writer w WHERE w.id = journal_chain.writer)",
            oldest ?? time.GetUtcNow().ToUnixTimeMilliseconds(), before.ToColumn());
    }

    private static JournalChain Read(DbDataReader row) => new(
        row.GetInt32(0), row.GetInt32(1), row.GetInt64(2), row.GetInt32(3), row.Bytes(4), row.GetInt64(5), row.Bytes(6), row.GetInt64(7), row.Bytes(8));

    /// <summary>The first writer that sealed, as the newest of the others tell whose word can be checked.</summary>
    private async Task<int> SinceAsync(DbConnection connection, int writer)
    {
        int since = writer;
        foreach (JournalChain other in await database.QueryAsync(connection, $"SELECT {Columns} FROM journal_chain ORDER BY writer DESC LIMIT ?", [Witnesses], Read))
        {
            using JournalSeal? seal = await SealAsync(other);
            if (seal is not null && other.IsWhole(seal))
                since = Math.Min(since, other.Since);
        }
        return since;
    }

    private async Task AdvanceAsync(DbConnection connection, int writer, IReadOnlyList<long> numbers, CancellationToken stop)
    {
        JournalChain? chain = (await database.QueryAsync(connection, $"SELECT {Columns} FROM journal_chain WHERE writer = ?{database.ForUpdate}", [writer], Read, stop)).SingleOrDefault();
        if (chain is null || await SealAsync(chain, stop) is not { } seal)
            return;
        using (seal)
        {
            JournalHead? last = await LastAsync(connection, chain, seal, numbers, stop);
            if (last is null)
                Log.NotAsWritten(log, writer, numbers[0], numbers[^1]);
            if (last is null || last.Number == chain.Gone)
                return;
            long now = time.GetUtcNow().ToUnixTimeMilliseconds();
            await database.ExecuteAsync(connection, "UPDATE journal_chain SET gone = ?, gone_seal = ?, gone_at = ?, gone_mark = ? WHERE writer = ?",
                last.Number, last.Seal, now, seal.Gone(last.Number, now, last.Seal), writer);
        }
    }

    /// <summary>Null: one of these rows is missing, or not what was written.</summary>
    private async Task<JournalHead?> LastAsync(DbConnection connection, JournalChain chain, JournalSeal seal, IReadOnlyList<long> numbers, CancellationToken stop)
    {
        if (!chain.IsWhole(seal))
            return null;
        var last = new JournalHead(chain.Writer, chain.Gone, chain.GoneSeal);
        foreach (long[] some in numbers.Where(number => number > chain.Gone).Chunk(RowsAtATime))
        {
            foreach (JournalRow row in await database.QueryAsync(connection,
                $"SELECT {JournalRow.Columns} FROM journal WHERE writer = ? AND number >= ? AND number <= ? ORDER BY number", [chain.Writer, some[0], some[^1]], JournalRow.Read, stop))
            {
                if (row.Number != last.Number + 1 || !row.Follows(last.Seal, seal))
                    return null;
                last = new(chain.Writer, row.Number, row.Seal!);
            }
        }
        return last.Number == numbers[^1] || last.Number == chain.Gone ? last : null;
    }

    private static partial class Log
    {
        [LoggerMessage(2013, LogLevel.Error, "Rows {First} to {Last} of journal writer {Writer} are not as they were written; retention deleted them, and their seal is missing from now on")]
        public static partial void NotAsWritten(ILogger log, int writer, long first, long last);
    }
}
