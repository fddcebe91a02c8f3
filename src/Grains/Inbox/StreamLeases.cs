namespace ShitOps.Grains.Inbox;

/// <summary>Which streams have ended and what they had leased, so that a client that comes back loses nothing and waits for nothing.</summary>
internal sealed class StreamLeases
{
    private const int Remembered = 1_000;

    /// <summary>A connection that broke may be seen to end only after its client is back: at the next write, or once the client's side has drained it.</summary>
    private static readonly TimeSpan EndSeenWithin = TimeSpan.FromSeconds(30);

    private readonly HashSet<Guid> _ended = [];
    private readonly Queue<Guid> _endedInOrder = new();
    private readonly Dictionary<Guid, DateTimeOffset> _begun = [];
    private DateTimeOffset _afresh = DateTimeOffset.MinValue;
    private readonly Dictionary<Guid, (Guid Stream, long Grant)> _grants = [];
    private readonly Queue<Guid> _order = new();

    public void Granted(InboxItem item, DateTimeOffset now)
    {
        if (item.Stream is not { } stream)
            return;
        _begun.TryAdd(stream, now);
        _grants[item.Id] = (stream, item.Grant);
        _order.Enqueue(item.Id);
        while (_order.Count > Remembered)
            _grants.Remove(_order.Dequeue());
    }

    public bool HasEnded(Guid stream) => _ended.Contains(stream);

    /// <summary>True if what the stream leased should go back at once: a client that lost its place has begun afresh meanwhile.</summary>
    public bool End(Guid stream, DateTimeOffset now)
    {
        MarkEnded(stream);
        return _begun.Remove(stream, out DateTimeOffset begun) && begun < _afresh && now - _afresh < EndSeenWithin;
    }

    public void BeginAfresh(DateTimeOffset now) => _afresh = now;

    /// <summary>
    /// What ended streams leased after <paramref name="lastReceived"/>, in order of grant; all of it when that is null or
    /// unknown. A client that names the last it received is done with that stream, whether its end was seen or not.
    /// </summary>
    public IReadOnlyList<InboxItem> TakeLost(IEnumerable<InboxItem> items, Guid? lastReceived)
    {
        long received = -1;
        if (lastReceived is { } last && _grants.TryGetValue(last, out (Guid Stream, long Grant) grant))
        {
            received = grant.Grant;
            MarkEnded(grant.Stream);
        }
        InboxItem[] lost =
        [
            .. items.Where(i => i.State == ItemState.Leased && i.Stream is { } stream && _ended.Contains(stream) && i.Grant > received).OrderBy(i => i.Grant),
        ];
        return lost;
    }

    private void MarkEnded(Guid stream)
    {
        if (_ended.Add(stream))
            _endedInOrder.Enqueue(stream);
        while (_endedInOrder.Count > Remembered)
            _ended.Remove(_endedInOrder.Dequeue());
    }
}
