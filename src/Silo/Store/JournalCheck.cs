using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using ShitOps.Grains;

namespace ShitOps.Silo.Store;

/// <summary>
/// Looks whether the journal is what its writers wrote, a part at a time, each part as of one moment: chains one after the
/// other, the rows of each in their order. Retention and silos that write meanwhile do not disturb it.
/// </summary>
internal sealed class JournalCheck(Database database, JournalChains chains, TimeProvider time)
{
    private const int RowsAtATime = 64, MostFaults = 500;
    private const long MostBytes = 32 * 1024 * 1024;
    private static readonly TimeSpan MostTime = TimeSpan.FromSeconds(2);

    /// <summary>About how many rows a part has at most.</summary>
    public int MostRows { get; init; } = 5_000;

    private sealed record Extent(long First, long Last);

    /// <param name="after"><see cref="JournalReport.Next"/> of the part before; null for the first.</param>
    /// <exception cref="FormatException">The cursor is none of ours.</exception>
    /// <exception cref="CryptographicException">The key ring cannot unwrap a key.</exception>
    public async Task<JournalReport> RunAsync(string? after, CancellationToken stop = default)
    {
        (int writer, long number) = Parse(after);
        await using DbConnection connection = await database.OpenSessionAsync(stop);
        await database.ExecuteAsync(connection, database.Snapshot);
        try
        {
            return await RunAsync(connection, writer, number, stop);
        }
        finally
        {
            await database.ExecuteAsync(connection, "ROLLBACK");
        }
    }

    private async Task<JournalReport> RunAsync(DbConnection connection, int from, long after, CancellationToken stop)
    {
        Dictionary<int, JournalChain> known = (await chains.ReadAsync(connection, stop)).ToDictionary(chain => chain.Writer);
        Dictionary<int, Extent> extents = (await database.QueryAsync(connection, "SELECT writer, MIN(number), MAX(number) FROM journal GROUP BY writer", [],
            row => (Writer: row.GetInt32(0), Extent: new Extent(row.GetInt64(1), row.GetInt64(2))), stop)).ToDictionary(found => found.Writer, found => found.Extent);
        int[] writers = [.. known.Keys.Union(extents.Keys).Where(writer => writer >= from).Order()];
        var part = new Part(time, MostRows, known.Count == 0 ? int.MaxValue : known.Values.Min(chain => chain.Since));
        string? next = null;
        foreach (int writer in writers)
        {
            long number = writer == from ? after : 0;
            if (part.IsFull)
            {
                next = Format(writer, number);
                break;
            }
            JournalChain? chain = known.GetValueOrDefault(writer);
            using JournalSeal? seal = chain is null ? null : await chains.SealAsync(chain, stop);
            if (number == 0)
                await BeginAsync(connection, part, writer, chain, seal, known, extents.GetValueOrDefault(writer), stop);
            if (extents.TryGetValue(writer, out Extent? extent) && await WalkAsync(connection, part, writer, number, extent, chain, seal, stop) is { } reached)
            {
                next = Format(writer, reached);
                break;
            }
        }
        long left = next is null ? 0 : writers.Where(extents.ContainsKey)
            .Sum(writer => extents[writer].Last - Math.Max(extents[writer].First - 1, writer == from ? after : 0)) - part.Rows - part.Unsealed;
        return new() { Rows = part.Rows, Unsealed = part.Unsealed, Faults = [.. part.Faults], Next = next, Remaining = Math.Max(0, left) };
    }

    /// <summary>What stands beside a writer's rows: its chain's beginning, where retention ended, what it saw of others, and how far it was sent.</summary>
    private async Task BeginAsync(
        DbConnection connection, Part part, int writer, JournalChain? chain, JournalSeal? seal, Dictionary<int, JournalChain> known, Extent? extent, CancellationToken stop)
    {
        if (chain is null)
        {
            if (extent is not null && writer >= part.Since)
                part.Add(JournalFaults.Unsealed, writer, extent.First, extent.Last, $"writer {part.Since} sealed its rows before this one began, and this one has no chain");
            return;
        }
        if (seal is null)
        {
            part.Add(JournalFaults.Key, writer, 0, 0, $"data key {chain.KeyId}, which its seals come from, is gone");
            return;
        }
        if (!chain.IsWhole(seal))
            part.Add(JournalFaults.Chain, writer, 0, 0, "what is kept of its chain beside the rows was changed");
        long last = Math.Max(extent?.Last ?? 0, chain.Gone);
        long sent = (await database.QueryAsync(connection, "SELECT number FROM export_cursor WHERE writer = ?", [writer], row => row.GetInt64(0), stop)).FirstOrDefault();
        if (sent > last)
            part.Add(JournalFaults.Missing, writer, last + 1, sent, "they were sent to Elasticsearch once");
        await HeadsAsync(connection, part, chain, seal, known, stop);
    }

    private async Task HeadsAsync(DbConnection connection, Part part, JournalChain chain, JournalSeal seal, Dictionary<int, JournalChain> known, CancellationToken stop)
    {
        // Without its row in journal_writer retention is done with it, and what it saw may be gone by right.
        (byte[] Heads, long At, byte[] Mark) told = (await database.QueryAsync(connection,
            "SELECT heads, heads_at, heads_mark FROM journal_chain WHERE writer = ? AND EXISTS (SELECT 1 FROM journal_writer w WHERE w.id = journal_chain.writer)",
            [chain.Writer], row => (row.Bytes(0), row.GetInt64(1), row.Bytes(2)), stop)).SingleOrDefault();
        if (told.Heads is null)
            return;
        if (!CryptographicOperations.FixedTimeEquals(seal.Heads(told.At, told.Heads), told.Mark))
        {
            part.Add(JournalFaults.Chain, chain.Writer, 0, 0, "what it wrote down of where the journal ended was changed");
            return;
        }
        foreach (JournalHead head in JournalHead.Read(told.Heads))
        {
            if (known.TryGetValue(head.Writer, out JournalChain? other) && other.Gone >= head.Number)
                continue;
            byte[]?[] found = [.. await database.QueryAsync(connection, "SELECT seal FROM journal WHERE writer = ? AND number = ?", [head.Writer, head.Number],
                row => row.BytesOrNull(0), stop)];
            string by = head.Writer == chain.Writer ? "it wrote that row down itself" : $"writer {chain.Writer} wrote that row down";
            if (found.Length == 0)
                part.Add(JournalFaults.Missing, head.Writer, head.Number, head.Number, $"{by}: the journal went at least that far");
            else if (found[0] is not { } there || !CryptographicOperations.FixedTimeEquals(there, head.Seal))
                part.Add(JournalFaults.Changed, head.Writer, head.Number, head.Number, $"{by} with another seal");
        }
    }

    /// <returns>The last row looked at, if there is more; null at the end of the chain.</returns>
    private async Task<long?> WalkAsync(
        DbConnection connection, Part part, int writer, long after, Extent extent, JournalChain? chain, JournalSeal? seal, CancellationToken stop)
    {
        long last = Math.Max(after, chain?.Gone ?? 0);
        byte[]? before = chain?.GoneSeal;
        if (chain is not null && last > chain.Gone)
        {
            List<byte[]?> reached = await database.QueryAsync(connection, "SELECT seal FROM journal WHERE writer = ? AND number = ?", [writer, last], row => row.BytesOrNull(0), stop);
            if (reached.Count == 0)
                part.Add(JournalFaults.Missing, writer, last, last, "it stood there a moment ago");
            before = reached.SingleOrDefault();
        }
        while (true)
        {
            List<JournalRow> rows = await database.QueryAsync(connection,
                $"SELECT {JournalRow.Columns} FROM journal WHERE writer = ? AND number > ? ORDER BY number LIMIT ?", [writer, last, RowsAtATime], JournalRow.Read, stop);
            foreach (JournalRow row in rows)
            {
                if (chain is not null && row.Number != last + 1)
                {
                    part.Add(JournalFaults.Missing, writer, last + 1, row.Number - 1, $"row {row.Number} follows, which cannot be checked without them");
                    before = null;
                }
                Look(part, writer, row, chain, seal, before);
                (last, before) = (row.Number, row.Seal);
            }
            if (rows.Count < RowsAtATime || last >= extent.Last)
                return null;
            if (part.IsFull)
                return last;
        }
    }

    private static void Look(Part part, int writer, JournalRow row, JournalChain? chain, JournalSeal? seal, byte[]? before)
    {
        part.Count(row, isSealed: chain is not null && row.Seal is not null);
        if (chain is null && row.Seal is not null)
            part.Add(JournalFaults.Chain, writer, row.Number, row.Number, "it is sealed, and what its writer kept of the chain is missing");
        else if (chain is not null && row.Seal is null)
            part.Add(JournalFaults.Unsealed, writer, row.Number, row.Number, "its writer sealed its rows");
        else if (seal is not null && before is not null && !row.Follows(before, seal))
            part.Add(JournalFaults.Changed, writer, row.Number, row.Number, "it is not what was written after the row before it");
    }

    private static (int Writer, long Number) Parse(string? after)
    {
        if (string.IsNullOrEmpty(after))
            return (0, 0);
        return after.Split('-') is [var writer, var number]
            && int.TryParse(writer, NumberStyles.None, CultureInfo.InvariantCulture, out int w)
            && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long n)
            ? (w, n) : throw new FormatException("not a cursor of the journal's check");
    }

    private static string Format(int writer, long number) => string.Create(CultureInfo.InvariantCulture, $"{writer}-{number}");

    /// <summary>What one part has found so far.</summary>
    private sealed class Part(TimeProvider time, int mostRows, int since)
    {
        private readonly long _start = time.GetTimestamp();
        private long _bytes;

        /// <summary>The first writer that sealed.</summary>
        public int Since => since;
        public long Rows { get; private set; }
        public long Unsealed { get; private set; }
        public List<JournalFault> Faults { get; } = [];

        public bool IsFull => Rows + Unsealed >= mostRows || _bytes >= MostBytes || Faults.Count >= MostFaults || time.GetElapsedTime(_start) >= MostTime;

        public void Count(JournalRow row, bool isSealed)
        {
            _bytes += row.Data.Length;
            if (isSealed)
                Rows++;
            else
                Unsealed++;
        }

        public void Add(string kind, int writer, long first, long last, string detail) => Faults.Add(new(kind, writer, first, last, detail));
    }
}
