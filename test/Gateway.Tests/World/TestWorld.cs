using System.Collections.Concurrent;
using ShitOps.Grains;

namespace ShitOps.Gateway.Tests.World;

/// <summary>What the small grains of these tests share: a tree, keys, messages and inboxes in memory, and faults to order.</summary>
public sealed class TestWorld
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, SemaphoreSlim> _arrivals = [];

    public TreeSnapshot Tree { get; private set; } = TreeSnapshot.Empty(Limits.DefaultTree);
    public ConcurrentDictionary<string, AccessKey> Keys { get; } = new();
    /// <summary>Of what the journal was told.</summary>
    public ConcurrentQueue<(string? Network, int WrongKeys)> Guessing { get; } = new();
    public ConcurrentDictionary<Guid, Stored> Messages { get; } = new();
    public ConcurrentDictionary<Guid, List<byte[]>> Chunks { get; } = new();
    public ConcurrentDictionary<Guid, AttachmentInfo> Attachments { get; } = new();
    public ConcurrentDictionary<Guid, QuarantineView> Quarantine { get; } = new();
    public ConcurrentQueue<(int Node, AcceptBatch Batch)> Batches { get; } = new();
    public ConcurrentQueue<string> Calls { get; } = new();

    /// <summary>Each takes one Accept call: throws, or answers a status for all of the batch; null lets it through.</summary>
    public ConcurrentQueue<Func<AcceptStatus?>> NextAccepts { get; } = new();

    /// <summary>Only calls with a message of this team take from <see cref="NextAccepts"/>; null for all. A call that an earlier test left behind takes nothing.</summary>
    public string? FaultsFor { get; set; }

    /// <summary>Each takes one Lease call.</summary>
    public ConcurrentQueue<Action> NextLeases { get; } = new();

    /// <summary>Each takes one Lease call: what that leased is answered only when the task is done.</summary>
    public ConcurrentQueue<Task> LateLeases { get; } = new();

    /// <summary>Each takes one call for a data key: throws, or answers it.</summary>
    public ConcurrentQueue<Func<WrappedDataKeyDto>> NextDataKeys { get; } = new();

    /// <summary>Each takes one reply to an ask: throws, or answers a status.</summary>
    public ConcurrentQueue<Func<ReplyStatus>> NextReplies { get; } = new();

    /// <summary>Each takes one creation of a workflow.</summary>
    public ConcurrentQueue<Func<CreateWorkflowReply>> NextCreates { get; } = new();

    /// <summary>Each takes one action on a task: throws, or answers; null lets it through.</summary>
    public ConcurrentQueue<Func<TaskActReply?>> NextActs { get; } = new();

    public ConcurrentDictionary<Guid, AskView> Asks { get; } = new();
    public ConcurrentQueue<NewReply> Replies { get; } = new();
    public ConcurrentDictionary<Guid, (NewWorkflow Asked, WorkflowView View)> Workflows { get; } = new();
    public ConcurrentQueue<NewWorkflow> Creates { get; } = new();
    public ConcurrentQueue<TaskCommand> Commands { get; } = new();
    public ConcurrentDictionary<string, OpenWork> Open { get; } = new();

    public ConcurrentDictionary<string, PutWebhook> Webhooks { get; } = new();
    public ConcurrentDictionary<Guid, int> WebhookTests { get; } = new();

    /// <summary>The plan of a rebalancing that the tree grain knows.</summary>
    public static readonly Guid Plan = Guid.Parse("6f0c3c1e-54c1-4c3c-9d8f-1f6f3f6f0a01");

    /// <summary>Who had the tree rebalanced.</summary>
    public ConcurrentQueue<string> Rebalanced { get; } = new();

    public string[] Degradations { get; set; } = [];
    public bool DatabaseAway { get; set; }
    public UploadStatus NextUpload { get; set; } = UploadStatus.Stored;

    public sealed class Stored(NewMessage message, MessageState state, int node)
    {
        private static long _last;

        /// <summary>The order of storing; ids of one millisecond have none.</summary>
        public long Number { get; } = Interlocked.Increment(ref _last);
        public NewMessage Message => message;
        public MessageState State { get; set; } = state;
        public int Node => node;
        public ConcurrentDictionary<string, DeliveryState> Deliveries { get; } = new();
        public ConcurrentDictionary<string, int> Attempts { get; } = new();
        public ConcurrentDictionary<string, bool> Leased { get; } = new();
    }

    public TeamPlace Put(string name, string function, int weight)
    {
        lock (_lock)
        {
            TeamPlace place = Tree.Find(name) is { } known
                ? known with { Function = function, Weight = weight }
                : new(name, function, weight, Tree.Teams.Length / 2, DateTimeOffset.UnixEpoch);
            Tree = new(Tree.Tree, Tree.Epoch + 1, [.. Tree.Teams.Where(t => t.Name != name).Append(place).OrderBy(t => t.Name, StringComparer.Ordinal)]);
            return place;
        }
    }

    /// <summary>Another node for the team: what a rebalance does.</summary>
    public void Move(string name, int node)
    {
        lock (_lock)
            Tree = new(Tree.Tree, Tree.Epoch + 1, [.. Tree.Teams.Select(t => t.Name == name ? t with { Node = node } : t)]);
    }

    public void Remove(string name)
    {
        lock (_lock)
            Tree = new(Tree.Tree, Tree.Epoch + 1, [.. Tree.Teams.Where(t => t.Name != name)]);
    }

    public SemaphoreSlim Arrivals(string team)
    {
        lock (_lock)
            return _arrivals.TryGetValue(team, out SemaphoreSlim? known) ? known : _arrivals[team] = new SemaphoreSlim(0);
    }

    public IEnumerable<string> RecipientsOf(NewMessage message)
    {
        Address to = Address.TryParse(message.To, out Address read) ? read : throw new FormatException(message.To);
        return Tree.Teams.Where(t => t.Name != message.From).Where(t => to.Kind switch
        {
            AddressKind.Team => t.Name == to.Name,
            AddressKind.Function => t.Function == to.Name,
            AddressKind.Below => Tree.Find(to.Name) is { } top && IsBelow(t.Node, top.Node),
            _ => true,
        }).Select(t => t.Name);
    }

    private static bool IsBelow(int node, int top)
    {
        while (node > top)
            node = (node - 1) / 2;
        return node == top;
    }
}
