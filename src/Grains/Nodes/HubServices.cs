using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Logging;
using ShitOps.Grains.Scanning;
using ShitOps.Grains.Storage;
using ShitOps.Grains.Tree;

namespace ShitOps.Grains.Nodes;

/// <summary>What every hub of a silo shares: one object, so that an idle hub costs little.</summary>
public sealed class HubServices(
    Router router, ICommitQueue commits, IHubStore hubs, IOutboxStore outbox, IArchiveStore archive, IAttachmentStore attachments, MessageScanner scanner,
    TrafficMeter traffic, IGrainFactory grains, ILocalSiloDetails silo, SiloStopping stopping, HubOptions options, TimeProvider time, ILogger<HubServices> log)
{
    /// <summary>Orleans reads attributes for every reference that it makes. They hold nothing, and there are as many as hubs and teams.</summary>
    private readonly ConcurrentDictionary<NodeKey, INodeGrain> _nodes = new();
    private readonly ConcurrentDictionary<TeamKey, ITeamGrain> _teams = new();

    public Router Router => router;
    public ICommitQueue Commits => commits;
    public IHubStore Hubs => hubs;
    public IOutboxStore Outbox => outbox;
    public IArchiveStore Archive => archive;
    public IAttachmentStore Attachments => attachments;
    public MessageScanner Scanner => scanner;
    public TrafficMeter Traffic => traffic;
    public IGrainFactory Grains => grains;
    public string Silo => silo.Name;
    public SiloAddress SiloAddress => silo.SiloAddress;
    public CancellationToken Stopping => stopping.Token;
    public HubOptions Options => options;
    public TimeProvider Time => time;
    public ILogger Log => log;

    public INodeGrain Node(NodeKey key) => _nodes.GetOrAdd(key, static (key, grains) => grains.GetGrain<INodeGrain>(key.ToString()), grains);

    public ITeamGrain Team(string tree, string team) =>
        _teams.GetOrAdd(new(tree, team), static (key, grains) => grains.GetGrain<ITeamGrain>(key.ToString()), grains);
}

/// <summary>Section <c>Hub</c>: bounds of a hub.</summary>
public sealed class HubOptions
{
    public const string Section = "Hub";

    /// <summary>Unsettled messages of one node before it answers 429. Default 2,000,000.</summary>
    [Range(1, 100_000_000)]
    public int OutboxCapacity { get; set; } = Limits.OutboxCapacity;
}
