namespace ShitOps.Bench;

/// <summary>Who was sent what, and who got it. A run in which a message is lost, doubled or led astray is no result.</summary>
/// <param name="teams">How many; a team is known by its number.</param>
internal sealed class Ledger(int teams)
{
    /// <summary>In place of a recipient: everybody but the sender.</summary>
    public const int Everybody = -1;

    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, (int From, int To)> _accepted = [];
    private readonly HashSet<Guid>[] _received = [.. Enumerable.Range(0, teams).Select(_ => new HashSet<Guid>())];
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _progress = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _closed;
    private long _due, _acknowledged;

    public int Accepted => _accepted.Count;
    public long Acknowledged => Volatile.Read(ref _acknowledged);
    /// <summary>Deliveries that what was accepted so far will make.</summary>
    public long Due => Volatile.Read(ref _due);

    /// <summary>Completed when nothing more is accepted and all of it is acknowledged.</summary>
    public Task Done => _done.Task;

    public void Accept(ReadOnlySpan<Guid> ids, int from, ReadOnlySpan<int> to)
    {
        lock (_lock)
        {
            for (int i = 0; i < ids.Length; i++)
            {
                if (!_accepted.TryAdd(ids[i], (from, to[i])))
                    throw new InvalidOperationException($"two messages were given the id {ids[i]}");
                _due += to[i] == Everybody ? teams - 1 : 1;
            }
        }
    }

    /// <summary>Before the acknowledgement: what comes a second time is found at once.</summary>
    public void Receive(int team, Guid id)
    {
        HashSet<Guid> mine = _received[team];
        lock (mine)
        {
            if (!mine.Add(id))
                throw new InvalidOperationException($"{id} came twice to team {team}");
        }
    }

    public void Acknowledge(int count)
    {
        lock (_lock)
        {
            _acknowledged += count;
            Tell();
        }
    }

    /// <summary>Nothing more is accepted.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
            Tell();
        }
    }

    /// <summary>Waits until everything accepted so far is acknowledged.</summary>
    public async Task UntilAllAcknowledgedAsync(CancellationToken stop)
    {
        while (true)
        {
            Task progress = Volatile.Read(ref _progress).Task;
            if (Acknowledged >= Due)
                return;
            await progress.WaitAsync(stop);
        }
    }

    /// <summary>How many each team has to get.</summary>
    public int[] DueByTeam()
    {
        var due = new int[teams];
        foreach ((int from, int to) in _accepted.Values)
        {
            if (to != Everybody)
            {
                due[to]++;
                continue;
            }
            for (int team = 0; team < teams; team++)
                due[team] += team == from ? 0 : 1;
        }
        return due;
    }

    /// <summary>Sender and recipient of every message to one team.</summary>
    public IEnumerable<(int From, int To)> Pairs => _accepted.Values.Where(pair => pair.To != Everybody);

    /// <exception cref="InvalidOperationException">Something was lost or came to whom it was not meant for.</exception>
    public void Check()
    {
        for (int team = 0; team < teams; team++)
        {
            foreach (Guid id in _received[team])
            {
                if (!_accepted.TryGetValue(id, out (int From, int To) message))
                    throw new InvalidOperationException($"team {team} got {id}, which nobody sent");
                if (message.To == Everybody ? message.From == team : message.To != team)
                    throw new InvalidOperationException($"team {team} got {id}, which was meant for {message.To}");
            }
        }
        long received = _received.Sum(r => (long)r.Count);
        if (received != Due || Acknowledged != Due)
            throw new InvalidOperationException($"of {Due} deliveries {received} were received and {Acknowledged} acknowledged");
    }

    private void Tell()
    {
        if (_closed && _acknowledged >= _due)
            _done.TrySetResult();
        Interlocked.Exchange(ref _progress, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }
}
