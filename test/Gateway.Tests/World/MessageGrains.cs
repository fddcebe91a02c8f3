using Orleans.Concurrency;
using ShitOps.Grains;

namespace ShitOps.Gateway.Tests.World;

[Reentrant]
public sealed class TestNodeGrain(TestWorld world) : Grain, INodeGrain
{
    private int Index => NodeKey.Parse(this.GetPrimaryKeyString()).Index;

    public Task<AcceptReply> Accept(AcceptBatch batch)
    {
        world.Batches.Enqueue((Index, batch));
        bool meant = world.FaultsFor is not { } team || Array.Exists(batch.Messages, m => m.From == team);
        AcceptStatus? ordered = meant && world.NextAccepts.TryDequeue(out Func<AcceptStatus?>? fault) ? fault() : null;
        return Task.FromResult(new AcceptReply(world.Tree.Epoch, [.. batch.Messages.Select(m => ordered is { } status ? new Accepted(status, m.Id, default) : Store(m))]));
    }

    private Accepted Store(NewMessage message)
    {
        if (world.Tree.Find(message.From)?.Node != Index)
            return new(AcceptStatus.Moved, message.Id, default);
        TestWorld.Stored? earlier = message.IdempotencyKey is null ? null
            : world.Messages.Values.FirstOrDefault(s => s.Message.From == message.From && s.Message.IdempotencyKey == message.IdempotencyKey && s.Message.Id != message.Id);
        if (earlier is not null)
            return new(earlier.Message.RequestDigest.AsSpan().SequenceEqual(message.RequestDigest) ? AcceptStatus.Repeated : AcceptStatus.KeyReused, earlier.Message.Id, earlier.State);
        bool later = message.DeliverAt is not null;
        var stored = new TestWorld.Stored(message, later ? MessageState.Scheduled : MessageState.Delivered, Index);
        if (!world.Messages.TryAdd(message.Id, stored))
            return new(AcceptStatus.Accepted, message.Id, MessageState.Queued);
        if (message.Ask is not null)
            Open(message);
        foreach (string team in later ? [] : world.RecipientsOf(message))
        {
            stored.Deliveries[team] = DeliveryState.Waiting;
            world.Arrivals(team).Release();
        }
        return new(AcceptStatus.Accepted, message.Id, MessageState.Queued);
    }

    private void Open(NewMessage message)
    {
        string[] teams = [.. world.RecipientsOf(message)];
        world.Asks[message.Id] = new AskView
        {
            Id = message.Id,
            From = message.From,
            To = message.To,
            Subject = message.Subject,
            State = AskState.Open,
            Spec = message.Ask!,
            AskedAt = DateTimeOffset.UnixEpoch,
            Asked = teams.Length,
            Answered = 0,
            Missing = [.. teams.Select(t => new MissingTeam(t, "no_reply"))],
            Nodes = [new AskNodeView(0, 0, teams)],
            Result = Guid.CreateVersion7(),
            Teams = teams,
        };
    }

    public Task<ForwardReply> Forward(ForwardBatch batch) => throw new NotSupportedException();

    public Task<NodeStatus> Ping() => throw new NotSupportedException();

    public Task<bool> Cancel(Guid message, string actor)
    {
        if (!world.Messages.TryGetValue(message, out TestWorld.Stored? stored) || stored.State.IsSettled())
            return Task.FromResult(false);
        stored.State = MessageState.Cancelled;
        return Task.FromResult(true);
    }

    public Task<MessageState> WaitUntilSettled(Guid message, TimeSpan wait) => Task.FromResult(world.Messages[message].State);

    public Task Wake() => Task.CompletedTask;

    public Task WakeAfterMove() => Task.CompletedTask;

    public Task Follow(long epoch) => Task.CompletedTask;

    public Task MoveTo(SiloAddress silo) => Task.CompletedTask;
}

[Reentrant]
public sealed class TestTeamGrain(TestWorld world, TimeProvider time) : Grain, ITeamGrain
{
    private readonly HashSet<Guid> _withdrawn = [];

    private string Name => TeamKey.Parse(this.GetPrimaryKeyString()).Name;

    public async Task<Immutable<Delivery[]>?> Lease(LeaseRequest request)
    {
        if (world.NextLeases.TryDequeue(out Action? fault))
            fault();
        Delivery[] found = Take(request);
        for (long start = time.GetTimestamp(); found.Length == 0 && time.GetElapsedTime(start) < request.Wait; found = Take(request))
        {
            if (!await world.Arrivals(Name).WaitAsync(request.Wait - time.GetElapsedTime(start)))
                break;
        }
        if (world.LateLeases.TryDequeue(out Task? late))
            await late;
        if (!_withdrawn.Contains(request.Request))
            return new Immutable<Delivery[]>(found);
        await Release(new([.. found.Select(d => d.Id)]));
        return new Immutable<Delivery[]>([]);
    }

    public Task Withdraw(Guid request)
    {
        _withdrawn.Add(request);
        return Task.CompletedTask;
    }

    private Delivery[] Take(LeaseRequest request)
    {
        TestWorld.Stored[] free = [.. world.Messages.Values
            .Where(s => s.Deliveries.TryGetValue(Name, out DeliveryState state) && state == DeliveryState.Waiting && !s.Leased.GetValueOrDefault(Name))
            .OrderBy(s => s.Number).Take(request.Max)];
        return [.. free.Select(s =>
        {
            s.Leased[Name] = true;
            NewMessage m = s.Message;
            return new Delivery
            {
                Id = m.Id, Attempt = s.Attempts.AddOrUpdate(Name, 1, (_, n) => n + 1), LeasedUntil = time.GetUtcNow() + request.Lease, Kind = m.Kind, From = m.From,
                Subject = m.Subject, ContentType = m.ContentType, BodyKind = m.BodyKind, SealedBody = m.SealedBody, CorrelationId = m.CorrelationId,
                OrderingKey = m.OrderingKey, AcceptedAt = time.GetUtcNow(), TraceParent = m.TraceParent, Attachments = m.Attachments, Priority = m.Priority,
                Reference = m.Reference,
            };
        })];
    }

    public Task<InboxReply> Ack(Immutable<Guid[]> deliveries) => Each(deliveries, s => s.Deliveries[Name] = DeliveryState.Acknowledged);

    public Task<InboxReply> Nack(Immutable<Guid[]> deliveries, TimeSpan delay) => Each(deliveries, s =>
    {
        s.Leased[Name] = false;
        world.Arrivals(Name).Release();
    });

    public Task<InboxReply> Fail(Immutable<Guid[]> deliveries, TimeSpan delay, string reason) => Nack(deliveries, delay);

    public Task Release(Immutable<Guid[]> deliveries) => Nack(deliveries, TimeSpan.Zero);

    public Task<InboxReply> Extend(Immutable<Guid[]> deliveries, TimeSpan lease) => Each(deliveries, _ => { }, time.GetUtcNow() + lease);

    private Task<InboxReply> Each(Immutable<Guid[]> ids, Action<TestWorld.Stored> act, DateTimeOffset? until = null)
    {
        List<Guid> unknown = [];
        foreach (Guid id in ids.Value)
        {
            if (world.Messages.TryGetValue(id, out TestWorld.Stored? stored) && stored.Deliveries.ContainsKey(Name))
                act(stored);
            else
                unknown.Add(id);
        }
        return Task.FromResult(new InboxReply(ids.Value.Length - unknown.Count, [.. unknown], until));
    }

    public Task EndStream(Guid stream)
    {
        world.Calls.Enqueue($"EndStream {Name}");
        return Task.CompletedTask;
    }

    public Task Resume(Guid? lastReceived)
    {
        world.Calls.Enqueue($"Resume {Name} {lastReceived}");
        return Task.CompletedTask;
    }

    public Task Notify(int ranks, DateTimeOffset? expires) => Task.CompletedTask;

    public Task<InboxStatus> Status() => Task.FromResult(new InboxStatus(
        world.Messages.Values.Count(s => s.Leased.GetValueOrDefault(Name) && s.Deliveries.GetValueOrDefault(Name) == DeliveryState.Waiting),
        world.Messages.Values.Count(s => s.Deliveries.TryGetValue(Name, out DeliveryState state) && state == DeliveryState.Waiting), null));
}
