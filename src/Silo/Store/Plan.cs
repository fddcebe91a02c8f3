using System.Text;
using ShitOps.Grains;
using ShitOps.Grains.Journal;
using ShitOps.Grains.Storage;

namespace ShitOps.Silo.Store;

/// <summary>
/// Turns changes into statements over many rows. Changes that touch a row already touched open a new wave, so that
/// they take effect in order. Messages go by id (one lock order for all silos); deliveries stay in the order in which
/// they came, for that is the order of the inbox. A new row has the length that it will have at the end of its usual way:
/// one that grows costs the database several times as much as one that is changed in its place.
/// </summary>
/// <param name="byNumber">Deliveries of all teams move together, by their numbers. Those that were replayed meanwhile have new ones, and are not found so.</param>
internal sealed class Plan(Database database, byte[] trailRef, bool byNumber)
{
    private readonly record struct MoveKey(
        uint From, MessageState To, string? Reason, long? Sequence, bool Release, bool Purge, NodeKey? Node, bool Told);
    /// <param name="Team">Null: they are found by their numbers.</param>
    private readonly record struct DeliveryKey(string? Team, DeliveryState To, int Attempts, DateTimeOffset? NotBefore);

    /// <summary>Rows that change alike. They share the latest of their times: all of it happens with the commit.</summary>
    private sealed class Moved
    {
        public List<Guid> Ids { get; } = [];
        public List<long> Numbers { get; } = [];
        public DateTimeOffset At { get; set; }
    }

    private readonly record struct Touched(char Table, Guid Id, string? Team);

    private readonly byte[] _trailWithRoom = TrailRef.WithRoom(trailRef);
    private readonly HashSet<Touched> _touched = [];
    private readonly List<InsertMessage> _messages = [];
    private readonly Dictionary<MoveKey, Moved> _moves = [];
    private readonly List<object?[]> _deliveries = [];
    private readonly Dictionary<DeliveryKey, Moved> _deliveryMoves = [];
    private readonly List<InsertDeadLetter> _deadLetters = [];
    private readonly HashSet<Guid> _trailed = [], _told = [], _trailedReferences = [], _toldReferences = [];
    private readonly List<Writing> _writings = [];

    public List<Statement> Statements { get; } = [];

    /// <summary>Changes with statements of their own, in the order of locks. The careful path has made them already.</summary>
    public IEnumerable<Statement> Guarded => Ordered.SelectMany(writing => writing.Guarded);

    public long GuardedExpected => _writings.Sum(writing => writing.Expected);

    /// <summary>What follows from them; runs last and is not counted.</summary>
    public IReadOnlyList<Statement> After => [.. Ordered.SelectMany(writing => writing.After)];

    private IEnumerable<Writing> Ordered => _writings.OrderBy(writing => writing.Key);

    /// <summary>Changes that run one by one, after the statements.</summary>
    public List<Change> Rare { get; } = [];

    /// <summary>The rows affected if every guard holds.</summary>
    public long Expected { get; private set; }

    /// <summary>Messages that events tell of although no change of them carries the reference.</summary>
    public IEnumerable<Guid> Untrailed => _told.Except(_trailed);

    /// <summary>The same of asks and tasks.</summary>
    public IEnumerable<Guid> UntrailedReferences => _toldReferences.Except(_trailedReferences);

    public void Add(Change change)
    {
        foreach (JournalEvent told in change.Events)
        {
            // An ask's question has the ask's id, and a trail of its own.
            if (told.Reference is { } reference && reference != told.Message)
                _toldReferences.Add(reference);
        }
        switch (change)
        {
            case InsertMessage insert:
                Touch('m', insert.Message.Id, null);
                _messages.Add(insert);
                _trailed.Add(insert.Message.Id);
                if (insert.Ask is not null)
                    _trailedReferences.Add(insert.Message.Id);
                break;
            case MoveMessage move:
                Touch('m', move.Id, null);
                // Without events there is nothing to refer to; what stays in its state must change all the same.
                bool told = move.Events.Count > 0 || move.From.Contains(move.To);
                Group(_moves, new(move.From.Bits, move.To, move.Reason, move.Sequence, move.Release, move.Purge, move.Node, told), move.At).Ids.Add(move.Id);
                if (told)
                    _trailed.Add(move.Id);
                break;
            case InsertDelivery insert:
                Touch('d', insert.Message, insert.Team);
                _deliveries.Add([
                    insert.Message.ToColumn(), insert.Team, insert.From, (int)insert.Rank, insert.OrderingKey, (int)DeliveryState.Waiting, 0,
                    insert.ExpiresAt.ToColumn(), insert.At.ToColumn(), 0, _trailWithRoom]);
                _trailed.Add(insert.Message);
                break;
            case MoveDelivery move:
                Touch('d', move.Message, move.Team);
                if (byNumber && move.Sequence is { } number)
                    Group(_deliveryMoves, new(null, move.To, move.Attempts, move.NotBefore), move.At).Numbers.Add(number);
                else
                    Group(_deliveryMoves, new(move.Team, move.To, move.Attempts, move.NotBefore), move.At).Ids.Add(move.Message);
                _trailed.Add(move.Message);
                break;
            case InsertDeadLetter insert:
                Touch('x', insert.Message, insert.Team);
                _deadLetters.Add(insert);
                Tell(change);
                break;
            case Note:
                Tell(change);
                break;
            default:
                AddOther(change);
                Tell(change);
                break;
        }
    }

    private void AddOther(Change change)
    {
        if (Writing.Of(database, change, trailRef) is { } writing)
        {
            _writings.Add(writing);
            _trailedReferences.UnionWith(writing.Trailed);
            return;
        }
        Rare.Add(change);
        if (change is InsertWorkflow insert)
            _trailedReferences.UnionWith(insert.Tasks.Select(row => row.Task.Id));
    }

    private void Tell(Change change)
    {
        foreach (JournalEvent told in change.Events)
        {
            if (told.Message is { } message)
                _told.Add(message);
        }
    }

    private void Touch(char table, Guid id, string? team)
    {
        if (_touched.Add(new(table, id, team)))
            return;
        Flush();
        _touched.Add(new(table, id, team));
    }

    private static Moved Group<T>(Dictionary<T, Moved> groups, T key, DateTimeOffset at) where T : notnull
    {
        if (!groups.TryGetValue(key, out Moved? moved))
            groups.Add(key, moved = new());
        if (at > moved.At)
            moved.At = at;
        return moved;
    }

    /// <summary>Writes the wave's statements; the plan is complete after the last.</summary>
    public void Flush()
    {
        InsertMessages();
        foreach ((MoveKey key, Moved moved) in _moves)
            MoveMessages(key, moved);
        Insert("delivery", "message_id, team, from_team, rank_, ordering_key, state, attempts, expires_at, delivered_at, acknowledged_at, trail", "message_id", [.. _deliveries]);
        foreach ((DeliveryKey key, Moved moved) in _deliveryMoves)
        {
            string acknowledged = key.To == DeliveryState.Acknowledged ? "acknowledged_at = ?, " : "";
            string head = $"UPDATE delivery SET state = ?, attempts = ?, not_before = ?, {acknowledged}trail = {database.AppendTrail} WHERE ";
            object?[] values = [(int)key.To, key.Attempts, key.NotBefore.ToColumn(), .. acknowledged.Length > 0 ? [moved.At.ToColumn()] : Array.Empty<object?>(), trailRef];
            if (key.Team is { } team)
                Update(head + "team = ? AND message_id IN (", [.. values, team], Columns(moved.Ids), ") AND state = 0");
            else
                Update(head + "seq IN (", values, Columns(moved.Numbers), ") AND state = 0");
        }
        Insert("dead_letter", "message_id, team, from_team, reason, attempts, at", "message_id",
            [.. _deadLetters.OrderBy(d => d.Message).Select(d => new object?[] { d.Message.ToColumn(), d.Team, d.From, d.Reason.Cut(Limits.ReasonLength), d.Attempts, d.At.ToColumn() })]);
        _touched.Clear();
        _messages.Clear();
        _moves.Clear();
        _deliveries.Clear();
        _deliveryMoves.Clear();
        _deadLetters.Clear();
    }

    private void InsertMessages()
    {
        if (_messages.Count == 0)
            return;
        _messages.Sort((a, b) => a.Message.Id.CompareTo(b.Message.Id));
        Insert("idempotency", "from_team, key_, message_id, digest, expires_at", "key_",
            [.. _messages.Where(m => m.Message.IdempotencyKey is not null).Select(KeyRow).OrderBy(r => (string)r[0]!, StringComparer.Ordinal)]);
        Insert("message",
            "id, tree, node, seq, state, from_team, to_spec, subject, content_type, body_kind, sealed, size, sha256, ordering_key, priority, kind, "
            + "deliver_at, expires_at, correlation_id, trace_parent, attachments, reference, released, accepted_at, settled_at, trail", "id", [.. _messages.Select(MessageRow)]);
        Insert("message_attachment", "message_id, attachment_id", "message_id",
            [.. _messages.SelectMany(m => m.Message.Attachments.Distinct().Select(a => new object?[] { m.Message.Id.ToColumn(), a.ToColumn() }))]);
        foreach (AskInsert.Rows rows in AskInsert.Of(_messages, trailRef))
            Insert(rows.Table, rows.Columns, rows.Key, rows.Values);
    }

    private static object?[] KeyRow(InsertMessage insert) => [
        insert.Message.From, Encoding.UTF8.GetBytes(insert.Message.IdempotencyKey!), insert.Message.Id.ToColumn(), insert.Message.RequestDigest,
        (insert.AcceptedAt + Limits.IdempotencyWindow).ToColumn()];

    private object?[] MessageRow(InsertMessage insert)
    {
        NewMessage m = insert.Message;
        return [
            m.Id.ToColumn(), insert.Node.Tree, insert.Node.Index, insert.Sequence, (int)insert.State, m.From, m.To, m.Subject, m.ContentType,
            (int)m.BodyKind, m.SealedBody, m.Size, m.Sha256, m.OrderingKey, (int)m.Priority, (int)m.Kind, m.DeliverAt.ToColumn(),
            m.ExpiresAt.ToColumn(), m.CorrelationId, m.TraceParent, m.Attachments.ToColumn(), m.Reference?.ToColumn(),
            0, insert.AcceptedAt.ToColumn(), 0, trailRef];
    }

    private void MoveMessages(MoveKey key, Moved moved)
    {
        var sql = new StringBuilder("UPDATE message SET state = ?, reason = ?, settled_at = ?");
        List<object?> values = [(int)key.To, key.Reason.Cut(Limits.ReasonLength), key.To.IsSettled() ? moved.At.ToColumn() : 0L];
        if (key.Sequence is { } sequence)
        {
            sql.Append(", seq = ?");
            values.Add(sequence);
        }
        if (key.Node is { } node)
        {
            sql.Append(", tree = ?, node = ?");
            values.AddRange([node.Tree, node.Index]);
        }
        if (key.Release)
            sql.Append(", released = 1");
        if (key.Purge)
            sql.Append(", sealed = NULL");
        if (key.Told)
        {
            sql.Append(", trail = ").Append(database.AppendTrail);
            values.Add(trailRef);
        }
        sql.Append(" WHERE id IN (");
        IEnumerable<int> from = Enumerable.Range(0, 32).Where(s => (key.From & (1u << s)) != 0);
        Update(sql.ToString(), [.. values], Columns(moved.Ids), $") AND state IN ({string.Join(',', from.DefaultIfEmpty(-1))})");
    }

    private void Insert(string table, string columns, string key, List<object?[]> rows)
    {
        if (rows.Count == 0)
            return;
        // Most messages leave most columns empty; what is not named need not be read by the database either.
        string[] names = columns.Split(", ");
        int[] used = [.. Enumerable.Range(0, names.Length).Where(column => rows.Exists(row => row[column] is not null))];
        Statements.Add(new($"INSERT INTO {table} ({string.Join(", ", used.Select(column => names[column]))}) VALUES ", [], $"({Database.Marks(used.Length)})",
            rows.ConvertAll(row => Array.ConvertAll(used, column => row[column])), database.OrIgnore(key)));
        Expected += rows.Count;
    }

    private void Update(string head, object?[] values, List<object?[]> rows, string tail)
    {
        Statements.Add(new(head, values, "?", rows, tail));
        Expected += rows.Count;
    }

    private static List<object?[]> Columns(List<Guid> ids)
    {
        ids.Sort();
        return ids.ConvertAll(id => new object?[] { id.ToColumn() });
    }

    private static List<object?[]> Columns(List<long> numbers)
    {
        numbers.Sort();
        return numbers.ConvertAll(number => new object?[] { number });
    }
}
