using System.Diagnostics;

namespace ShitOps.Bench;

/// <summary>What a run measures: everything it needs, started on loopback, with teams in the tree.</summary>
internal sealed class Site : IAsyncDisposable
{
    private const int CreateAtOnce = 16;
    private readonly Scratch? _scratch;
    private readonly StandaloneProcess? _standalone;
    private readonly HttpClient _http;
    private readonly List<Team> _teams = [];

    private Site(ShitOpsCluster? cluster, StandaloneProcess? standalone, Scratch? scratch)
    {
        (Cluster, _standalone, _scratch) = (cluster, standalone, scratch);
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = int.MaxValue })
        {
            BaseAddress = cluster?.Gateways[0].Address ?? standalone!.Program.Address,
            Timeout = Timeout.InfiniteTimeSpan,
        };
        Client = new BenchClient(_http);
    }

    public BenchClient Client { get; }
    public IReadOnlyList<Team> Teams => _teams;

    /// <summary>Those that run now: one that was started again has another id.</summary>
    public IReadOnlyList<(string Name, int Id)> Processes => Cluster is null ? [("standalone", _standalone!.Program.ProcessId)]
        :
        [
            ("database", Cluster.Database.ProcessId), ("clamd", Cluster.Clamd.ProcessId),
            .. Cluster.Silos.Select(s => (s.Name, s.ProcessId)), .. Cluster.Gateways.Select(g => (g.Name, g.ProcessId)),
        ];

    public ApiClient Operator => Cluster?.Operator ?? _standalone!.Operator;

    /// <summary>Null: one process on SQLite.</summary>
    public ShitOpsCluster? Cluster { get; }

    public static async Task<Site> StartAsync(BenchOptions options)
    {
        const string noLimit = "10000000";
        if (options.Standalone)
            return new(null, await StandaloneProcess.StartAsync(more: new() { ["Gateway__MessagesPerSecond"] = noLimit }), null);
        var scratch = new Scratch();
        try
        {
            ShitOpsCluster cluster = await ShitOpsCluster.StartAsync(new ClusterOptions
            {
                Silos = options.Silos,
                Durable = true,
                ClamdTemporaryDirectory = scratch.Path,
                GatewaySettings = new Dictionary<string, string?> { ["Gateway__MessagesPerSecond"] = noLimit },
            });
            return new(cluster, null, scratch);
        }
        catch
        {
            scratch.Dispose();
            throw;
        }
    }

    /// <summary>Creates teams until there are so many, and tells how long that took.</summary>
    public async Task SeedAsync(int teams, Figures figures, CancellationToken stop)
    {
        int first = _teams.Count, count = teams - first;
        var created = new Team[count];
        long start = Stopwatch.GetTimestamp();
        var use = new ProcessorUse(Processes);
        await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = CreateAtOnce, CancellationToken = stop },
            async (i, _) => created[i] = await TeamAsync($"team-{first + i}"));
        _teams.AddRange(created);
        figures.Add("seeding", count / Stopwatch.GetElapsedTime(start).TotalSeconds, "teams/s");
        var seeding = new Figures();
        use.AddTo(seeding, count);
        figures.Add("seeding.cpu", seeding["cpu.all"], "µs/team");
    }

    public async Task<Team> TeamAsync(string name)
    {
        (ApiClient client, _) = await Operator.CreateTeamAsync(name);
        return new(name, client.Key!);
    }

    public Load Load() => new(Client, _teams, Processes);

    /// <summary>Resident memory of every process, in MiB.</summary>
    public void AddMemory(Figures figures, string prefix = "memory")
    {
        foreach ((string name, int id) in Processes)
            figures.Add($"{prefix}.{name}", ProcessorTime.MemoryOf(id), "MiB");
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (Cluster is not null)
            await Cluster.DisposeAsync();
        if (_standalone is not null)
            await _standalone.DisposeAsync();
        _scratch?.Dispose();
    }
}
