using System.Data.Common;
using System.Globalization;
using ShitOps.Grains;
using ShitOps.Grains.Storage;
using static ShitOps.Silo.Store.ArchiveRows;

namespace ShitOps.Silo.Store;

internal sealed class ArchiveStore(Database database, JournalCheck journal) : IArchiveStore
{
    private const string DeadLetterTables = "dead_letter x LEFT JOIN message m ON m.id = x.message_id";

    private const int ReasonsAtOnce = 50;

    private readonly EventReader _events = new(database);
    private readonly MessageList _messages = new(database);

    public Task<Page<MessageSummary>> MessagesAsync(MessageQuery query, CancellationToken stop = default) => _messages.PageAsync(query, stop);

    public async Task<MessageView?> MessageAsync(Guid id, CancellationToken stop = default)
    {
        await using DbConnection connection = await database.OpenReaderAsync(stop);
        object?[] key = [id.ToColumn()];
        // The message first: what is read after it is not older than its state.
        MessageView? message = (await database.QueryAsync(connection,
            $"SELECT {MessageColumns} FROM message WHERE id = ?", key, Message, stop)).SingleOrDefault();
        if (message is null)
            return null;
        List<DeliveryView> deliveries = await database.QueryAsync(connection,
            $"SELECT {DeliveryColumns} FROM delivery WHERE message_id = ? ORDER BY team", key, Delivery, stop);
        List<QuarantineView> quarantine = await database.QueryAsync(connection,
            $"SELECT {QuarantineColumns} FROM quarantine WHERE message_id = ? ORDER BY at DESC, id DESC LIMIT 1", key, Quarantined, stop);
        return message with { State = Seen(message.State, deliveries), Deliveries = [.. deliveries], Quarantine = quarantine.FirstOrDefault() };
    }

    public async Task<IReadOnlyDictionary<Guid, string>> TraceParentsAsync(IReadOnlyList<Guid> messages, CancellationToken stop = default)
    {
        await using DbConnection connection = await database.OpenReaderAsync(stop);
        return (await database.QueryInAsync(connection, "SELECT id, trace_parent FROM message WHERE id IN ({0}) AND trace_parent IS NOT NULL", [],
            [.. messages.Select(id => id.ToColumn())], row => (Id: row.Id(0), Trace: row.GetString(1)), stop)).ToDictionary(found => found.Id, found => found.Trace);
    }

    /// <summary>A delivered message reads as what became of its deliveries: dead if one is, else delivered while one waits.</summary>
    internal static MessageState Seen(MessageState stored, IReadOnlyCollection<DeliveryView> deliveries) => Seen(stored, [.. deliveries.Select(d => d.State).Distinct()]);

    internal static MessageState Seen(MessageState stored, IReadOnlyList<DeliveryState> deliveries)
    {
        if (stored != MessageState.Delivered || deliveries.Count == 0)
            return stored;
        if (deliveries.Contains(DeliveryState.Dead))
            return MessageState.Dead;
        if (deliveries.Contains(DeliveryState.Waiting))
            return MessageState.Delivered;
        return deliveries.Contains(DeliveryState.Expired) ? MessageState.Expired : MessageState.Acknowledged;
    }

    public Task<IReadOnlyList<EventView>> TraceAsync(Guid id, CancellationToken stop = default) => _events.TraceAsync(id, stop);

    public Task<Page<EventView>> EventsAsync(EventQuery query, CancellationToken stop = default) => _events.EventsAsync(query, stop);

    public Task<JournalReport> VerifyJournalAsync(string? after, CancellationToken stop = default) => journal.RunAsync(after, stop);

    public async Task<Page<QuarantineView>> QuarantineAsync(string? state, string? after, int limit, CancellationToken stop = default)
    {
        // Newest first: ids are UUIDv7, the cursor is the last id of the page before.
        List<string> conditions = ["1 = 1"];
        List<object?> values = [];
        if (state is not null)
        {
            conditions.Add("state = ?");
            values.Add(state);
        }
        if (after is not null)
        {
            conditions.Add("id < ?");
            values.Add(Guid.ParseExact(after, "N").ToColumn());
        }
        values.Add(limit + 1);
        List<QuarantineView> entries = await database.QueryAsync(
            $"SELECT {QuarantineColumns} FROM quarantine WHERE {string.Join(" AND ", conditions)} ORDER BY id DESC LIMIT ?", values, Quarantined, stop);
        bool more = entries.Count > limit;
        QuarantineView[] page = [.. entries.Take(limit)];
        return new(page, more ? page[^1].Id.ToString("N", CultureInfo.InvariantCulture) : null);
    }

    public async Task<QuarantineView?> QuarantineEntryAsync(Guid id, CancellationToken stop = default) =>
        (await database.QueryAsync($"SELECT {QuarantineColumns} FROM quarantine WHERE id = ?", [id.ToColumn()], Quarantined, stop)).SingleOrDefault();

    public async Task<IReadOnlyList<DeadLetterGroup>> DeadLettersAsync(string? team, string? reason, int limit, CancellationToken stop = default)
    {
        (string where, List<object?> values) = Where(team, reason.Cut(Limits.ReasonLength));
        await using DbConnection connection = await database.OpenReaderAsync(stop);
        List<(string Reason, int Count)> counts = await database.QueryAsync(connection,
            $"SELECT x.reason, COUNT(*) FROM dead_letter x WHERE {where} GROUP BY x.reason ORDER BY x.reason", values, row => (row.GetString(0), row.GetInt32(1)), stop);
        // The reasons are few. Each group's newest come off an index, and no more of the group is looked at than that.
        var items = new List<DeadLetterView>();
        foreach ((string Reason, int Count)[] some in counts.Chunk(ReasonsAtOnce))
        {
            string newest = string.Join(" UNION ALL ", some.Select((_, i) =>
                $"SELECT * FROM (SELECT x.* FROM dead_letter x WHERE x.reason = ?{(team is null ? "" : " AND x.team = ?")} ORDER BY x.at DESC, x.message_id DESC LIMIT ?) g{i}"));
            items.AddRange(await database.QueryAsync(connection,
                $"SELECT {DeadLetterColumns} FROM ({newest}) x LEFT JOIN message m ON m.id = x.message_id ORDER BY x.reason, x.at DESC, x.message_id DESC, x.team",
                [.. some.SelectMany(group => team is null ? new object?[] { group.Reason, limit } : [group.Reason, team, limit])], DeadLetter, stop));
        }
        ILookup<string, DeadLetterView> of = items.ToLookup(item => item.Reason);
        return [.. counts.Select(group => new DeadLetterGroup(group.Reason, group.Count, [.. of[group.Reason]]))];
    }

    public async Task<IReadOnlyList<DeadLetterView>> FindDeadLettersAsync(
        IReadOnlyList<Guid>? ids, string? reason, string? team, int limit, CancellationToken stop = default)
    {
        if (ids is null)
        {
            (string where, List<object?> values) = Where(team, reason.Cut(Limits.ReasonLength));
            return await database.QueryAsync(
                $"SELECT {DeadLetterColumns} FROM {DeadLetterTables} WHERE {where} ORDER BY x.at, x.message_id LIMIT ?", [.. values, limit], DeadLetter, stop);
        }
        await using DbConnection connection = await database.OpenReaderAsync(stop);
        List<DeadLetterView> found = await database.QueryInAsync(connection,
            $"SELECT {DeadLetterColumns} FROM {DeadLetterTables} WHERE x.message_id IN ({{0}}) ORDER BY x.message_id, x.team", [],
            [.. ids.Distinct().Select(id => id.ToColumn())], DeadLetter, stop);
        return [.. found.Take(limit)];
    }

    public Task PingAsync(CancellationToken stop = default) => database.QueryAsync("SELECT epoch FROM tree LIMIT 1", [], _ => true, stop);

    private static (string Where, List<object?> Values) Where(string? team, string? reason)
    {
        string where = "1 = 1" + (team is null ? "" : " AND x.team = ?") + (reason is null ? "" : " AND x.reason = ?");
        return (where, [.. new object?[] { team, reason }.Where(value => value is not null)]);
    }
}
