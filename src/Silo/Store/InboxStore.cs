using System.Data.Common;
using ShitOps.Grains;
using ShitOps.Grains.Storage;
using ShitOps.Hosting.Batching;

namespace ShitOps.Silo.Store;

internal sealed class InboxStore : IInboxStore
{
    /// <summary>Windows and rows of one round trip.</summary>
    private const int AtOnce = 64, MaxRows = 1_000;

    private const string KeyColumns = "d.seq, d.message_id, d.from_team, d.rank_, d.ordering_key, d.attempts, d.not_before, d.expires_at";
    private const string RowColumns = KeyColumns
        + ", m.kind, m.subject, m.content_type, m.body_kind, m.sealed, m.correlation_id, m.accepted_at, m.trace_parent, m.attachments, m.reference, m.priority";
    // A purged body is not handed out: such a delivery cannot be opened any more.
    private const string Rows = $"SELECT {RowColumns} FROM delivery d JOIN message m ON m.id = d.message_id WHERE m.sealed IS NOT NULL AND d.team = ? AND d.state = 0";

    private readonly Database _database;
    private readonly GatheringQueue<Window> _windows;

    public InboxStore(Database database)
    {
        _database = database;
        _windows = new(LoadAsync, static (windows, error) => Array.ForEach([.. windows], window => window.Rows.TrySetException(error)), AtOnce, MaxRows, window => window.Limit);
    }

    /// <summary>Windows of all inboxes of the silo that are asked for while others are read are read together: under load each has a few rows only.</summary>
    public Task<IReadOnlyList<InboxRow>> LoadAsync(string team, Priority rank, long after, int limit, CancellationToken stop = default)
    {
        var window = new Window([team, (int)rank, after, limit], limit);
        _windows.Add(window);
        return window.Rows.Task.WaitAsync(stop);
    }

    private async Task LoadAsync(IReadOnlyList<Window> windows)
    {
        await using DbConnection connection = await _database.OpenReaderAsync();
        List<List<InboxRow>> found = await _database.QueryEachAsync(
            connection, $"{Rows} AND d.rank_ = ? AND d.seq > ? ORDER BY d.seq LIMIT ?", [.. windows.Select(window => window.Values)], Row);
        for (int i = 0; i < windows.Count; i++)
            windows[i].Rows.SetResult(found[i]);
    }

    private sealed record Window(object?[] Values, int Limit)
    {
        public TaskCompletionSource<IReadOnlyList<InboxRow>> Rows { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    public async Task<IReadOnlyList<InboxRow>> LoadAsync(string team, IReadOnlyList<Guid> messages, CancellationToken stop = default)
    {
        if (messages.Count == 0)
            return [];
        await using DbConnection connection = await _database.OpenReaderAsync(stop);
        return await _database.QueryInAsync(connection, $"{Rows} AND d.message_id IN ({{0}})", [team], [.. messages.Select(id => id.ToColumn())], Row, stop);
    }

    public async Task<IReadOnlyList<InboxKey>> LoadKeysAsync(string team, Priority rank, long after, long upTo, int limit, CancellationToken stop = default) =>
        await _database.QueryAsync(
            $"SELECT {KeyColumns} FROM delivery d WHERE d.team = ? AND d.state = 0 AND d.rank_ = ? AND d.seq > ? AND d.seq <= ? ORDER BY d.seq LIMIT ?",
            [team, (int)rank, after, upTo, limit], Key, stop);

    public async Task<IReadOnlyDictionary<Guid, DeliveryState>> StatesAsync(string team, IReadOnlyList<Guid> messages, CancellationToken stop = default)
    {
        if (messages.Count == 0)
            return new Dictionary<Guid, DeliveryState>();
        await using DbConnection connection = await _database.OpenReaderAsync(stop);
        return (await _database.QueryInAsync(connection, "SELECT message_id, state FROM delivery WHERE team = ? AND message_id IN ({0})", [team],
            [.. messages.Distinct().Select(id => id.ToColumn())], row => (Id: row.Id(0), State: (DeliveryState)row.GetInt32(1)), stop))
            .ToDictionary(row => row.Id, row => row.State);
    }

    public async Task<(int Waiting, DateTimeOffset? Oldest)> CountAsync(string team, CancellationToken stop = default) =>
        (await _database.QueryAsync("SELECT COUNT(*), MIN(delivered_at) FROM delivery WHERE team = ? AND state = 0", [team],
            row => (row.GetInt32(0), row.TimeOrNull(1)), stop))[0];

    public async Task<IReadOnlyList<InboxKey>> ExpiredAsync(string team, DateTimeOffset now, int limit, CancellationToken stop = default) =>
        await _database.QueryAsync(
            $"SELECT {KeyColumns} FROM delivery d WHERE d.team = ? AND d.state = 0 AND d.expires_at <= ? ORDER BY d.seq LIMIT ?",
            [team, now.ToColumn(), limit], Key, stop);

    private static InboxKey Key(DbDataReader row) => new(
        row.GetInt64(0), row.Id(1), row.GetString(2), (Priority)row.GetInt32(3), row.TextOrNull(4), row.GetInt32(5), row.TimeOrNull(6), row.TimeOrNull(7));

    private static InboxRow Row(DbDataReader row) => new(
        row.GetInt64(0), row.Id(1), row.GetString(2), (Priority)row.GetInt32(3), row.TextOrNull(4), row.GetInt32(5), row.TimeOrNull(6), row.TimeOrNull(7),
        (MessageKind)row.GetInt32(8), row.TextOrNull(9), row.GetString(10), (BodyKind)row.GetInt32(11), row.Bytes(12), row.TextOrNull(13), row.Time(14),
        row.TextOrNull(15), row.Ids(16), row.IdOrNull(17), (Priority)row.GetInt32(18));
}
