namespace ShitOps.Grains.Nodes;

/// <summary>
/// The window of a node's unsettled messages that is in memory, and the decision which of them may leave now. Pure: no
/// clock, no I/O. The database holds them all; <see cref="Complete"/> tells whether the window does too.
/// </summary>
/// <remarks>
/// A message that waits (after a failure, for the scanner) blocks only its own pair: later messages of the same lane
/// to the same recipient. A message to many concerns every recipient of its lane. So nothing waits here of which an earlier
/// one may be in the database only.
/// </remarks>
internal sealed class Outbox(int window)
{
    /// <summary>A table for more than this is given back when the last has left. A window's full one is 300 KiB, and hubs have quiet times.</summary>
    private const int Kept = 1_000;

    private readonly SortedSet<OutboxEntry> _waiting = new(ByRankThenSequence);
    private readonly Dictionary<Guid, OutboxEntry> _entries = [];
    private HashSet<Guid>? _goneMeanwhile;
    private bool _missed, _doubted;

    /// <summary>All urgent ones of the database are here, also those beyond <see cref="LoadedUpTo"/>.</summary>
    private bool _allUrgent = true;
    private bool _missedUrgent;

    private static readonly Comparer<OutboxEntry> ByRankThenSequence = Comparer<OutboxEntry>.Create(static (a, b) =>
        a.Rank != b.Rank ? a.Rank.CompareTo(b.Rank) : a.Sequence != b.Sequence ? a.Sequence.CompareTo(b.Sequence) : a.Id.CompareTo(b.Id));

    /// <summary>In memory, those that are under way included.</summary>
    public int Count => _entries.Count;

    public int HeldCount { get; private set; }

    /// <summary>False once a message was left to the database because the window was full.</summary>
    public bool Complete { get; private set; } = true;

    /// <summary>The greatest sequence up to which all of the database was seen.</summary>
    public long LoadedUpTo { get; private set; } = -1;

    /// <summary>In doubt at once, however full: what was missed may have to leave first.</summary>
    public bool WantsRefill => !Complete && (LoadedUpTo < 0 || _entries.Count <= window / 2);

    /// <summary>How many rows a refill reads at most. In doubt those that are here already are among them.</summary>
    public int Room => LoadedUpTo < 0 ? window : window - _entries.Count;

    public bool Contains(Guid id) => _entries.ContainsKey(id);

    public OutboxEntry? Find(Guid id) => _entries.GetValueOrDefault(id);

    public bool IsUnderWay(Guid id) => _entries.TryGetValue(id, out OutboxEntry? entry) && !_waiting.Contains(entry);

    public DateTimeOffset? Oldest => _entries.Count == 0 ? null : _entries.Values.Min(e => e.AcceptedAt);

    public IEnumerable<OutboxEntry> NotHeld => _entries.Values.Where(e => !e.Held);

    /// <summary>
    /// A message just accepted. Urgent ones are taken in however many wait, unless there may be earlier ones that were not
    /// read yet; others only while everything fits.
    /// </summary>
    public void Add(OutboxEntry entry)
    {
        bool urgent = entry.Rank == Priority.Urgent;
        if (urgent ? _allUrgent : Complete && _entries.Count < window)
        {
            Insert(entry);
            if (Complete)
                LoadedUpTo = Math.Max(LoadedUpTo, entry.Sequence);
        }
        else
        {
            Complete = false;
            _missed = true;
            _missedUrgent |= urgent;
        }
    }

    /// <summary>A read of the database begins: what leaves from now on must not come back with it.</summary>
    public void BeginRefill()
    {
        _goneMeanwhile = [];
        _doubted = false;
    }

    /// <summary>What was read from the database after <see cref="LoadedUpTo"/>, by sequence.</summary>
    /// <param name="toTheEnd">There is nothing beyond.</param>
    /// <returns>False: doubted since the read began, which may have missed what the doubt was about.</returns>
    public bool Refill(IReadOnlyList<OutboxEntry> entries, bool toTheEnd)
    {
        foreach (OutboxEntry entry in entries)
        {
            if (_goneMeanwhile?.Contains(entry.Id) != true)
                Insert(entry);
            if (!_doubted)
                LoadedUpTo = Math.Max(LoadedUpTo, entry.Sequence);
        }
        Complete = toTheEnd && !_missed;
        _allUrgent |= toTheEnd && !_missedUrgent && !_doubted;
        _missed = _missedUrgent = false;
        _goneMeanwhile = null;
        if (LoadedUpTo >= 0)
        {
            foreach (OutboxEntry entry in _waiting.Where(e => !IsInReach(e)).ToArray())
                Forget(entry);
        }
        return !_doubted;
    }

    /// <summary>The database may hold messages that this window missed: read again from the start.</summary>
    public void Doubt()
    {
        Complete = _allUrgent = false;
        _missed = _doubted = true;
        LoadedUpTo = -1;
    }

    /// <summary>Takes up to <paramref name="max"/> messages that may leave now. They are under way until removed or put back.</summary>
    /// <param name="below">Only sequences below: above it, acceptances are under way whose outcome is not known yet.</param>
    public List<OutboxEntry> Take(int max, DateTimeOffset now, long below = long.MaxValue)
    {
        var batch = new List<OutboxEntry>();
        var order = new OrderGuard();
        foreach (OutboxEntry entry in _waiting)
        {
            if (batch.Count == max)
                break;
            if (entry.Sequence < below && !Waits(entry, now) && order.MayGo(entry))
                batch.Add(entry);
            else
                order.Block(entry);
        }
        foreach (OutboxEntry entry in batch)
            _waiting.Remove(entry);
        return batch;
    }

    public void PutBack(OutboxEntry entry, DateTimeOffset notBefore)
    {
        if (!_entries.ContainsKey(entry.Id))
            return;
        entry.NotBefore = notBefore;
        if (LoadedUpTo >= 0 && !IsInReach(entry))
            Forget(entry);
        else
            _waiting.Add(entry);
    }

    public void MarkHeld(OutboxEntry entry)
    {
        if (!entry.Held && _entries.ContainsKey(entry.Id))
        {
            entry.Held = true;
            HeldCount++;
        }
    }

    public void Remove(Guid id)
    {
        _goneMeanwhile?.Add(id);
        if (_entries.TryGetValue(id, out OutboxEntry? entry))
            Forget(entry);
    }

    /// <summary>Forgets the messages of senders that are not this hub's any more; what is under way ends as it may.</summary>
    public void Keep(Func<string, bool> isOwn)
    {
        foreach (Guid id in _entries.Values.Where(e => !isOwn(e.Envelope.From)).Select(e => e.Id).ToArray())
            Remove(id);
    }

    /// <summary>When the next of those that wait for a time may be tried; null if none waits for one.</summary>
    public DateTimeOffset? NextTry(DateTimeOffset now)
    {
        DateTimeOffset next = DateTimeOffset.MaxValue;
        foreach (OutboxEntry entry in _waiting)
        {
            if (Waits(entry, now) && entry.NotBefore < next)
                next = entry.NotBefore;
        }
        return next == DateTimeOffset.MaxValue ? null : next;
    }

    /// <summary>A time further off than any pause was set by a clock that was put back since: then it has come.</summary>
    private static bool Waits(OutboxEntry entry, DateTimeOffset now) => entry.NotBefore > now && entry.NotBefore <= now + Backoff.Longest;

    /// <summary>Whatever the database has before it is here.</summary>
    private bool IsInReach(OutboxEntry entry) =>
        Complete || entry.Sequence <= LoadedUpTo || (_allUrgent && entry.Rank == Priority.Urgent);

    /// <summary>Left to the database: read again when the window has come so far.</summary>
    private void Forget(OutboxEntry entry)
    {
        _entries.Remove(entry.Id);
        _waiting.Remove(entry);
        HeldCount -= entry.Held ? 1 : 0;
        if (_entries.Count == 0 && _entries.Capacity > Kept)
            _entries.TrimExcess();
    }

    private void Insert(OutboxEntry entry)
    {
        if (!_entries.TryAdd(entry.Id, entry))
            return;
        _waiting.Add(entry);
        HeldCount += entry.Held ? 1 : 0;
    }
}
