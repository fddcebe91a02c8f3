using System.Diagnostics;
using Orleans.Runtime.Placement;
using ShitOps.Grains.Journal;
using ShitOps.Grains.Storage;
using ShitOps.Grains.Telemetry;
using ShitOps.Grains.Tree;

namespace ShitOps.Grains.Nodes;

/// <summary>
/// A hub. Source of its own teams' messages (acceptance, outbox, pump), stop on the way of others', destination for its
/// teams' inboxes. Reentrant: every method checks again after an await what it read before.
/// </summary>
[Reentrant]
public sealed class NodeGrain : Grain, INodeGrain
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMinutes(1);

    private readonly HubServices _hub;
    private readonly NodeKey _key;
    private readonly HubTenure _tenure;
    private readonly Outbox _outbox = new(Limits.OutboxWindow);
    private readonly SortedSet<long> _accepting = [];
    private readonly Dictionary<Guid, TaskCompletionSource<MessageState>> _waiters = [];
    private readonly OutboxLoader _loader;
    private readonly HubTeams _teams;
    private readonly VerdictGate _gate;
    private readonly Carrier _carrier;
    private readonly Pump _pump;
    private readonly DateTimeOffset _activatedAt;
    private readonly CancellationTokenSource _leaving;
    private DateTimeOffset _lookedAt;
    private long _lastSequence;
    private Rate _accepted, _delivered, _fromParent, _fromLeft, _fromRight;

    public NodeGrain(IGrainContext context, HubServices hub)
    {
        _hub = hub;
        _key = NodeKey.Parse(context.GrainId.Key.ToString()!);
        _activatedAt = _lookedAt = hub.Time.GetUtcNow();
        _tenure = new HubTenure(_key, hub) { Lost = Yield, Moved = OnMoved };
        _loader = new OutboxLoader(_key, hub, _outbox, _tenure, NextSequence);
        _teams = new HubTeams(_key, hub, _outbox, _loader, _tenure) { Changed = () => _pump?.Kick() };
        _gate = new VerdictGate(_key, hub);
        _leaving = CancellationTokenSource.CreateLinkedTokenSource(hub.Stopping);
        _carrier = new Carrier(_key, hub, _tenure, count => _delivered.Add(count, hub.Time), _leaving.Token);
        _pump = new Pump(_key, hub, _outbox, _loader, _tenure, _carrier, _gate, () => _accepting.Count == 0 ? long.MaxValue : _accepting.Min) { Settled = OnSettled };
    }

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        // Before the outbox is read: what another activation commits afterwards would be missed.
        await _tenure.TakeAsync();
        await _teams.FollowAsync();
        await _loader.RefillAsync();
        _pump.Kick();
        _ = _tenure.TellAsync(_loader.Total);
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Leave();
        await _pump.StopAsync();
        await _tenure.LeaveAsync();
        _leaving.Dispose();
        // When two were active at once the older one may be kept, which has not read what this one accepted.
        if (_loader.Total > 0 && !_hub.Stopping.IsCancellationRequested)
            _ = WakeNextAsync();
    }

    private async Task WakeNextAsync()
    {
        try
        {
            await _hub.Node(_key).Wake();
        }
        catch (Exception error)
        {
            NodeLog.LookFailed(_hub.Log, _key.ToString(), error);
        }
    }

    /// <summary>Another activation has the hub. What was asked of this one is answered as not stored, and asked again there.</summary>
    private void Yield()
    {
        Leave();
        DeactivateOnIdle();
    }

    /// <summary>Begins nothing more, and waits for nobody: a grain that is to go first ends the calls it has begun.</summary>
    private void Leave()
    {
        _pump.Stop();
        if (!_leaving.IsCancellationRequested)
            _leaving.Cancel();
    }

    /// <summary>The tree took a team from this hub; it goes on with those that stay.</summary>
    private void OnMoved()
    {
        _teams.Doubt();
        FollowAsync().Ignore();
    }

    private async Task FollowAsync(long epoch = 0)
    {
        try
        {
            await _teams.FollowAsync(epoch);
        }
        catch (Exception error)
        {
            NodeLog.NotFollowed(_hub.Log, _key.ToString(), error);
        }
    }

    public async Task Follow(long epoch)
    {
        if (await _tenure.CheckAsync())
            await FollowAsync(epoch);
    }

    public Task MoveTo(SiloAddress silo)
    {
        if (silo.Equals(_hub.SiloAddress))
            return Task.CompletedTask;
        Leave();
        RequestContext.Set(IPlacementDirector.PlacementHintKey, silo);
        MigrateOnIdle();
        return Task.CompletedTask;
    }

    public async Task<AcceptReply> Accept(AcceptBatch batch)
    {
        using Activity? activity = SiloTrace.Batch("accept", ActivityKind.Server, batch.Messages.Select(m => m.TraceParent), batch.Messages.Length, _key.Index);
        Routes routes;
        Admission admission;
        DateTimeOffset now;
        do
        {
            routes = await _teams.FollowAsync(batch.Epoch);
            if (batch.Messages.Any(m => routes.Find(m.To) is null || routes.Snapshot.Find(m.From) is null))
            {
                routes = await _hub.Router.NewestAsync();
                await _teams.FollowAsync(routes);
            }
            now = _hub.Time.GetUtcNow();
            admission = new Admission(_key, routes, _hub, now);
            await admission.LoadAttachmentsAsync(batch.Messages);
        }
        while (!_teams.Holds(routes));

        var results = new Accepted[batch.Messages.Length];
        var changes = new List<Change>(batch.Messages.Length);
        var entries = new List<(int Index, OutboxEntry? Entry, DateTimeOffset? Due)>(batch.Messages.Length);
        long first = _lastSequence + 1;
        for (int i = 0; i < results.Length; i++)
        {
            NewMessage message = batch.Messages[i];
            AcceptStatus status = _loader.Total + changes.Count >= _hub.Options.OutboxCapacity ? AcceptStatus.HubFull : admission.Check(message);
            results[i] = new(status, message.Id, MessageState.Queued);
            if (status != AcceptStatus.Accepted)
                continue;
            bool later = message.DeliverAt > now;
            long sequence = later ? message.DeliverAt!.Value.ToUnixTimeMilliseconds() : NextSequence();
            changes.Add(admission.Change(message, sequence, later));
            entries.Add((i, later ? null : Entry(message, sequence, now), later ? message.DeliverAt : null));
        }
        if (changes.Count == 0)
            return new(routes.Snapshot.Epoch, results);

        bool queued = _lastSequence >= first;
        if (queued)
            _accepting.Add(first);
        try
        {
            ChangeResult[] stored = await _tenure.CommitAsync(changes);
            for (int c = 0; c < stored.Length; c++)
                Book(entries[c], stored[c], results);
        }
        catch (NotCommittedException)
        {
            Fail(entries, results, AcceptStatus.NotStored);
        }
        catch (CommitUnknownException)
        {
            Fail(entries, results, AcceptStatus.Unknown);
            _outbox.Doubt();
        }
        finally
        {
            if (queued)
                _accepting.Remove(first);
        }
        _accepted.Add(changes.Count, _hub.Time);
        _pump.Kick();
        return new(routes.Snapshot.Epoch, results);
    }

    public async Task<ForwardReply> Forward(ForwardBatch batch)
    {
        using Activity? activity = SiloTrace.Batch("forward", ActivityKind.Consumer, batch.Items.Select(i => i.TraceParent), batch.Items.Length, _key.Index);
        Routes routes = await _hub.Router.AtLeastAsync(Math.Max(batch.Epoch, _tenure.Epoch));
        var statuses = new ForwardStatus?[batch.Items.Length];
        VerdictGate.Passed passed = await _gate.CheckAsync(batch, statuses);
        RateFrom(batch.From).Add(batch.Items.Length, _hub.Time);
        var hop = new Hop(_key.Index, _hub.Silo, _hub.Time.GetUtcNow(), passed.SignatureVersion, passed.Scanned, batch.From);
        long epoch = await _carrier.CarryAsync(routes, batch with { SignatureVersion = passed.SignatureVersion, Hops = [.. batch.Hops, hop] }, statuses);
        return new(epoch, [.. statuses.Select(s => s ?? ForwardStatus.Failed)]);
    }

    public Task<NodeStatus> Ping()
    {
        if (_lookedAt + LookAgain <= _hub.Time.GetUtcNow())
            _ = LookAsync();
        if (_teams.IsBehind(_hub.Router.Known))
            FollowAsync().Ignore();
        return Task.FromResult(Status());
    }

    /// <summary>What came over the edge to that neighbour.</summary>
    private ref Rate RateFrom(int neighbour)
    {
        if (neighbour == (2 * _key.Index) + 1)
            return ref _fromLeft;
        if (neighbour == (2 * _key.Index) + 2)
            return ref _fromRight;
        return ref _fromParent;
    }

    private NodeStatus Status()
    {
        (double parent, double left, double right) = (_fromParent.Read(_hub.Time), _fromLeft.Read(_hub.Time), _fromRight.Read(_hub.Time));
        return new()
        {
            Index = _key.Index,
            Silo = _hub.Silo,
            ActivatedAt = _activatedAt,
            Queue = _loader.Total,
            Held = _outbox.HeldCount,
            AcceptedRate = _accepted.Read(_hub.Time),
            ForwardedRate = parent + left + right,
            DeliveredRate = _delivered.Read(_hub.Time),
            FromParentRate = parent,
            FromLeftRate = left,
            FromRightRate = right,
            OldestAcceptedAt = _outbox.Oldest,
            Health = _outbox.HeldCount > 0 ? "degraded" : "ok",
        };
    }

    public async Task<bool> Cancel(Guid message, string actor)
    {
        await _teams.FollowAsync();
        if (await _hub.Outbox.FindAsync(message) is not { } found)
            return false;
        if (!_loader.IsOwn(found.From))
            throw new NotCommittedException($"'{found.From}' does not stand at {_key} any more");
        if (_outbox.IsUnderWay(message))
            return false;
        string? traceParent = _outbox.Find(message)?.Envelope.TraceParent;
        _outbox.Remove(message);
        DateTimeOffset now = _hub.Time.GetUtcNow();
        try
        {
            ChangeResult[] results = await _tenure.CommitAsync(await _hub.Archive.WithTracesAsync([new MoveMessage(message, MessageStateSet.Unsettled, MessageState.Cancelled, now)
            {
                Events = [new(EventTypes.MessageCancelled, now) { Message = message, Node = _key.Index, Silo = _hub.Silo, Actor = actor, TraceParent = traceParent }],
            }]));
            if (results[0].Applied)
                OnSettled(message, MessageState.Cancelled);
            return results[0].Applied;
        }
        catch
        {
            _outbox.Doubt();
            _pump.Kick();
            throw;
        }
    }

    public async Task<MessageState> WaitUntilSettled(Guid message, TimeSpan wait)
    {
        if (!_waiters.TryGetValue(message, out TaskCompletionSource<MessageState>? waiter))
            _waiters[message] = waiter = new(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            if (!_outbox.Contains(message) && await StateAsync(message) is var state && state.IsSettled())
                return state;
            return await waiter.Task.WaitAsync(wait, _hub.Time, _leaving.Token);
        }
        catch (Exception error) when (error is TimeoutException or OperationCanceledException)
        {
            return await StateAsync(message);
        }
        finally
        {
            _waiters.Remove(message);
        }
    }

    public async Task Wake()
    {
        // Who wakes this hub may mean a team that has just gone.
        foreach (int node in _teams.PassedOn(_hub.Router.Known ?? TreeSnapshot.Empty(_key.Tree)))
            _hub.Node(_key with { Index = node }).WakeAfterMove().Ignore();
        await WakeAfterMove();
    }

    public async Task WakeAfterMove()
    {
        if (!await _tenure.CheckAsync())
            return;
        await _loader.CountAsync();
        _outbox.Doubt();
        _pump.Kick();
    }

    /// <summary>Whoever put rows here may have died before it could wake this node: now and then the database is asked.</summary>
    private async Task LookAsync()
    {
        _lookedAt = _hub.Time.GetUtcNow();
        try
        {
            if (await _tenure.CheckAsync() && await _loader.CountAsync() > _outbox.Count && _outbox.Complete)
            {
                _outbox.Doubt();
                _pump.Kick();
            }
        }
        catch (Exception error)
        {
            NodeLog.LookFailed(_hub.Log, _key.ToString(), error);
        }
    }

    private async Task<MessageState> StateAsync(Guid message) => (await _hub.Outbox.FindAsync(message))?.State ?? MessageState.Queued;

    private OutboxEntry Entry(NewMessage message, long sequence, DateTimeOffset now)
    {
        var entry = OutboxEntry.From(message, sequence, now);
        if (_outbox.Count < Limits.BodiesInMemory)
            entry.Body = new StoredBody(message.Id, message.BodyKind, message.SealedBody, message.Subject, message.Attachments);
        return entry;
    }

    private void Book((int Index, OutboxEntry? Entry, DateTimeOffset? Due) accepted, ChangeResult stored, Accepted[] results)
    {
        if (stored.Applied)
        {
            _loader.Total++;
            if (accepted.Entry is not null)
                _outbox.Add(accepted.Entry);
            else
                _loader.Scheduled(accepted.Due!.Value);
        }
        else if (stored.Existing is { } existing)
        {
            Guid asked = results[accepted.Index].Id;
            AcceptStatus status = existing.Id == asked ? AcceptStatus.Accepted : existing.SameRequest ? AcceptStatus.Repeated : AcceptStatus.KeyReused;
            results[accepted.Index] = new(status, existing.Id, existing.State);
            // A call repeated after its first answer was lost: the row may be one this activation has not seen.
            if (existing.Id == asked && !existing.State.IsSettled() && !_outbox.Contains(asked))
                _outbox.Doubt();
        }
        else
        {
            results[accepted.Index] = results[accepted.Index] with { Status = AcceptStatus.NotStored };
        }
    }

    private static void Fail(List<(int Index, OutboxEntry? Entry, DateTimeOffset? Due)> entries, Accepted[] results, AcceptStatus status)
    {
        foreach ((int index, _, _) in entries)
            results[index] = results[index] with { Status = status };
    }

    private void OnSettled(Guid message, MessageState state)
    {
        _loader.Total = Math.Max(0, _loader.Total - 1);
        if (_waiters.TryGetValue(message, out TaskCompletionSource<MessageState>? waiter))
            waiter.TrySetResult(state);
    }

    /// <summary>Rises with every message; by the clock, so that it rises across activations too.</summary>
    private long NextSequence() => _lastSequence = OutboxInserts.SequenceAfter(Math.Max(_lastSequence, _loader.LastSequence), _hub.Time.GetUtcNow());
}
