using System.Security.Cryptography;
using ShitOps.Grains;
using ShitOps.Grains.Journal;
using ShitOps.Grains.Storage;

namespace ShitOps.Silo.Tests.Store;

/// <summary>Changes as nodes make them.</summary>
internal static class Make
{
    public static readonly NodeKey Node = new("main", 3);
    public static readonly DateTimeOffset Now = new(2026, 11, 23, 10, 0, 0, 123, TimeSpan.Zero);
    private static int _teams;

    /// <summary>A team that no other test uses.</summary>
    public static string Team() => $"team-{Interlocked.Increment(ref _teams)}";

    public static NewMessage Message(string from, string to = "qa", string? key = null, byte[]? digest = null, int size = 100) => new()
    {
        Id = Guid.CreateVersion7(),
        From = from,
        To = to,
        Subject = "Größe 😀 '\\ \"",
        ContentType = "application/json",
        SealedBody = RandomNumberGenerator.GetBytes(size),
        Size = size,
        Sha256 = SHA256.HashData([1, 2, 3]),
        OrderingKey = "build",
        CorrelationId = "b-812",
        TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        IdempotencyKey = key,
        RequestDigest = digest ?? SHA256.HashData([9]),
        Attachments = [],
        Reference = Guid.CreateVersion7(),
    };

    public static InsertMessage Insert(NewMessage message, MessageState state = MessageState.Queued, long sequence = 1, NodeKey? node = null, DateTimeOffset? at = null) =>
        new(message, node ?? Node, state, sequence, at ?? Now) { Events = [Told(EventTypes.MessageAccepted, message.Id, at) with { From = message.From }] };

    public static InsertDelivery Deliver(Guid message, string team, string from = "a", Priority rank = Priority.Normal, DateTimeOffset? expires = null) =>
        new(message, team, from, rank, "build", expires, Now.AddSeconds(1)) { Events = [Told(EventTypes.MessageDelivered, message, Now.AddSeconds(1)) with { Team = team }] };

    public static MoveMessage Move(Guid message, MessageState to, MessageStateSet? from = null, string? reason = null) =>
        new(message, from ?? MessageStateSet.Unsettled, to, Now.AddSeconds(2), reason) { Events = [Told("message.moved", message, Now.AddSeconds(2)) with { Reason = to.ToString() }] };

    public static MoveDelivery Ack(Guid message, string team) =>
        new(message, team, DeliveryState.Acknowledged, 1, Now.AddSeconds(3)) { Events = [Told(EventTypes.MessageAcknowledged, message, Now.AddSeconds(3)) with { Team = team }] };

    public static JournalEvent Told(string type, Guid? message, DateTimeOffset? at = null) => new(type, at ?? Now) { Message = message, Node = 3, Silo = "silo-1" };

    public static async Task<ChangeResult[]> CommitAsync(this StoreProcess store, params Change[] changes) =>
        await store.Get<ICommitQueue>().CommitAsync(new Commit(changes));

    public static async Task<bool[]> AppliedAsync(this StoreProcess store, params Change[] changes) =>
        [.. (await store.CommitAsync(changes)).Select(result => result.Applied)];
}
