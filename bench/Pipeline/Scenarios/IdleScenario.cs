namespace ShitOps.Bench;

/// <summary>One message at a time: posted, streamed to its recipient, acknowledged; only then the next.</summary>
internal static class IdleScenario
{
    /// <summary>What suits this better than the defaults for traffic.</summary>
    public static BenchOptions Fit(BenchOptions options) => options with
    {
        Messages = Math.Min(options.Messages, 2_000),
        Bulk = 1,
        Senders = 1,
        Receive = Receiving.Stream,
    };

    public static async Task MeasureAsync(BenchOptions options, Figures figures, CancellationToken stop)
    {
        BenchOptions fit = Fit(options);
        await using Site site = await Site.StartAsync(fit);
        await site.SeedAsync(fit.Teams, figures, stop);
        Load load = site.Load();
        for (int round = 0; round < fit.WarmUp; round++)
            await load.RunAsync(fit, stop, oneAtATime: true);
        Scenario.Add(figures, await load.RunAsync(fit, stop, oneAtATime: true));
    }
}
