namespace ShitOps.Bench;

/// <summary>One thing that can be measured by a command of its own.</summary>
/// <param name="Verb">The command's name; empty for the program itself.</param>
/// <param name="Usual">Its options where none are given.</param>
internal sealed record Scenario(string Verb, string Text, Func<BenchOptions, Figures, CancellationToken, Task> Measure, BenchOptions Usual)
{
    private static readonly BenchOptions Plain = new();

    public static readonly Scenario Flow = new("", "Traffic through the whole system", FlowScenario.MeasureAsync, Plain);
    public static readonly Scenario Idle = new("idle", "One message at a time on an idle system", IdleScenario.MeasureAsync, Plain);
    public static readonly Scenario Hops = new("hops", "Cost per message and hop in a small tree and in one of 1,023 nodes", HopsScenario.MeasureAsync,
        Plain with { Teams = HopsScenario.LargeTeams });
    public static readonly Scenario Nodes = new("nodes", "Memory of idle nodes on one silo, 10,000 teams, then traffic among all of them", NodesScenario.MeasureAsync,
        Plain with { Teams = NodesScenario.ManyTeams });
    public static readonly Scenario Export = new("export", "The journal to Elasticsearch, in whose place the test kit's server stands", ExportScenario.MeasureAsync, Plain);
    public static readonly Scenario Views = new("views", "Every list of the API and every view of the board (in Chromium), with 10,000 teams and 1,000,000 messages", ViewsScenario.MeasureAsync,
        Plain with { Teams = ViewsScenario.ManyTeams, Messages = ViewsScenario.ManyMessages });

    public static readonly Scenario[] All = [Flow, Idle, Hops, Nodes, Export, Views];

    /// <exception cref="TimeoutException">It took longer than <see cref="BenchOptions.Limit"/>.</exception>
    public async Task<Figures> RunAsync(BenchOptions options, CancellationToken stop)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(options.Limit), TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, limit.Token);
        var figures = new Figures();
        try
        {
            await Measure(options, figures, either.Token);
            return figures;
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            figures.Print("unfinished");
            throw new TimeoutException($"not done within {options.Limit} s");
        }
    }

    /// <summary>The figures of one run, for whichever scenario.</summary>
    public static void Add(Figures figures, LoadResult result)
    {
        int accepted = result.Ledger.Accepted;
        long due = result.Ledger.Due;
        figures.Add("messages", accepted, "messages");
        figures.Add("accepted", accepted / result.AcceptTime.TotalSeconds, "messages/s");
        if (result.DeliverTime is { } delivered)
            figures.Add("delivered", due / delivered.TotalSeconds, "deliveries/s");
        else
            figures.Add("acknowledged", due / result.AcknowledgeTime.TotalSeconds, "deliveries/s");
        figures.AddLatencies("post-accepted", result.Accept);
        if (result.DeliverTime is null)
        {
            figures.AddLatencies("post-received", result.Arrive);
            figures.AddLatencies("post-acknowledged", result.Acknowledge);
        }
        figures.AddAll("", result.Measured);
        if (due != accepted)
            figures.Add("cpu-per-delivery", figures["cpu.all"] * accepted / due, "µs/delivery");
    }

    public static async Task WarmUpAsync(Load load, BenchOptions options, CancellationToken stop)
    {
        for (int round = 0; round < options.WarmUp; round++)
            await load.RunAsync(options, stop);
    }
}
