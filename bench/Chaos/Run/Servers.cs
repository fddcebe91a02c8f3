using ShitOps.Chaos.Plan;
using ShitOps.Chaos.Traffic;

namespace ShitOps.Chaos.Run;

/// <summary>A cluster with its teams, and the means to break it: of one seed, or of several in a row.</summary>
internal sealed class Servers : IAsyncDisposable
{
    private readonly Disk? _disk;
    private readonly Clock? _clock;

    private Servers(ShitOpsCluster cluster, Network? network, Disk? disk, Clock? clock)
    {
        (_disk, _clock) = (disk, clock);
        Cluster = cluster;
        Injector = new(cluster, network, disk, clock);
    }

    public ShitOpsCluster Cluster { get; }

    public Injector Injector { get; }

    /// <summary>Each team's key.</summary>
    public IReadOnlyDictionary<string, string> Keys { get; private set; } = new Dictionary<string, string>();

    /// <param name="kinds">What is to be done to them.</param>
    public static async Task<Servers> StartAsync(ChaosOptions options, IReadOnlyCollection<FaultKind> kinds)
    {
        Disk? disk = kinds.Contains(FaultKind.FillDisk) ? await Disk.CreateAsync() : null;
        Clock? clock = kinds.Contains(FaultKind.JumpClock) ? new(options.Silos) : null;
        try
        {
            Network? network = kinds.Contains(FaultKind.PartSilos) ? await Network.CreateAsync() : null;
            ShitOpsCluster cluster = await ShitOpsCluster.StartAsync(new ClusterOptions
            {
                Silos = options.Silos,
                Gateways = options.Gateways,
                Proxied = true,
                StartLimit = options.StartLimit,
                DatabaseFolder = disk?.DataFolder,
                SettingsOfSilo = clock is null ? null : number => clock.Settings(number - 1),
            });
            var servers = new Servers(cluster, network, disk, clock);
            await servers.CreateTeamsAsync(options.Teams);
            return servers;
        }
        catch
        {
            clock?.Dispose();
            if (disk is not null)
                await disk.DisposeAsync();
            throw;
        }
    }

    private async Task CreateTeamsAsync(int count)
    {
        var keys = new Dictionary<string, string>();
        for (int team = 0; team < count; team++)
            keys[TrafficPlan.Team(team)] = (await Cluster.Operator.CreateTeamAsync(TrafficPlan.Team(team), TrafficPlan.FunctionOf(team))).Client.Key!;
        Keys = keys;
    }

    public async ValueTask DisposeAsync()
    {
        await Cluster.DisposeAsync();
        _clock?.Dispose();
        if (_disk is not null)
            await _disk.DisposeAsync();
    }
}
