using System.Diagnostics;
using Orleans.Runtime.Placement;
using ShitOps.Grains.Telemetry;
using ShitOps.Grains.Tree;

namespace ShitOps.Grains.Nodes;

/// <summary>
/// A hub. Source of its own teams' messages (acceptance, outbox, pump), stop on the way of others', destination for its
/// teams' inboxes. Reentrant: every method checks again after an await what it read before. Here is how it comes and goes;
/// what it does in between is done by the parts it is made of.
/// </summary>
[Reentrant, SubtreePlacement]
public sealed class NodeGrain : Grain, INodeGrain
{
    private readonly HubServices _hub;
    private readonly NodeKey _key;
    private readonly HubTenure _tenure;
    private readonly Outbox _outbox = new(Limits.OutboxWindow);
    private readonly OutboxLoader _loader;
    private readonly OutboxWatch _watch;
    private readonly HubTeams _teams;
    private readonly HubTraffic _traffic;
    private readonly Acceptance _acceptance;
    private readonly Settlement _settlement;
    private readonly VerdictGate _gate;
    private readonly Carrier _carrier;
    private readonly Pump _pump;
    private readonly DateTimeOffset _activatedAt;
    private readonly CancellationTokenSource _leaving;

    public NodeGrain(IGrainContext context, HubServices hub)
    {
        _hub = hub;
        _key = NodeKey.Parse(context.GrainId.Key.ToString()!);
        _activatedAt = hub.Time.GetUtcNow();
        Action kick = Kick;
        _leaving = CancellationTokenSource.CreateLinkedTokenSource(hub.Stopping);
        _tenure = new HubTenure(_key, hub) { Lost = Yield, Moved = OnMoved };
        _loader = new OutboxLoader(_key, hub, _outbox, _tenure);
        _teams = new HubTeams(_key, hub, _outbox, _loader, _tenure) { Changed = kick };
        _watch = new OutboxWatch(_key, hub, _outbox, _loader, _teams, _tenure) { Changed = kick };
        _acceptance = new Acceptance(_key, hub, _outbox, _loader, _teams, _tenure) { Changed = kick };
        _settlement = new Settlement(_key, hub, _outbox, _loader, _teams, _tenure, _leaving.Token) { Changed = kick };
        _traffic = new HubTraffic(_key.Index, hub.Time);
        _gate = new VerdictGate(_key, hub);
        _carrier = new Carrier(_key, hub, _tenure, _traffic.AddDelivered, _leaving.Token);
        _pump = new Pump(_key, hub, _outbox, _loader, _tenure, _carrier, _gate, () => _acceptance.Below) { Settled = _settlement.Settled };
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
        _teams.TryFollowAsync().Ignore();
    }

    private void Kick() => _pump.Kick();

    public Task MoveTo(SiloAddress silo)
    {
        if (silo.Equals(_hub.SiloAddress))
            return Task.CompletedTask;
        Leave();
        RequestContext.Set(IPlacementDirector.PlacementHintKey, silo);
        MigrateOnIdle();
        return Task.CompletedTask;
    }

    public async Task Follow(long epoch)
    {
        if (await _tenure.CheckAsync())
            await _teams.TryFollowAsync(epoch);
    }

    public async Task<AcceptReply> Accept(AcceptBatch batch)
    {
        using Activity? activity = SiloTrace.Batch("accept", ActivityKind.Server, batch.Messages.Select(m => m.TraceParent), batch.Messages.Length, _key.Index);
        return await _acceptance.AcceptAsync(batch);
    }

    public async Task<ForwardReply> Forward(ForwardBatch batch)
    {
        using Activity? activity = SiloTrace.Batch("forward", ActivityKind.Consumer, batch.Items.Select(i => i.TraceParent), batch.Items.Length, _key.Index);
        Routes routes = await _hub.Router.AtLeastAsync(Math.Max(batch.Epoch, _tenure.Epoch));
        var statuses = new ForwardStatus?[batch.Items.Length];
        VerdictGate.Passed passed = await _gate.CheckAsync(batch, statuses);
        _traffic.AddFrom(batch.From, batch.Items.Length);
        var hop = new Hop(_key.Index, _hub.Silo, _hub.Time.GetUtcNow(), passed.SignatureVersion, passed.Scanned, batch.From);
        long epoch = await _carrier.CarryAsync(routes, batch with { SignatureVersion = passed.SignatureVersion, Hops = [.. batch.Hops, hop] }, statuses);
        return new(epoch, [.. statuses.Select(s => s ?? ForwardStatus.Failed)]);
    }

    public Task<bool> Cancel(Guid message, string actor) => _settlement.CancelAsync(message, actor);

    public Task<MessageState> WaitUntilSettled(Guid message, TimeSpan wait) => _settlement.WaitAsync(message, wait);

    public Task Wake() => _watch.WakeAsync();

    public Task WakeAfterMove() => _watch.WakeAfterMoveAsync();

    public Task<NodeStatus> Ping()
    {
        _watch.Look();
        if (_teams.IsBehind(_hub.Router.Known))
            _teams.TryFollowAsync().Ignore();
        return Task.FromResult(Status());
    }

    private NodeStatus Status()
    {
        (double parent, double left, double right) = (_traffic.FromParent, _traffic.FromLeft, _traffic.FromRight);
        return new()
        {
            Index = _key.Index,
            Silo = _hub.Silo,
            ActivatedAt = _activatedAt,
            Queue = _loader.Total,
            Held = _outbox.HeldCount,
            AcceptedRate = _acceptance.Rate,
            ForwardedRate = parent + left + right,
            DeliveredRate = _traffic.Delivered,
            FromParentRate = parent,
            FromLeftRate = left,
            FromRightRate = right,
            OldestAcceptedAt = _outbox.Oldest,
            Health = _outbox.HeldCount > 0 ? "degraded" : "ok",
        };
    }
}
