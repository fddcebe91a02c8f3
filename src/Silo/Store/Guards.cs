using System.Data.Common;
using System.Text;
using ShitOps.Grains;
using ShitOps.Grains.Storage;

namespace ShitOps.Silo.Store;

/// <summary>
/// The careful path: reads and locks the rows that changes concern, then decides on each guard in memory, in order, as
/// if the changes before it had been made. Rare changes are made at once, since their statements are their guards.
/// </summary>
internal sealed class Guards(Database database, DbConnection connection, byte[] trailRef)
{
    private readonly record struct Key(string From, string Text);
    private sealed record Owner(Guid Message, byte[]? Digest, long ExpiresAt);
    private static readonly object Absent = new();

    private readonly Dictionary<object, object> _rows = [];
    private readonly Dictionary<object, object> _before = [];
    private readonly List<Key> _expired = [];

    /// <summary>The changes whose guard held. Those that are rare are made already.</summary>
    public List<Change> Applied { get; } = [];

    public async Task LoadAsync(IEnumerable<Change> changes)
    {
        var messages = new SortedSet<Guid>();
        var deliveries = new SortedSet<Guid>();
        var deadLetters = new SortedSet<Guid>();
        var keys = new SortedDictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        foreach (Change change in changes)
        {
            switch (change)
            {
                case InsertMessage { Message: var m }:
                    messages.Add(m.Id);
                    if (m.IdempotencyKey is { } key)
                        (keys.TryGetValue(m.From, out SortedSet<string>? known) ? known : keys[m.From] = new(StringComparer.Ordinal)).Add(key);
                    break;
                case MoveMessage m: messages.Add(m.Id); break;
                case InsertDelivery d: deliveries.Add(d.Message); break;
                case MoveDelivery d: deliveries.Add(d.Message); break;
                case InsertDeadLetter d: deadLetters.Add(d.Message); break;
            }
        }
        foreach ((string from, SortedSet<string> texts) in keys)
        {
            foreach ((Key key, Owner owner) in await database.QueryInAsync(connection,
                $"SELECT key_, message_id, digest, expires_at FROM idempotency WHERE from_team = ? AND key_ IN ({{0}}) ORDER BY key_{database.ForUpdate}",
                [from], [.. texts.Select(Encoding.UTF8.GetBytes)],
                r => (new Key(from, Encoding.UTF8.GetString(r.Bytes(0))), new Owner(r.Id(1), r.BytesOrNull(2), r.GetInt64(3)))))
            {
                _rows[key] = owner;
                messages.Add(owner.Message);
            }
        }
        foreach ((Guid id, MessageState state) in await database.QueryInAsync(connection,
            $"SELECT id, state FROM message WHERE id IN ({{0}}) ORDER BY id{database.ForUpdate}", [], Ids(messages), r => (r.Id(0), (MessageState)r.GetInt32(1))))
            _rows[id] = state;
        foreach ((Guid id, string team, int state) in await database.QueryInAsync(connection,
            $"SELECT message_id, team, state FROM delivery WHERE message_id IN ({{0}}) ORDER BY message_id, team{database.ForUpdate}", [], Ids(deliveries),
            r => (r.Id(0), r.GetString(1), r.GetInt32(2))))
            _rows[('d', id, team)] = (DeliveryState)state;
        foreach ((Guid id, string team) in await database.QueryInAsync(connection,
            $"SELECT message_id, team FROM dead_letter WHERE message_id IN ({{0}}) ORDER BY message_id, team{database.ForUpdate}", [], Ids(deadLetters),
            r => (r.Id(0), r.GetString(1))))
            _rows[('x', id, team)] = true;
    }

    private static IReadOnlyList<object?> Ids(SortedSet<Guid> ids) => [.. ids.Select(id => id.ToColumn())];

    public async Task<ChangeResult[]> DecideAsync(Commit commit)
    {
        var results = new ChangeResult[commit.Changes.Count];
        bool savepoint = commit.AllOrNothing && commit.Changes.Any(IsRare);
        if (savepoint)
            await database.ExecuteAsync(connection, "SAVEPOINT one");
        _before.Clear();
        int applied = Applied.Count, expired = _expired.Count;
        bool all = true;
        for (int i = 0; i < results.Length && (all || !commit.AllOrNothing); i++)
        {
            results[i] = await DecideAsync(commit.Changes[i]);
            all &= results[i].Applied;
            if (results[i].Applied)
                Applied.Add(commit.Changes[i]);
        }
        if (commit.AllOrNothing && !all)
        {
            if (savepoint)
                await database.ExecuteAsync(connection, "ROLLBACK TO SAVEPOINT one");
            foreach ((object key, object value) in _before)
                Restore(key, value);
            Applied.RemoveRange(applied, Applied.Count - applied);
            _expired.RemoveRange(expired, _expired.Count - expired);
            for (int i = 0; i < results.Length; i++)
                results[i] = results[i] with { Applied = false };
        }
        return results;
    }

    /// <summary>Makes room for keys that take the place of expired ones.</summary>
    public async Task DropExpiredKeysAsync()
    {
        foreach (Key key in _expired)
            await database.ExecuteAsync(connection, "DELETE FROM idempotency WHERE from_team = ? AND key_ = ?", key.From, Encoding.UTF8.GetBytes(key.Text));
    }

    public static bool IsRare(Change change) => change is not (InsertMessage or MoveMessage or InsertDelivery or MoveDelivery or InsertDeadLetter or Note);

    private async ValueTask<ChangeResult> DecideAsync(Change change)
    {
        switch (change)
        {
            case InsertMessage insert:
                return Decide(insert);
            case MoveMessage move:
                return new(Replace<MessageState>(move.Id, move.From.Contains, move.To));
            case InsertDelivery d:
                return new(Put(('d', d.Message, d.Team), DeliveryState.Waiting));
            case MoveDelivery d:
                return new(Replace<DeliveryState>(('d', d.Message, d.Team), state => state == DeliveryState.Waiting, d.To));
            case InsertDeadLetter d:
                bool lives = _rows.TryGetValue(('d', d.Message, d.Team), out object? delivery) ? delivery is not DeliveryState.Dead
                    : _rows.TryGetValue(d.Message, out object? message) && message is not MessageState.Dead;
                return new(!lives && Put(('x', d.Message, d.Team), true));
            case Note:
                return new(true);
            case RemoveDeadLetter d:
                bool removed = await RareChanges.ExecuteAsync(database, connection, change, trailRef);
                if (removed)
                {
                    Set(('x', d.Message, d.Team), Absent);
                    if (d.Replay)
                        Set(('d', d.Message, d.Team), Absent);
                }
                return new(removed);
            default:
                return new(await MakeAsync(change));
        }
    }

    // What changes many rows may find the guard broken after it has changed some.
    private async Task<bool> MakeAsync(Change change)
    {
        bool many = change is InsertWorkflow or MoveTasks or MarkOverdue;
        if (many)
            await database.ExecuteAsync(connection, "SAVEPOINT two");
        bool made = await RareChanges.ExecuteAsync(database, connection, change, trailRef);
        if (many && !made)
            await database.ExecuteAsync(connection, "ROLLBACK TO SAVEPOINT two");
        return made;
    }

    private ChangeResult Decide(InsertMessage insert)
    {
        NewMessage m = insert.Message;
        if (_rows.TryGetValue(m.Id, out object? there))
            return new(false, new(m.Id, (MessageState)there, true));
        if (m.IdempotencyKey is { } text)
        {
            var key = new Key(m.From, text);
            if (_rows.TryGetValue(key, out object? held) && held is Owner owner)
            {
                if (owner.ExpiresAt > insert.AcceptedAt.ToUnixTimeMilliseconds() && _rows.TryGetValue(owner.Message, out object? state))
                    return new(false, new(owner.Message, (MessageState)state, owner.Digest.AsSpan().SequenceEqual(m.RequestDigest)));
                _expired.Add(key);
            }
            Set(key, new Owner(m.Id, m.RequestDigest, (insert.AcceptedAt + Limits.IdempotencyWindow).ToUnixTimeMilliseconds()));
        }
        Set(m.Id, insert.State);
        return new(true);
    }

    private bool Put(object key, object value)
    {
        if (_rows.ContainsKey(key))
            return false;
        Set(key, value);
        return true;
    }

    private bool Replace<T>(object key, Func<T, bool> guard, T value) where T : notnull
    {
        if (!_rows.TryGetValue(key, out object? now) || !guard((T)now))
            return false;
        Set(key, value);
        return true;
    }

    private void Set(object key, object value)
    {
        _before.TryAdd(key, _rows.GetValueOrDefault(key, Absent));
        Restore(key, value);
    }

    private void Restore(object key, object value)
    {
        if (ReferenceEquals(value, Absent))
            _rows.Remove(key);
        else
            _rows[key] = value;
    }
}
