using System.Data.Common;
using ShitOps.Grains;

namespace ShitOps.Silo.Store;

/// <summary>
/// Pages of messages, newest first. Ids come first, out of an index, then their rows; a state that only the deliveries
/// tell is looked for in so many messages, and no further within one call.
/// </summary>
internal sealed class MessageList(Database database)
{
    /// <summary>Messages looked at for one page, in pieces.</summary>
    private const int Look = 5_000, Piece = 500;

    private const string Columns = "id, from_team, to_spec, subject, state, kind, accepted_at, settled_at, size, node";

    /// <exception cref="FormatException">The cursor is none of ours.</exception>
    public async Task<Page<MessageSummary>> PageAsync(MessageQuery query, CancellationToken stop)
    {
        Guid before = IdCursor.Before(query.After, query.Until), from = query.Since is { } since ? IdCursor.FirstOf(since) : Guid.Empty;
        bool told = query.State is null || (!query.Received && IsStored(query.State.Value));
        int piece = told ? query.Limit + 1 : Math.Max(Piece, query.Limit + 1);
        await using DbConnection connection = await database.OpenReaderAsync(stop);
        var page = new List<MessageSummary>(query.Limit);
        for (int looked = 0; looked < Look; looked += piece)
        {
            List<Guid> ids = await IdsAsync(connection, query, from, before, piece, stop);
            foreach (MessageSummary message in await ReadAsync(connection, ids, stop))
            {
                if (query.State is { } wanted && message.State != wanted)
                    continue;
                if (page.Count == query.Limit)
                    return new([.. page], IdCursor.Of(page[^1].Id));
                page.Add(message);
            }
            if (ids.Count < piece)
                return new([.. page], null);
            before = ids[^1];
        }
        return new([.. page], IdCursor.Of(before));
    }

    /// <summary>States that the message's own row tells.</summary>
    private static bool IsStored(MessageState state) =>
        state is MessageState.Queued or MessageState.Held or MessageState.Quarantined or MessageState.Cancelled;

    private Task<List<Guid>> IdsAsync(DbConnection connection, MessageQuery query, Guid from, Guid before, int limit, CancellationToken stop)
    {
        object?[] range = [before.ToColumn(), from.ToColumn(), limit];
        (string sql, object?[] values) = query switch
        {
            { Team: { } team, Received: true } =>
                ("SELECT message_id FROM delivery WHERE team = ? AND state IN (0, 1, 2, 3) AND message_id < ? AND message_id >= ? ORDER BY message_id DESC LIMIT ?", [team, .. range]),
            // Every state is named: the index begins with it.
            { Team: { } team } =>
                ($"SELECT id FROM message WHERE state IN ({Stored(query.State)}) AND tree = ? AND from_team = ? AND id < ? AND id >= ? ORDER BY id DESC LIMIT ?", [Limits.DefaultTree, team, .. range]),
            { State: { } state } when IsStored(state) =>
                ($"SELECT id FROM message WHERE state IN ({Stored(state)}) AND id < ? AND id >= ? ORDER BY id DESC LIMIT ?", range),
            _ => ("SELECT id FROM message WHERE id < ? AND id >= ? ORDER BY id DESC LIMIT ?", range),
        };
        return database.QueryAsync(connection, sql, values, row => row.Id(0), stop);
    }

    private static string Stored(MessageState? state)
    {
        IEnumerable<MessageState> stored = state switch
        {
            null => Enum.GetValues<MessageState>().Where(s => s != MessageState.Acknowledged),
            MessageState.Queued => [MessageState.Queued, MessageState.Scheduled],
            MessageState.Acknowledged => [MessageState.Delivered],
            MessageState.Dead or MessageState.Expired => [state.Value, MessageState.Delivered],
            { } one => [one],
        };
        return string.Join(", ", stored.Select(s => (int)s));
    }

    private async Task<IEnumerable<MessageSummary>> ReadAsync(DbConnection connection, List<Guid> ids, CancellationToken stop)
    {
        object[] keys = [.. ids.Select(id => id.ToColumn())];
        Dictionary<Guid, MessageSummary> rows = (await database.QueryInAsync(connection, $"SELECT {Columns} FROM message WHERE id IN ({{0}})", [], keys, Read, stop))
            .ToDictionary(message => message.Id);
        object[] delivered = [.. ids.Where(id => rows.TryGetValue(id, out MessageSummary? m) && m.State == MessageState.Delivered).Select(id => id.ToColumn())];
        ILookup<Guid, DeliveryState> deliveries = (await database.QueryInAsync(connection,
            "SELECT DISTINCT message_id, state FROM delivery WHERE message_id IN ({0})", [], delivered, row => (Id: row.Id(0), State: (DeliveryState)row.GetInt32(1)), stop))
            .ToLookup(found => found.Id, found => found.State);
        return ids.Where(rows.ContainsKey).Select(id => rows[id] with { State = ToldBy(rows[id].State, [.. deliveries[id]]) });
    }

    private static MessageState ToldBy(MessageState stored, DeliveryState[] deliveries) =>
        stored == MessageState.Scheduled ? MessageState.Queued : ArchiveStore.Seen(stored, deliveries);

    private static MessageSummary Read(DbDataReader row) => new(
        row.Id(0), row.GetString(1), row.GetString(2), row.TextOrNull(3), (MessageState)row.GetInt32(4), (MessageKind)row.GetInt32(5), row.Time(6), row.TimeOrNull(7),
        row.GetInt32(8), row.GetInt32(9));
}
