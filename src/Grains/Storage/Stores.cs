namespace ShitOps.Grains.Storage;

/// <summary>An outbox row without its body.</summary>
public sealed record OutboxRow(
    Guid Id, long Sequence, MessageState State, string From, string To, byte[] Sha256, int Size, Priority Priority, string? OrderingKey,
    DateTimeOffset AcceptedAt, DateTimeOffset? ExpiresAt, MessageKind Kind, string? TraceParent, bool Released, BodyKind BodyKind, Guid[] Attachments);

/// <summary>What is needed to scan a message again.</summary>
public sealed record StoredBody(Guid Id, BodyKind BodyKind, byte[]? Sealed, string? Subject, Guid[] Attachments);

/// <summary>A hub that was taken, and whose it was.</summary>
/// <param name="Silo">The silo that had it before; null if none had.</param>
/// <param name="Since">When that silo took it.</param>
/// <param name="Left">That silo gave it back in good order.</param>
public sealed record HubTaken(long Generation, string? Silo, DateTimeOffset Since, bool Left)
{
    public HubRow Row { get; init; } = new(Generation, 0, 0);
}

/// <summary>A hub as the database has it.</summary>
/// <param name="Generation">Rises when the hub is taken, and when the tree takes a team from it.</param>
/// <param name="Moves">How often it was the latter.</param>
/// <param name="Epoch">The hub may accept nothing by an older tree.</param>
public sealed record HubRow(long Generation, long Moves, long Epoch)
{
    /// <summary>Nobody has taken the hub since it was as <paramref name="earlier"/>: it only lost teams, if anything.</summary>
    public bool IsSameOwners(HubRow earlier) => Generation - earlier.Generation == Moves - earlier.Moves;
}

/// <summary>The outboxes of some senders. A message waits in the outbox of its sender, wherever that stands in the tree.</summary>
public sealed record OutboxOf(string Tree, IReadOnlyList<string> Senders);

/// <summary>Who owns which hub. One activation at a time: the one that took it last.</summary>
public interface IHubStore
{
    /// <summary>
    /// Makes every earlier <see cref="Fence"/> of the hub void. What was committed under them is visible afterwards, and
    /// nothing more will be; a transaction that its silo left open is ended.
    /// </summary>
    Task<HubTaken> TakeAsync(NodeKey node, string silo, CancellationToken stop = default);

    /// <summary>Null: it was never taken, and the tree never took a team from it.</summary>
    Task<HubRow?> FindAsync(NodeKey node, CancellationToken stop = default);

    /// <summary>Gives the hub back, unless another has taken it meanwhile.</summary>
    Task LeaveAsync(Fence fence, CancellationToken stop = default);
}

public interface IOutboxStore
{
    /// <summary>Rows in any of these states with a greater sequence than <paramref name="after"/>, by sequence, as they are at one moment.</summary>
    Task<IReadOnlyList<OutboxRow>> LoadAsync(OutboxOf outbox, MessageStateSet states, long after, int limit, CancellationToken stop = default);

    /// <summary>How many unsettled messages (queued, scheduled, held) there are, and the greatest sequence among the queued and held.</summary>
    Task<OutboxCount> CountAsync(OutboxOf outbox, CancellationToken stop = default);

    /// <summary>Every sender that has unsettled messages, whether it is a team of the tree or not any more.</summary>
    Task<IReadOnlyList<string>> SendersAsync(string tree, CancellationToken stop = default);

    Task<IReadOnlyList<StoredBody>> LoadBodiesAsync(IReadOnlyList<Guid> ids, CancellationToken stop = default);

    /// <summary>Null: no such message.</summary>
    Task<(string From, MessageState State)?> FindAsync(Guid id, CancellationToken stop = default);

    /// <summary>The unsettled messages from or to that team, in any outbox.</summary>
    Task<IReadOnlyList<Guid>> UnsettledOfAsync(string team, int limit, CancellationToken stop = default);
}

public sealed record OutboxCount(int Queued, int Scheduled, int Held, long LastSequence);

/// <summary>A waiting delivery with its message, body included.</summary>
public sealed record InboxRow(
    long Sequence, Guid Message, string From, Priority Rank, string? OrderingKey, int Attempts, DateTimeOffset? NotBefore, DateTimeOffset? ExpiresAt,
    MessageKind Kind, string? Subject, string ContentType, BodyKind BodyKind, byte[] SealedBody, string? CorrelationId, DateTimeOffset AcceptedAt,
    string? TraceParent, Guid[] Attachments, Guid? Reference, Priority Priority);

/// <summary>A waiting delivery without its message.</summary>
public sealed record InboxKey(long Sequence, Guid Message, string From, Priority Rank, string? OrderingKey, int Attempts, DateTimeOffset? NotBefore, DateTimeOffset? ExpiresAt);

public interface IInboxStore
{
    /// <summary>Waiting deliveries of that rank with a greater sequence than <paramref name="after"/>, by sequence.</summary>
    Task<IReadOnlyList<InboxRow>> LoadAsync(string team, Priority rank, long after, int limit, CancellationToken stop = default);

    /// <summary>By message id, whichever still wait.</summary>
    Task<IReadOnlyList<InboxRow>> LoadAsync(string team, IReadOnlyList<Guid> messages, CancellationToken stop = default);

    /// <summary>Keys of waiting deliveries of that rank with <paramref name="after"/> &lt; sequence ≤ <paramref name="upTo"/>, by sequence.</summary>
    Task<IReadOnlyList<InboxKey>> LoadKeysAsync(string team, Priority rank, long after, long upTo, int limit, CancellationToken stop = default);

    /// <summary>The states of the deliveries that exist among these.</summary>
    Task<IReadOnlyDictionary<Guid, DeliveryState>> StatesAsync(string team, IReadOnlyList<Guid> messages, CancellationToken stop = default);

    /// <summary>How many wait, and since when the oldest.</summary>
    Task<(int Waiting, DateTimeOffset? Oldest)> CountAsync(string team, CancellationToken stop = default);

    /// <summary>Waiting deliveries whose time to live is over.</summary>
    Task<IReadOnlyList<InboxKey>> ExpiredAsync(string team, DateTimeOffset now, int limit, CancellationToken stop = default);
}

public interface IArchiveStore
{
    Task<MessageView?> MessageAsync(Guid id, CancellationToken stop = default);
    /// <exception cref="FormatException">The cursor is none of ours.</exception>
    Task<Page<MessageSummary>> MessagesAsync(MessageQuery query, CancellationToken stop = default);
    /// <summary>The traceparent of those messages that have one.</summary>
    Task<IReadOnlyDictionary<Guid, string>> TraceParentsAsync(IReadOnlyList<Guid> messages, CancellationToken stop = default);
    Task<IReadOnlyList<EventView>> TraceAsync(Guid id, CancellationToken stop = default);
    Task<Page<EventView>> EventsAsync(EventQuery query, CancellationToken stop = default);
    /// <exception cref="FormatException">The cursor is none of ours.</exception>
    Task<JournalReport> VerifyJournalAsync(string? after, CancellationToken stop = default);
    Task<Page<QuarantineView>> QuarantineAsync(string? state, string? after, int limit, CancellationToken stop = default);
    Task<QuarantineView?> QuarantineEntryAsync(Guid id, CancellationToken stop = default);
    Task<IReadOnlyList<DeadLetterGroup>> DeadLettersAsync(string? team, string? reason, int limit, CancellationToken stop = default);
    /// <summary>By message ids, or by reason when <paramref name="ids"/> is null.</summary>
    Task<IReadOnlyList<DeadLetterView>> FindDeadLettersAsync(IReadOnlyList<Guid>? ids, string? reason, string? team, int limit, CancellationToken stop = default);
    Task PingAsync(CancellationToken stop = default);
}

public interface ITreeStore
{
    /// <summary>Epoch 0 and no teams if the tree was never written.</summary>
    Task<TreeSnapshot> LoadAsync(string tree, CancellationToken stop = default);
}

public interface IAccessKeyStore
{
    Task<AccessKey?> FindAsync(byte[] sha256, CancellationToken stop = default);
    Task<IReadOnlyList<AccessKey>> OfTeamAsync(string team, CancellationToken stop = default);
    Task<bool> AnyAsync(Role role, CancellationToken stop = default);
}

public interface IAttachmentStore
{
    Task<AttachmentInfo?> InfoAsync(Guid id, CancellationToken stop = default);
    Task<IReadOnlyList<AttachmentInfo>> InfosAsync(IReadOnlyList<Guid> ids, CancellationToken stop = default);
    Task<byte[]?> ChunkAsync(Guid id, int number, CancellationToken stop = default);
    /// <summary>True if a message from or delivered to that team names the attachment.</summary>
    Task<bool> MayReadAsync(Guid id, string team, CancellationToken stop = default);
}
