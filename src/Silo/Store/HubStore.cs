using System.Collections.Concurrent;
using System.Data.Common;
using ShitOps.Grains;
using ShitOps.Grains.Storage;

namespace ShitOps.Silo.Store;

/// <summary>
/// Hubs and their generations, beside the commit queue: taking a hub must not wait for it. Two statements as a rule, one
/// to see whose it is, one to take it; the row's lock, which commits of its owner share, decides.
/// </summary>
internal sealed partial class HubStore(Database database, JournalWriter writer, TimeProvider time, ILogger<HubStore> log) : IHubStore
{
    /// <summary>Lock waits are a second each. Who gave the hub back and still has its lock after two of them hangs too.</summary>
    private const int Attempts = 4, Patience = 2, SiloLength = 256;

    private sealed record Owner(HubRow Row, string Silo, int Writer, DateTimeOffset Since, bool Left, Session? Session);

    /// <summary>Connections that are known to be over. A silo that died leaves hundreds of hubs and one connection.</summary>
    private readonly ConcurrentDictionary<Session, bool> _ended = new();

    public async Task<HubTaken> TakeAsync(NodeKey node, string silo, CancellationToken stop = default)
    {
        int self = await writer.IdAsync();
        await using DbConnection connection = await database.OpenSessionAsync(stop);
        for (int attempt = 1; ; attempt++)
        {
            Owner? last = await OwnerAsync(connection, node, stop);
            if (last is { Session: { } session } && last.Writer != self && (!last.Left || attempt > Patience))
                await EndAsync(connection, node, last, session);
            try
            {
                if (await TryTakeAsync(connection, node, silo.Cut(SiloLength)!, self, last))
                    return Taken(last);
            }
            catch (Exception error) when (database.IsLockWait(error) && attempt < Attempts)
            {
                // A transaction of its owner is about to end, or to be ended.
            }
            if (attempt == Attempts)
                throw new NotCommittedException($"hub {node} is being taken by others");
        }
    }

    public async Task<HubRow?> FindAsync(NodeKey node, CancellationToken stop = default) =>
        (await database.QueryAsync("SELECT generation, moves, epoch FROM hub WHERE tree = ? AND node = ?", [node.Tree, node.Index],
            row => new HubRow(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)), stop)).SingleOrDefault();

    public async Task LeaveAsync(Fence fence, CancellationToken stop = default)
    {
        await using DbConnection connection = await database.OpenSessionAsync(stop);
        await database.ExecuteAsync(connection, database.Briefly + "UPDATE hub SET left_ = 1 WHERE tree = ? AND node = ? AND generation = ?",
            fence.Node.Tree, fence.Node.Index, fence.Generation);
    }

    private static HubTaken Taken(Owner? last)
    {
        if (last is null)
            return new(1, null, default, false);
        HubRow row = last.Row with { Generation = last.Row.Generation + 1 };
        // A row that a change of the tree made has had no owner yet.
        return last.Silo.Length == 0 ? new(row.Generation, null, default, false) { Row = row } : new(row.Generation, last.Silo, last.Since, last.Left) { Row = row };
    }

    private async Task<Owner?> OwnerAsync(DbConnection connection, NodeKey node, CancellationToken stop) =>
        (await database.QueryAsync(connection,
            "SELECT h.generation, h.silo, h.writer, h.since, h.left_, w.connection, w.client, h.moves, h.epoch FROM hub h LEFT JOIN journal_writer w ON w.id = h.writer "
            + "WHERE h.tree = ? AND h.node = ?", [node.Tree, node.Index],
            row => new Owner(new(row.GetInt64(0), row.GetInt64(7), row.GetInt64(8)), row.GetString(1), row.GetInt32(2), row.Time(3), row.GetInt32(4) != 0,
                row.IsDBNull(5) || row.IsDBNull(6) ? null : new Session(row.GetInt64(5), row.GetString(6))), stop)).SingleOrDefault();

    private async Task<bool> TryTakeAsync(DbConnection connection, NodeKey node, string silo, int self, Owner? last)
    {
        object now = time.GetUtcNow().ToColumn();
        return await database.ExecuteAsync(connection, database.Briefly + (last is null
            ? "INSERT INTO hub (silo, writer, since, tree, node, generation, left_) VALUES (?, ?, ?, ?, ?, 1, 0)" + database.OrIgnore("tree")
            : "UPDATE hub SET silo = ?, writer = ?, since = ?, left_ = 0, generation = generation + 1 WHERE tree = ? AND node = ? AND generation = ?"),
            [silo, self, now, node.Tree, node.Index, .. last is null ? Array.Empty<object?>() : [last.Row.Generation]]) == 1;
    }

    private async Task EndAsync(DbConnection connection, NodeKey node, Owner last, Session session)
    {
        if (_ended.ContainsKey(session))
            return;
        try
        {
            await database.EndAsync(connection, session);
            _ended[session] = true;
        }
        catch (DbException error) when (database.Classify(error) == Fault.Permanent)
        {
            // Without the right to end it, its locks stand until it ends by itself; the hub cannot be taken before.
            Log.EndRefused(log, session.Id, last.Silo, node, error);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2040, LogLevel.Warning, "Connection {Connection} of {Silo}, which had hub {Node}, could not be ended")]
        public static partial void EndRefused(ILogger log, long connection, string silo, NodeKey node, Exception error);
    }
}
