using System.Data.Common;
using ShitOps.Grains;
using ShitOps.Grains.Storage;

namespace ShitOps.Silo.Store;

internal sealed class OutboxStore(Database database) : IOutboxStore
{
    private const string Columns =
        "id, seq, state, from_team, to_spec, sha256, size, priority, ordering_key, accepted_at, expires_at, kind, trace_parent, released, body_kind, attachments";

    // Each state and sender by itself, in the order of the index: over all of them a full outbox would have to be sorted.
    public async Task<IReadOnlyList<OutboxRow>> LoadAsync(OutboxOf outbox, MessageStateSet states, long after, int limit, CancellationToken stop = default)
    {
        if (outbox.Senders.Count == 0)
            return [];
        (int State, string From)[] wanted = [.. Enum.GetValues<MessageState>().Where(states.Contains).SelectMany(state => outbox.Senders.Select(from => ((int)state, from)))];
        string each = string.Join(" UNION ALL ", wanted.Select((w, i) =>
            $"SELECT * FROM (SELECT {Columns} FROM message WHERE state = {w.State} AND tree = ? AND from_team = ? AND seq > ? ORDER BY seq LIMIT ?) s{i}"));
        List<object?> values = [.. wanted.SelectMany(w => new object?[] { outbox.Tree, w.From, after, limit }), limit];
        return await database.QueryAsync($"{each} ORDER BY seq LIMIT ?", values, Row, stop);
    }

    public async Task<OutboxCount> CountAsync(OutboxOf outbox, CancellationToken stop = default)
    {
        if (outbox.Senders.Count == 0)
            return new(0, 0, 0, 0);
        var byState = (await database.QueryAsync(
            $"SELECT state, COUNT(*), MAX(seq) FROM message WHERE state IN (0, 1, 2) AND tree = ? AND from_team IN ({Database.Marks(outbox.Senders.Count)}) GROUP BY state",
            [outbox.Tree, .. outbox.Senders], row => (State: (MessageState)row.GetInt32(0), Count: row.GetInt32(1), Last: row.GetInt64(2)), stop))
            .ToDictionary(row => row.State);
        var queued = byState.GetValueOrDefault(MessageState.Queued);
        var held = byState.GetValueOrDefault(MessageState.Held);
        return new(queued.Count, byState.GetValueOrDefault(MessageState.Scheduled).Count, held.Count, Math.Max(queued.Last, held.Last));
    }

    // State by state: the index then gives each sender once, without its messages.
    public async Task<IReadOnlyList<string>> SendersAsync(string tree, CancellationToken stop = default)
    {
        int[] states = [(int)MessageState.Queued, (int)MessageState.Scheduled, (int)MessageState.Held];
        return [.. (await database.QueryAsync(
            string.Join(" UNION ", states.Select(state => $"SELECT from_team FROM message WHERE state = {state} AND tree = ? GROUP BY from_team")),
            [tree, tree, tree], row => row.GetString(0), stop)).Order(StringComparer.Ordinal)];
    }

    public async Task<IReadOnlyList<StoredBody>> LoadBodiesAsync(IReadOnlyList<Guid> ids, CancellationToken stop = default)
    {
        if (ids.Count == 0)
            return [];
        await using DbConnection connection = await database.OpenReaderAsync(stop);
        return await database.QueryInAsync(connection, "SELECT id, body_kind, sealed, subject, attachments FROM message WHERE id IN ({0})", [],
            [.. ids.Select(id => id.ToColumn())],
            row => new StoredBody(row.Id(0), (BodyKind)row.GetInt32(1), row.BytesOrNull(2), row.TextOrNull(3), row.Ids(4)), stop);
    }

    public async Task<(string From, MessageState State)?> FindAsync(Guid id, CancellationToken stop = default)
    {
        List<(string, MessageState)> found = await database.QueryAsync("SELECT from_team, state FROM message WHERE id = ?", [id.ToColumn()],
            row => (row.GetString(0), (MessageState)row.GetInt32(1)), stop);
        return found.Count == 0 ? null : found[0];
    }

    // Those from it have an index; those to it are found among the unsettled, which the index on state holds together.
    public async Task<IReadOnlyList<Guid>> UnsettledOfAsync(string team, int limit, CancellationToken stop = default)
    {
        List<Guid> from = await database.QueryAsync(
            "SELECT id FROM message WHERE state IN (0, 1, 2) AND tree = ? AND from_team = ? LIMIT ?", [Limits.DefaultTree, team, limit], row => row.Id(0), stop);
        return from.Count > 0 ? from : await database.QueryAsync(
            "SELECT id FROM message WHERE state IN (0, 1, 2) AND to_spec = ? LIMIT ?", [team, limit], row => row.Id(0), stop);
    }

    private static OutboxRow Row(DbDataReader row) => new(
        row.Id(0), row.GetInt64(1), (MessageState)row.GetInt32(2), row.GetString(3), row.GetString(4), row.Bytes(5), row.GetInt32(6),
        (Priority)row.GetInt32(7), row.TextOrNull(8), row.Time(9), row.TimeOrNull(10), (MessageKind)row.GetInt32(11), row.TextOrNull(12),
        row.GetInt32(13) != 0, (BodyKind)row.GetInt32(14), row.Ids(15));
}
