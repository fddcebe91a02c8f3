namespace ShitOps.Grains.Inbox;

/// <summary>
/// The unacknowledged deliveries of a team that are in memory, and the decision which are leased next. Pure: no clock, no
/// I/O. Order: most urgent first, then as the database numbered them.
/// </summary>
/// <remarks>
/// A delivery that waits for its time (after a nack) blocks the later ones of its lane. With an ordering key a lane is
/// leased to one call at a time: what follows waits until the earlier ones are acknowledged, dead or back.
/// </remarks>
internal sealed class InboxWindow
{
    private readonly SortedSet<InboxItem> _waiting = new(Comparer<InboxItem>.Create(static (a, b) =>
        a.Key.Rank != b.Key.Rank ? a.Key.Rank.CompareTo(b.Key.Rank) : a.Key.Sequence.CompareTo(b.Key.Sequence)));
    private readonly Dictionary<Guid, InboxItem> _items = [];
    private readonly Dictionary<InboxLane, int> _leasedOfKey = [];
    private long _grants;

    public int Waiting => _waiting.Count;
    public int Leased => _items.Count - _waiting.Count;
    public IEnumerable<InboxItem> Items => _items.Values;

    public InboxItem? Find(Guid id) => _items.GetValueOrDefault(id);

    public void Add(InboxItem item)
    {
        if (_items.TryAdd(item.Id, item))
            _waiting.Add(item);
    }

    /// <summary>Leases up to <paramref name="max"/>; those that expired are handed out apart and are no longer known here.</summary>
    public List<InboxItem> Take(int max, Moment now, TimeSpan lease, Guid? stream, List<InboxItem> expired, Guid request = default)
    {
        var taken = new List<InboxItem>();
        var blocked = new HashSet<InboxLane>();
        foreach (InboxItem item in _waiting)
        {
            if (taken.Count == max)
                break;
            if (item.Key.ExpiresAt <= now.Clock)
                expired.Add(item);
            else if (item.Pause(now) > TimeSpan.Zero || blocked.Contains(item.Lane) || (item.Key.OrderingKey is not null && _leasedOfKey.ContainsKey(item.Lane)))
                blocked.Add(item.Lane);
            else
                taken.Add(item);
        }
        foreach (InboxItem item in expired)
            Remove(item);
        foreach (InboxItem item in taken)
        {
            _waiting.Remove(item);
            item.State = ItemState.Leased;
            item.Lease(now, lease);
            item.Stream = stream;
            item.Request = request;
            item.Grant = ++_grants;
            if (item.Key.OrderingKey is not null)
                _leasedOfKey[item.Lane] = _leasedOfKey.GetValueOrDefault(item.Lane) + 1;
        }
        return taken;
    }

    /// <summary>What is leased for a request already, in order of grant, its lease begun anew.</summary>
    public List<InboxItem> LeasedFor(Guid request, Moment now, TimeSpan lease)
    {
        List<InboxItem> leased = [.. _items.Values.Where(i => i.State == ItemState.Leased && i.Request == request).OrderBy(i => i.Grant)];
        foreach (InboxItem item in leased)
            item.Lease(now, lease);
        return leased;
    }

    /// <summary>Back among those that wait, in its old place.</summary>
    /// <param name="until">As <see cref="Moment.Running"/>; 0: it may be leased again at once.</param>
    public void PutBack(InboxItem item, TimeSpan until = default)
    {
        if (item.State == ItemState.Waiting || !_items.ContainsKey(item.Id))
            return;
        Unlease(item);
        item.Hold(until);
        item.State = ItemState.Waiting;
        _waiting.Add(item);
    }

    public void Remove(InboxItem item)
    {
        if (!_items.Remove(item.Id))
            return;
        if (item.State == ItemState.Waiting)
            _waiting.Remove(item);
        else
            Unlease(item);
    }

    /// <summary>How long until something here changes by time alone: a lease ends, a delay is over.</summary>
    public TimeSpan? NextChange(Moment now)
    {
        TimeSpan next = TimeSpan.MaxValue;
        foreach (InboxItem item in _items.Values)
        {
            TimeSpan wait = item.State == ItemState.Leased ? item.LeaseEnds - now.Running : item.Pause(now);
            if (item.State == ItemState.Leased || (item.State == ItemState.Waiting && wait > TimeSpan.Zero))
                next = wait < next ? wait : next;
        }
        return next == TimeSpan.MaxValue ? null : next;
    }

    private void Unlease(InboxItem item)
    {
        if (item.Key.OrderingKey is null || !_leasedOfKey.TryGetValue(item.Lane, out int count))
            return;
        if (count == 1)
            _leasedOfKey.Remove(item.Lane);
        else
            _leasedOfKey[item.Lane] = count - 1;
    }
}
