using Orleans.Concurrency;
using ShitOps.Grains;

namespace ShitOps.Gateway.Tests.World;

[Reentrant]
public sealed class TestTreeGrain(TestWorld world, TimeProvider time) : Grain, ITreeGrain
{
    public Task<TreeSnapshot> Read() => Task.FromResult(world.Tree);

    public Task<TreeNews> News(long known) => Task.FromResult(TreeNews.All(world.Tree));

    public async Task<TreeNews?> WaitForNews(long known)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(100), time);
        return world.Tree.Epoch > known ? TreeNews.All(world.Tree) : null;
    }

    public Task<RebalanceReply> Rebalance(bool dryRun, string actor)
    {
        if (!dryRun)
            world.Rebalanced.Enqueue(actor);
        return Task.FromResult(new RebalanceReply(world.Tree.Epoch + (dryRun ? 0 : 1), 12.5, 3.5, 1.25, [new("dev", 4, 1)], dryRun ? TestWorld.Plan : Guid.Empty));
    }

    public Task<RebalanceReply> CarryOut(Guid plan, string actor) => plan == TestWorld.Plan
        ? Rebalance(dryRun: false, actor)
        : Task.FromResult(new RebalanceReply(world.Tree.Epoch, 0, 0, 0, [], plan, Outdated: true));

    public Task<PutTeamReply> PutTeam(PutTeam command)
    {
        bool created = world.Tree.Find(command.Name) is null;
        TeamPlace place = world.Put(command.Name, command.Function, command.Weight);
        if (created)
            world.Keys[Convert.ToHexString(command.FirstKey.Hash)] = new(command.FirstKey.Id, Role.Team, command.Name, DateTimeOffset.UnixEpoch);
        return Task.FromResult(new PutTeamReply(created, place, world.Tree.Epoch));
    }

    public Task<RemoveTeamStatus> RemoveTeam(string name, bool force, string actor)
    {
        if (world.Tree.Find(name) is null)
            return Task.FromResult(RemoveTeamStatus.NotFound);
        if (!force && world.Messages.Values.Any(s => s.Deliveries.GetValueOrDefault(name, DeliveryState.Dead) == DeliveryState.Waiting))
            return Task.FromResult(RemoveTeamStatus.HasOpenMessages);
        world.Remove(name);
        foreach ((string hash, AccessKey key) in world.Keys)
        {
            if (key.Team == name)
                world.Keys.TryRemove(hash, out _);
        }
        return Task.FromResult(RemoveTeamStatus.Removed);
    }
}

public sealed class TestDataKeyGrain(TestWorld world) : Grain, IDataKeyGrain
{
    public Task<WrappedDataKeyDto> Current() => Task.FromResult(Next());

    public Task<WrappedDataKeyDto?> Get(int id) => Task.FromResult<WrappedDataKeyDto?>(Next());

    // With nothing ordered the database is away.
    private WrappedDataKeyDto Next() => world.NextDataKeys.TryDequeue(out Func<WrappedDataKeyDto>? next) ? next() : throw new StoreUnavailableException("away");
}

public sealed class TestAccessGrain(TestWorld world) : Grain, IAccessGrain
{
    public Task<AccessKey?> Find(Immutable<byte[]> sha256) => Task.FromResult(world.Keys.GetValueOrDefault(Convert.ToHexString(sha256.Value)));

    public Task<KeyStatus> AddTeamKey(string team, NewAccessKey key, string actor)
    {
        if (world.Tree.Find(team) is null)
            return Task.FromResult(KeyStatus.NoSuchTeam);
        world.Keys[Convert.ToHexString(key.Hash)] = new(key.Id, Role.Team, team, DateTimeOffset.UnixEpoch);
        return Task.FromResult(KeyStatus.Done);
    }

    public Task<KeyStatus> RevokeTeamKey(string team, Guid key, string actor)
    {
        string? hash = world.Keys.FirstOrDefault(k => k.Value.Id == key && k.Value.Team == team).Key;
        return Task.FromResult(hash is not null && world.Keys.TryRemove(hash, out _) ? KeyStatus.Done : KeyStatus.NoSuchKey);
    }

    public Task<bool> AddFirstKey(Role role, NewAccessKey key) =>
        Task.FromResult(!world.Keys.Values.Any(k => k.Role == role) && world.Keys.TryAdd(Convert.ToHexString(key.Hash), new(key.Id, role, null, DateTimeOffset.UnixEpoch)));

    public Task TellGuessing(string? network, int wrongKeys)
    {
        world.Guessing.Enqueue((network, wrongKeys));
        return Task.CompletedTask;
    }

    public Task<Immutable<AccessKey[]>> KeysOf(string team) => Task.FromResult(new Immutable<AccessKey[]>([.. world.Keys.Values.Where(k => k.Team == team)]));
}

public sealed class TestArchiveGrain(TestWorld world) : Grain, IArchiveGrain
{
    public Task<MessageView?> Message(Guid id)
    {
        if (!world.Messages.TryGetValue(id, out TestWorld.Stored? s))
            return Task.FromResult<MessageView?>(null);
        NewMessage m = s.Message;
        return Task.FromResult<MessageView?>(new MessageView
        {
            Id = id,
            From = m.From,
            To = m.To,
            Subject = m.Subject,
            State = s.State,
            AcceptedAt = DateTimeOffset.UnixEpoch,
            Node = s.Node,
            Size = m.Size,
            ContentType = m.ContentType,
            Attachments = m.Attachments,
            DeliverAt = m.DeliverAt,
            ExpiresAt = m.ExpiresAt,
            Deliveries = [.. s.Deliveries.Select(d => new DeliveryView(d.Key, d.Value, DateTimeOffset.UnixEpoch, null, 0))],
        });
    }

    public Task<Page<MessageSummary>> Messages(MessageQuery query) => query.After == "nonsense"
        ? throw new FormatException("no cursor")
        : Task.FromResult(new Page<MessageSummary>(
            [
                .. world.Messages.Values.OrderByDescending(s => s.Number)
                    .Where(s => query.Team is null || (query.Received ? s.Deliveries.ContainsKey(query.Team) : s.Message.From == query.Team))
                    .Where(s => query.State is null || s.State == query.State).Take(query.Limit)
                    .Select(s => new MessageSummary(s.Message.Id, s.Message.From, s.Message.To, s.Message.Subject, s.State, MessageKind.Message, DateTimeOffset.UnixEpoch, null, s.Message.Size, s.Node)),
            ],
            null));

    public Task<Immutable<EventView[]>> Trace(Guid id) =>
        Task.FromResult(new Immutable<EventView[]>([new EventView { Type = "message.accepted", At = DateTimeOffset.UnixEpoch, Message = id, Position = "1-1-0" }]));

    public Task<Page<EventView>> Events(EventQuery query) => query.After == "nonsense"
        ? throw new FormatException("no cursor")
        : Task.FromResult(new Page<EventView>([new EventView { Type = "tree.changed", At = DateTimeOffset.UnixEpoch, Position = "1-1-0", Sha256 = [0xAB] }], null));

    public Task<JournalReport> VerifyJournal(string? after) => after == "nonsense"
        ? throw new FormatException("no cursor")
        : Task.FromResult(new JournalReport { Rows = 3, Unsealed = 1, Faults = [new(JournalFaults.Changed, 2, 7, 7, "because")], Next = after is null ? "2-7" : null, Remaining = 5 });

    public Task<Page<QuarantineView>> Quarantine(string? state, string? after, int limit) =>
        Task.FromResult(new Page<QuarantineView>([.. world.Quarantine.Values.Where(q => state is null || q.State == state)], null));

    public Task<QuarantineView?> QuarantineEntry(Guid id) => Task.FromResult(world.Quarantine.GetValueOrDefault(id));

    public Task<Immutable<DeadLetterGroup[]>> DeadLetters(string? team, string? reason, int limit)
    {
        world.Calls.Enqueue($"DeadLetters {team} {reason}");
        return Task.FromResult(new Immutable<DeadLetterGroup[]>([]));
    }

    public Task<bool> MayRead(Guid attachment, string team) =>
        Task.FromResult(world.Messages.Values.Any(s => s.Message.Attachments.Contains(attachment) && (s.Message.From == team || s.Deliveries.ContainsKey(team))));

    public Task<bool> IsReachable() => Task.FromResult(!world.DatabaseAway);

    public Task<Immutable<string[]>> Degradations() => Task.FromResult(new Immutable<string[]>(world.Degradations));
}

public sealed class TestHealthGrain : Grain, IHealthGrain
{
    public Task Report(Immutable<NodeStatus[]> pings) => Task.CompletedTask;

    public Task ReportSilo(SiloReport report) => Task.CompletedTask;

    public Task<Immutable<SiloReport[]>> Silos() => Task.FromResult(new Immutable<SiloReport[]>([]));

    public Task<Immutable<NodeStatus[]>> Read(int first, int count) => Task.FromResult(new Immutable<NodeStatus[]>(first > 0 ? [] :
        [new NodeStatus { Index = 0, Silo = "S127.0.0.1:11111", ActivatedAt = DateTimeOffset.UnixEpoch, Queue = 3, Held = 1, Health = "degraded", PingedAt = DateTimeOffset.UnixEpoch }]));
}

public sealed class TestQuarantineGrain(TestWorld world) : Grain, IQuarantineGrain
{
    public Task<DecisionStatus> Release(string actor, string reason) => Decide("released", actor, reason);

    public Task<DecisionStatus> Purge(string actor, string reason) => Decide("purged", actor, reason);

    private Task<DecisionStatus> Decide(string state, string actor, string reason)
    {
        if (!world.Quarantine.TryGetValue(this.GetPrimaryKey(), out QuarantineView? entry))
            return Task.FromResult(DecisionStatus.NotFound);
        if (entry.State != "waiting")
            return Task.FromResult(DecisionStatus.AlreadyDecided);
        world.Quarantine[entry.Id] = entry with { State = state, DecidedBy = actor, Reason = reason };
        return Task.FromResult(DecisionStatus.Done);
    }
}

public sealed class TestDeadLetterGrain(TestWorld world) : Grain, IDeadLetterGrain
{
    public Task<int> Replay(Immutable<Guid[]>? ids, string? reason, string actor, string? why)
    {
        world.Calls.Enqueue($"Replay {ids?.Value.Length} {reason} {actor} {why}");
        return Task.FromResult(ids?.Value.Length ?? 7);
    }

    public Task<int> Discard(Immutable<Guid[]>? ids, string? reason, string actor, string? why) => Task.FromResult(ids?.Value.Length ?? 7);

    /// <summary>Seven in all: four, then three.</summary>
    public Task<DeadLetterStep> DecideSome(DeadLetterSlice slice)
    {
        DateTimeOffset now = DateTimeOffset.UnixEpoch, until = slice.Until?.AddSeconds(1) ?? now;
        world.Calls.Enqueue($"{(slice.Replay ? "Replay" : "Discard")} some {slice.Reason} {slice.Team} {slice.Actor} {slice.Why} {until.ToUnixTimeSeconds()}");
        return Task.FromResult(until.ToUnixTimeSeconds() switch { 0 => new DeadLetterStep(4, 4, until), 1 => new(3, 3, until), _ => new(0, 0, until) });
    }
}

public sealed class TestAttachmentGrain(TestWorld world) : Grain, IAttachmentGrain
{
    private Guid Id => this.GetPrimaryKey();

    public Task<UploadReply> Append(string team, int number, Immutable<byte[]> sealedChunk)
    {
        List<byte[]> chunks = world.Chunks.GetOrAdd(Id, _ => []);
        if (chunks.Count != number)
            return Task.FromResult(new UploadReply(UploadStatus.OutOfOrder, null));
        chunks.Add(sealedChunk.Value);
        return Task.FromResult(new UploadReply(UploadStatus.Stored, null));
    }

    public Task<UploadReply> Complete(string team, long size, Immutable<byte[]> sha256, string contentType)
    {
        UploadStatus status = world.NextUpload;
        if (status == UploadStatus.Stored)
            world.Attachments[Id] = new(Id, team, size, sha256.Value, contentType, world.Chunks[Id].Count, "clean", DateTimeOffset.UnixEpoch);
        return Task.FromResult(new UploadReply(status, status == UploadStatus.Stored ? null : "Eicar-Test"));
    }

    public Task Abort()
    {
        world.Chunks.TryRemove(Id, out _);
        world.Calls.Enqueue("Abort");
        return Task.CompletedTask;
    }

    public Task<AttachmentInfo?> Info() => Task.FromResult(world.Attachments.GetValueOrDefault(Id));

    public Task<Immutable<byte[]>?> Chunk(int number) => Task.FromResult<Immutable<byte[]>?>(new Immutable<byte[]>(world.Chunks[Id][number]));
}
