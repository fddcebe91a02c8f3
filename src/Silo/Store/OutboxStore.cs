using System.Data.Common;
using ShitOps.Grains;
using ShitOps.Grains.Storage;

namespace ShitOps.Silo.Store;

internal sealed class OutboxStore(Database database) : IOutboxStore
{
    private const string Columns =
        "id, seq, state, from_team, to_spec, sha256, size, priority, ordering_key, accepted_at, expires_at, kind, trace_parent, released, body_kind, attachments";

    // Each state by itself, in the order of the index: over all of them a full outbox would have to be sorted.
    public async Task<IReadOnlyList<OutboxRow>> LoadAsync(NodeKey node, MessageStateSet states, long after, int limit, CancellationToken stop = default)
    {
        int[] wanted = [.. Enum.GetValues<MessageState>().Where(states.Contains).Select(state => (int)state)];
        string each = string.Join(" UNION ALL ", wanted.Select(state =>
            $"SELECT * FROM (SELECT {Columns} FROM message WHERE state = {state} AND tree = ? AND node = ? AND seq > ? ORDER BY seq LIMIT ?) s{state}"));
        List<object?> values = [.. wanted.SelectMany(_ => new object?[] { node.Tree, node.Index, after, limit }), limit];
        return await database.QueryAsync($"{each} ORDER BY seq LIMIT ?", values, Row, stop);
    }

    public async Task<IReadOnlyList<OutboxRow>> LoadAsync(NodeKey node, IReadOnlyList<Guid> ids, CancellationToken stop = default)
    {
        if (ids.Count == 0)
            return [];
        await using DbConnection connection = await database.OpenReaderAsync(stop);
        return await database.QueryInAsync(connection,
            $"SELECT {Columns} FROM message WHERE tree = ? AND node = ? AND state IN (0, 1, 2) AND id IN ({{0}})",
            [node.Tree, node.Index], [.. ids.Select(id => id.ToColumn())], Row, stop);
    }

    public async Task<OutboxCount> CountAsync(NodeKey node, CancellationToken stop = default)
    {
        var byState = (await database.QueryAsync(
            "SELECT state, COUNT(*), MAX(seq) FROM message WHERE state IN (0, 1, 2) AND tree = ? AND node = ? GROUP BY state",
            [node.Tree, node.Index], row => (State: (MessageState)row.GetInt32(0), Count: row.GetInt32(1), Last: row.GetInt64(2)), stop))
            .ToDictionary(row => row.State);
        var queued = byState.GetValueOrDefault(MessageState.Queued);
        var held = byState.GetValueOrDefault(MessageState.Held);
        return new(queued.Count, byState.GetValueOrDefault(MessageState.Scheduled).Count, held.Count, Math.Max(queued.Last, held.Last));
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

    public async Task<(NodeKey Node, MessageState State)?> FindAsync(Guid id, CancellationToken stop = default)
    {
        List<(NodeKey, MessageState)> found = await database.QueryAsync("SELECT tree, node, state FROM message WHERE id = ?", [id.ToColumn()],
            row => (new NodeKey(row.GetString(0), row.GetInt32(1)), (MessageState)row.GetInt32(2)), stop);
        return found.Count == 0 ? null : found[0];
    }

    // A team's unsettled messages are few against all; those to it are found among the unsettled, which the index on state holds together.
    public async Task<IReadOnlyList<Guid>> UnsettledOfAsync(string team, int limit, CancellationToken stop = default) =>
        await database.QueryAsync(
            "SELECT id FROM message WHERE state IN (0, 1, 2) AND (from_team = ? OR to_spec = ?) LIMIT ?", [team, team, limit], row => row.Id(0), stop);

    private static OutboxRow Row(DbDataReader row) => new(
        row.Id(0), row.GetInt64(1), (MessageState)row.GetInt32(2), row.GetString(3), row.GetString(4), row.Bytes(5), row.GetInt32(6),
        (Priority)row.GetInt32(7), row.TextOrNull(8), row.Time(9), row.TimeOrNull(10), (MessageKind)row.GetInt32(11), row.TextOrNull(12),
        row.GetInt32(13) != 0, (BodyKind)row.GetInt32(14), row.Ids(15));
}
