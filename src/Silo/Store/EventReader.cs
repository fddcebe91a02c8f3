using System.Buffers.Text;
using System.Data.Common;
using System.Globalization;
using System.Text;
using ShitOps.Grains;
using ShitOps.Grains.Journal;

namespace ShitOps.Silo.Store;

/// <summary>
/// Reads the journal. Pages go forward by a place in every writer's rows: a row that commits late is behind no cursor,
/// because within one writer numbers never commit out of order.
/// </summary>
internal sealed class EventReader(Database database)
{
    /// <summary>Journal rows opened for one page at most; then the page ends, found what it may.</summary>
    private const int RowsPerPage = 256;
    private const string MessageTrails = "SELECT trail FROM message WHERE id = ? UNION ALL SELECT trail FROM delivery WHERE message_id = ?";
    private const int HeadsPerWriter = 64, WritersPerQuery = 100, RowsAtATime = 16;

    private readonly record struct Place(int Writer, long Number, long At) : IComparable<Place>
    {
        public int CompareTo(Place other) => (At, Writer, Number).CompareTo((other.At, other.Writer, other.Number));
    }

    public Task<IReadOnlyList<EventView>> TraceAsync(Guid message, CancellationToken stop) =>
        TraceAsync(MessageTrails, message, told => told.Message == message, stop);

    /// <summary>What is told of an ask: its teams and nodes have trails of their own, and its question has those of a message.</summary>
    public Task<IReadOnlyList<EventView>> TraceAskAsync(Guid ask, CancellationToken stop) => TraceAsync(
        MessageTrails + " UNION ALL SELECT trail FROM ask WHERE id = ? UNION ALL SELECT trail FROM ask_node WHERE ask_id = ? UNION ALL SELECT trail FROM ask_team WHERE ask_id = ?",
        ask, told => told.Reference == ask, stop);

    public Task<IReadOnlyList<EventView>> TraceTaskAsync(Guid task, CancellationToken stop) =>
        TraceAsync("SELECT trail FROM task WHERE id = ?", task, told => told.Reference == task, stop);

    /// <param name="sql">Selects trails; each of its values is the id.</param>
    private async Task<IReadOnlyList<EventView>> TraceAsync(string sql, Guid id, Func<JournalEvent, bool> concerns, CancellationToken stop)
    {
        await using DbConnection connection = await database.OpenReaderAsync(stop);
        object?[] keys = [.. Enumerable.Repeat(id.ToColumn(), sql.Count(c => c == '?'))];
        List<byte[]> trails = await database.QueryAsync(connection, sql, keys, row => row.Bytes(0), stop);
        var found = new List<(TrailRef Row, int Index, JournalEvent Event)>();
        foreach (IGrouping<int, TrailRef> writer in trails.SelectMany(TrailRef.ReadAll).Distinct().GroupBy(row => row.Writer))
        {
            await ReadRowsAsync(connection, writer.Key, [.. writer.Select(row => row.Number)], (number, events) =>
            {
                for (int i = 0; i < events.Length; i++)
                {
                    if (concerns(events[i]))
                        found.Add((new(writer.Key, number), i, events[i]));
                }
            }, stop);
        }
        return [.. found.OrderBy(f => f.Event.At).ThenBy(f => f.Row.Writer).ThenBy(f => f.Row.Number).ThenBy(f => f.Index)
            .Select(f => View(f.Event, f.Row.Writer, f.Row.Number, f.Index))];
    }

    /// <exception cref="FormatException">The cursor is none of ours.</exception>
    public async Task<Page<EventView>> EventsAsync(EventQuery query, CancellationToken stop)
    {
        Dictionary<int, EventCursor.Position> cursor = EventCursor.Parse(query.After);
        await using DbConnection connection = await database.OpenReaderAsync(stop);
        List<(int Writer, long Last)> writers = await database.QueryAsync(connection,
            "SELECT writer, MAX(number) FROM journal GROUP BY writer ORDER BY writer", [], row => (row.GetInt32(0), row.GetInt64(1)), stop);
        (List<Place> places, bool more) = await NextRowsAsync(connection,
            [.. writers.Where(w => w.Last > cursor.GetValueOrDefault(w.Writer).Number)], cursor, stop);

        var items = new List<EventView>();
        int taken = 0;
        for (; taken < places.Count && items.Count < query.Limit; taken += RowsAtATime)
        {
            List<Place> some = [.. places.Skip(taken).Take(RowsAtATime)];
            var rows = new Dictionary<(int, long), JournalEvent[]>();
            foreach (IGrouping<int, Place> writer in some.GroupBy(place => place.Writer))
                await ReadRowsAsync(connection, writer.Key, [.. writer.Select(p => p.Number)], (number, events) => rows[(writer.Key, number)] = events, stop);
            foreach (Place place in some)
            {
                if (items.Count >= query.Limit)
                    return new([.. items], EventCursor.Format(cursor, writers.Select(w => w.Writer)));
                JournalEvent[] events = rows.GetValueOrDefault((place.Writer, place.Number), []);
                EventCursor.Position at = cursor.GetValueOrDefault(place.Writer);
                int index = at.Number == place.Number - 1 ? at.Events : 0;
                for (; index < events.Length && items.Count < query.Limit; index++)
                {
                    if (Matches(events[index], query))
                        items.Add(View(events[index], place.Writer, place.Number, index));
                }
                cursor[place.Writer] = index < events.Length ? new(place.Number - 1, index) : new(place.Number, 0);
            }
        }
        bool unfinished = more || taken < places.Count || places.Any(p => cursor.GetValueOrDefault(p.Writer).Number < p.Number);
        return new([.. items], unfinished ? EventCursor.Format(cursor, writers.Select(w => w.Writer)) : null);
    }

    /// <summary>The next rows of all writers, oldest first, as far as the heads read allow to say so.</summary>
    private async Task<(List<Place> Places, bool More)> NextRowsAsync(
        DbConnection connection, List<(int Writer, long Last)> writers, Dictionary<int, EventCursor.Position> cursor, CancellationToken stop)
    {
        var heads = new List<Place>();
        foreach ((int Writer, long Last)[] some in writers.Chunk(WritersPerQuery))
        {
            string sql = string.Join(" UNION ALL ", some.Select((_, i) => string.Create(CultureInfo.InvariantCulture,
                $"SELECT * FROM (SELECT writer, number, at FROM journal WHERE writer = ? AND number > ? ORDER BY number LIMIT {HeadsPerWriter}) h{i}")));
            heads.AddRange(await database.QueryAsync(connection, sql,
                [.. some.SelectMany(w => new object?[] { w.Writer, cursor.GetValueOrDefault(w.Writer).Number })],
                row => new Place(row.GetInt32(0), row.GetInt64(1), row.GetInt64(2)), stop));
        }
        // Beyond the last head read of a writer that has more, the order is not known yet. Clocks may step back: a row
        // counts as no older than those before it.
        var last = writers.ToDictionary(w => w.Writer, w => w.Last);
        Place? horizon = null;
        var ordered = new List<Place>(heads.Count);
        foreach (IGrouping<int, Place> writer in heads.GroupBy(head => head.Writer))
        {
            long at = 0;
            foreach (Place head in writer.OrderBy(head => head.Number))
            {
                at = Math.Max(at, head.At);
                ordered.Add(head with { At = at });
            }
            if (ordered[^1].Number < last[writer.Key] && (horizon is null || ordered[^1].CompareTo(horizon.Value) < 0))
                horizon = ordered[^1];
        }
        List<Place> places = [.. ordered.Where(p => horizon is null || p.CompareTo(horizon.Value) <= 0).Order().Take(RowsPerPage)];
        return (places, places.Count < ordered.Count || horizon is not null);
    }

    private async Task ReadRowsAsync(DbConnection connection, int writer, IReadOnlyList<long> numbers, Action<long, JournalEvent[]> take, CancellationToken stop)
    {
        foreach (long[] some in numbers.Order().Chunk(RowsAtATime))
        {
            foreach ((long number, byte[] data) in await database.QueryInAsync(connection,
                "SELECT number, data FROM journal WHERE writer = ? AND number IN ({0})", [writer], [.. some.Cast<object?>()], row => (row.GetInt64(0), row.Bytes(1)), stop))
                take(number, JournalCodec.Decode(data));
        }
    }

    private static bool Matches(JournalEvent e, EventQuery query) =>
        (query.Team is null || e.Team == query.Team || e.From == query.Team)
        && (query.Type is null || (query.Type.EndsWith('*') ? e.Type.AsSpan().StartsWith(query.Type.AsSpan()[..^1]) : e.Type == query.Type));

    private static EventView View(JournalEvent e, int writer, long number, int index) => new()
    {
        Type = e.Type,
        At = e.At,
        Message = e.Message,
        From = e.From,
        Team = e.Team,
        Node = e.Node,
        Silo = e.Silo,
        Verdict = e.Verdict,
        SignatureVersion = e.SignatureVersion,
        Attempt = e.Attempt,
        Reason = e.Reason,
        Actor = e.Actor,
        TraceParent = e.TraceParent,
        Size = e.Size,
        Sha256 = e.Sha256,
        Reference = e.Reference,
        Position = string.Create(CultureInfo.InvariantCulture, $"{writer}-{number}-{index}"),
    };
}

/// <summary>The cursor of the event list: for each writer the rows read, and the events read of the row after. Base64url of <c>w:n</c> or <c>w:n:e</c>, parted by commas.</summary>
internal static class EventCursor
{
    public readonly record struct Position(long Number, int Events);

    public static string Format(Dictionary<int, Position> cursor, IEnumerable<int> writers) =>
        Base64Url.EncodeToString(Encoding.ASCII.GetBytes(string.Join(',', writers.Where(cursor.ContainsKey).Select(writer =>
        {
            Position at = cursor[writer];
            return at.Events > 0
                ? string.Create(CultureInfo.InvariantCulture, $"{writer}:{at.Number}:{at.Events}")
                : string.Create(CultureInfo.InvariantCulture, $"{writer}:{at.Number}");
        }))));

    public static Dictionary<int, Position> Parse(string? text)
    {
        var cursor = new Dictionary<int, Position>();
        if (string.IsNullOrEmpty(text))
            return cursor;
        foreach (string one in Encoding.ASCII.GetString(Base64Url.DecodeFromChars(text)).Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = one.Split(':');
            if (parts.Length is not (2 or 3)
                || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int writer)
                || !long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out long number))
                throw new FormatException("not a cursor of the event list");
            int events = 0;
            if (parts.Length == 3 && !int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out events))
                throw new FormatException("not a cursor of the event list");
            cursor[writer] = new(number, events);
        }
        return cursor;
    }
}
