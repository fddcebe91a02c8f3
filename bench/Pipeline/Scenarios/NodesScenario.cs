using System.Text.Json;

namespace ShitOps.Bench;

/// <summary>
/// What a tree full of idle nodes costs the one silo that holds them all: resident memory and managed heap with a tenth of
/// the teams and with all of them, everything collected that can be. All that is added is put down to the nodes: their
/// teams, the tree's snapshot, their pings.
/// </summary>
internal static class NodesScenario
{
    public const int ManyTeams = 10_000;
    private const int Collections = 30;
    private static readonly TimeSpan Glance = TimeSpan.FromSeconds(1);

    public static async Task MeasureAsync(BenchOptions options, Figures figures, CancellationToken stop)
    {
        int many = options.Teams, few = Math.Max(2, many / 10);
        BenchOptions one = options with { Silos = 1, Standalone = false, Receive = Receiving.Later };
        await using Site site = await Site.StartAsync(one);
        await site.SeedAsync(few, new Figures(), stop);
        // What the first teams and messages load and compile is no cost of a node: it is there before the first measure.
        await site.Load().RunAsync(one, stop);
        await UntilPingedAsync(site, few / 2, stop);
        int silo = site.Cluster!.Silos[0].ProcessId;
        (double resident, double heap) = await MemoryAsync(silo, stop);
        await site.SeedAsync(many, figures, stop);
        await UntilPingedAsync(site, many / 2, stop);
        (double residentNow, double heapNow) = await MemoryAsync(silo, stop);
        int nodes = (many / 2) - (few / 2);
        figures.Add("nodes", many / 2, "nodes");
        figures.Add("memory.before", resident / 1024, "MiB");
        figures.Add("memory.after", residentNow / 1024, "MiB");
        figures.Add("memory.per-node", (residentNow - resident) / nodes, "KiB/node");
        figures.Add("heap.before", heap / 1024, "MiB");
        figures.Add("heap.after", heapNow / 1024, "MiB");
        figures.Add("heap.per-node", (heapNow - heap) / nodes, "KiB/node");
        LoadResult result = await site.Load().RunAsync(one, stop);
        Scenario.Add(figures, result);
        figures.Add("memory.after-traffic", ProcessorTime.MemoryOf(silo), "MiB");
    }

    /// <summary>KiB resident, and KiB of the managed heap.</summary>
    private static async Task<(double Resident, double Heap)> MemoryAsync(int process, CancellationToken stop)
    {
        // Memory that was free for some twenty collections goes back to the system, none before.
        double heap = 0, resident = double.MaxValue;
        for (int collection = 0; collection < Collections; collection++)
        {
            heap = await ManagedHeap.CollectAsync(process, stop) / 1024.0;
            resident = Math.Min(resident, ProcessorTime.MemoryOf(process) * 1024);
        }
        return (resident, heap);
    }

    /// <summary>The health monitor wakes every node; here is waited until it has.</summary>
    private static async Task UntilPingedAsync(Site site, int nodes, CancellationToken stop)
    {
        while (true)
        {
            List<JsonElement> all = await site.Operator.AllAsync("/v1/nodes", ("limit", "1000"));
            if (all.Count >= nodes && all.TrueForAll(n => n.GetProperty("health").GetString() == "ok"))
                return;
            await Task.Delay(Glance, TimeProvider.System, stop);
        }
    }
}
