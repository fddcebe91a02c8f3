namespace ShitOps.Grains;

/// <summary>
/// Every bound of the system in one place. Sizes in bytes, durations as <see cref="TimeSpan"/>. Relations between
/// them are held by a test.
/// </summary>
public static class Limits
{
    public const string DefaultTree = "main";

    public const int TeamNameLength = 64;
    public const int FunctionLength = 64;
    public const int SubjectLength = 512;
    public const int ContentTypeLength = 128;
    public const int OrderingKeyLength = 128;
    public const int CorrelationIdLength = 128;
    public const int IdempotencyKeyLength = 255;
    public const int ReasonLength = 512;
    public const int WebhookUrlLength = 2_048;

    /// <summary>A body as posted: JSON text or decoded bytes.</summary>
    public const int BodyBytes = 256 * 1024;

    /// <summary>A single POST: body in base64 plus the fields around it.</summary>
    public const int RequestBytes = 512 * 1024;

    public const int BulkLines = 1_000;
    public const int BulkBytes = 8 * 1024 * 1024;

    public const int AttachmentBytes = 25 * 1024 * 1024;
    public const int AttachmentChunkBytes = 256 * 1024;
    public const int AttachmentsPerMessage = 10;

    /// <summary>A JSON pointer of an ask, in characters.</summary>
    public const int PointerLength = 256;

    /// <summary>Replies of a list that stand in the collation itself; what goes beyond is told by reference.</summary>
    public const int CollationBytes = 512 * 1024;

    public const int WorkflowTasks = 10_000;
    public const int WorkflowBytes = 16 * 1024 * 1024;
    public const int WorkflowNameLength = 256;
    public const int TaskTitleLength = 512;
    public const int TaskKeyLength = 64;
    public const int TaskDependencies = 1_000;

    /// <summary>Dependencies in a whole workflow: they are stored in one transaction.</summary>
    public const int WorkflowDependencies = 100_000;

    /// <summary>Messages in one grain call: bounds the size of a call and the length of a turn.</summary>
    public const int AcceptBatch = 1_000;

    /// <summary>Messages the pump takes at a time.</summary>
    public const int PumpBatch = 500;

    /// <summary>Outbox entries of a node kept in memory; the rest waits in the database.</summary>
    public const int OutboxWindow = 5_000;

    /// <summary>Unsettled messages of one node before it answers 429; configurable.</summary>
    public const int OutboxCapacity = 2_000_000;

    /// <summary>Entries of an outbox that keep their sealed body in memory until the first scan.</summary>
    public const int BodiesInMemory = 1_000;

    public const int LeaseBatch = 1_000;

    /// <summary>Deliveries of one team leased and not yet acknowledged.</summary>
    public const int LeasedDeliveries = 10_000;

    public const int DeliveryAttempts = 8;

    public const int PageSize = 100;
    public const int MaxPageSize = 1_000;

    public static readonly TimeSpan IdempotencyWindow = TimeSpan.FromHours(24);
    public static readonly TimeSpan MaxLeaseWait = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The longest a call waits within a grain for something to happen; whoever wants to wait longer calls again. A grain
    /// that must leave (its place in the directory went with a silo, say) first lets calls end and begins no new ones.
    /// </summary>
    public static readonly TimeSpan LongPoll = TimeSpan.FromSeconds(2);

    public static readonly TimeSpan MaxLease = TimeSpan.FromHours(12);
    public static readonly TimeSpan MaxTimeToLive = TimeSpan.FromDays(30);
    public static readonly TimeSpan MaxDeliverAhead = TimeSpan.FromDays(365);
    public static readonly TimeSpan MaxAskTime = TimeSpan.FromDays(30);
    public static readonly TimeSpan MaxDueAhead = TimeSpan.FromDays(3650);
    public static readonly TimeSpan MaxPreferWait = TimeSpan.FromSeconds(30);
    public static readonly TimeSpan SignaturesStaleAfter = TimeSpan.FromHours(48);

    /// <summary>Pairs of teams whose traffic is measured; beyond it the least are forgotten.</summary>
    public const int TrafficPairs = 50_000;

    public static readonly TimeSpan TrafficHalfLife = TimeSpan.FromHours(1);

    /// <summary>Teams that one rebalancing moves at most.</summary>
    public const int RebalanceMoves = 100;

    /// <summary>Changes of a tree that are told one by one to those who missed them; beyond it they get all of it.</summary>
    public const int RecentTreeChanges = 2_000;

    /// <summary>Two teams of weight 1, or one of weight 2, fill a hub.</summary>
    public const int HubCapacity = 2;
}
