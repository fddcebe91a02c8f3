namespace ShitOps.Bench;

/// <summary>
/// Traffic as fast as it goes; then, as asked for, at a share of that rate, or beside a backlog; then what the same would
/// cost with nothing around it.
/// </summary>
internal static class FlowScenario
{
    public static async Task MeasureAsync(BenchOptions options, Figures figures, CancellationToken stop)
    {
        await using Site site = await Site.StartAsync(options);
        await site.SeedAsync(options.Teams, figures, stop);
        Team? aside = options.Backlog > 0 ? await site.TeamAsync("backlog") : null;
        Load load = site.Load();
        await Scenario.WarmUpAsync(load, options, stop);
        LoadResult result = await load.RunAsync(options, stop);
        Scenario.Add(figures, result);
        site.AddMemory(figures);
        double rate = result.Ledger.Accepted / (result.DeliverTime ?? result.AcknowledgeTime).TotalSeconds;
        if (options.Load > 0)
        {
            var share = new Figures();
            Scenario.Add(share, await load.RunAsync(options with { Rate = Math.Max(1, (int)(rate * options.Load)) }, stop));
            figures.AddAll("at-load.", share);
        }
        if (aside is not null)
            await new Backlog(site, load, aside, options).MeasureAsync(figures, rate, stop);
        if (options.Floors)
            await Floors.MeasureAsync(figures, options, site.Cluster, stop);
    }
}
