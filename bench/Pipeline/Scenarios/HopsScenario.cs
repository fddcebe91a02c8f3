using ShitOps.Grains.Tree;

namespace ShitOps.Bench;

/// <summary>
/// The same number of messages between random pairs through a small tree and a large one. Recipients come later: what
/// is measured is the way from the POST into the inboxes, without thousands of waiting requests.
/// </summary>
internal static class HopsScenario
{
    /// <summary>Two teams a node: 15 nodes, and as many as <see cref="BenchOptions.Teams"/> says.</summary>
    private const int SmallTeams = 30;

    public const int LargeTeams = 2_046;

    public static async Task MeasureAsync(BenchOptions options, Figures figures, CancellationToken stop)
    {
        Figures small = await OneAsync(options with { Teams = SmallTeams }, stop), large = await OneAsync(options, stop);
        figures.AddAll("small.", small);
        figures.AddAll("large.", large);
        double more = large["cpu.all"] - small["cpu.all"], further = large["hops"] - small["hops"];
        figures.Add("cpu-per-further-hop", more / further, "µs/message and hop");
        figures.Add("cpu-per-message", large["cpu.all"] / small["cpu.all"], "× of the small tree");
        figures.Add("cpu-per-message-and-hop", large["cpu-per-hop"] / small["cpu-per-hop"], "× of the small tree");
        if (options.Floors)
            await HopFloor.MeasureAsync(figures, options, stop);
    }

    private static async Task<Figures> OneAsync(BenchOptions options, CancellationToken stop)
    {
        var figures = new Figures();
        BenchOptions later = options with { Receive = Receiving.Later, Traffic = Traffic.Random };
        await using Site site = await Site.StartAsync(later);
        await site.SeedAsync(later.Teams, figures, stop);
        Dictionary<string, int> nodes = (await site.Operator.AllAsync("/v1/teams", ("limit", "1000"))).ToDictionary(t => t.GetProperty("name").GetString()!, t => t.GetProperty("node").GetInt32());
        Load load = site.Load();
        await Scenario.WarmUpAsync(load, later, stop);
        LoadResult result = await load.RunAsync(later, stop);
        Scenario.Add(figures, result);
        double hops = result.Ledger.Pairs.Average(pair => TreeShape.Distance(nodes[site.Teams[pair.From].Name], nodes[site.Teams[pair.To].Name]) + 1.0);
        figures.Add("nodes", later.Teams / 2, "nodes");
        figures.Add("hops", hops, "nodes passed/message");
        figures.Add("cpu-per-hop", figures["cpu.all"] / hops, "µs/message and hop");
        return figures;
    }
}
