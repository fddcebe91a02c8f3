
namespace ShitOps.Bench;

/// <summary>Starts what a run needs on loopback, warms up, measures, prints.</summary>
internal sealed class Bench(BenchOptions options)
{
    public async Task<int> RunAsync(CancellationToken stop)
    {
        var report = new Report(options);
        await (options.Standalone ? StandaloneAsync(report, stop) : ClusterAsync(report, stop));
        report.Print();
        if (options.Json is { } file)
            await report.SaveAsync(file);
        return 0;
    }

    private async Task ClusterAsync(Report report, CancellationToken stop)
    {
        // In memory where there is such a folder: clamd writes each content to a file before it looks at it.
        string scratch = Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"shitops-bench-{Environment.ProcessId}");
        Directory.CreateDirectory(scratch);
        try
        {
            await using ShitOpsCluster cluster = await ShitOpsCluster.StartAsync(new ClusterOptions
            {
                Silos = options.Silos,
                Durable = true,
                ClamdTemporaryDirectory = scratch,
                GatewaySettings = new Dictionary<string, string?> { ["Gateway__MessagesPerSecond"] = "10000000" },
            });
            (string, int)[] processes =
            [
                ("database", cluster.Database.ProcessId), ("clamd", cluster.Clamd.ProcessId),
                .. cluster.Silos.Select(s => (s.Name, s.ProcessId)), .. cluster.Gateways.Select(g => (g.Name, g.ProcessId)),
            ];
            await MeasureAsync(report, cluster.Operator, cluster.Gateways[0].Address!, processes, stop);
            if (options.Floors)
                await Floors.MeasureAsync(report, options, cluster, stop);
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    private async Task StandaloneAsync(Report report, CancellationToken stop)
    {
        await using StandaloneProcess standalone = await StandaloneProcess.StartAsync();
        await MeasureAsync(report, standalone.Operator, standalone.Program.Address!, [("standalone", standalone.Program.ProcessId)], stop);
    }

    private async Task MeasureAsync(Report report, ApiClient operators, Uri address, IReadOnlyList<(string Name, int Id)> processes, CancellationToken stop)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = 1024 }) { BaseAddress = address };
        var teams = new List<(string, string)>();
        for (int i = 0; i < options.Teams; i++)
            teams.Add(await TeamAsync(operators, $"team-{i}"));
        var load = new Load(http, teams, options);
        if (options.Backlog > 0)
            await load.FillAsync((await TeamAsync(operators, "backlog")).Name, options.Backlog, stop);
        for (int round = 0; round < options.WarmUp; round++)
            await load.RunAsync(options.Messages, stop);
        double[] before = [.. processes.Select(p => ProcessorTime.Of(p.Id))];
        Load.Result result = await load.RunAsync(options.Messages, stop);
        double[] used = [.. processes.Select((p, i) => ProcessorTime.Of(p.Id) - before[i])];

        report.Add("accepted", result.Accepted / result.AcceptTime.TotalSeconds, "messages/s");
        report.Add("acknowledged", result.Delivered / result.AcknowledgeTime.TotalSeconds, "deliveries/s");
        report.AddLatencies("post-accepted", result.Accept);
        report.AddLatencies("post-received", result.Receive);
        report.AddLatencies("post-acknowledged", result.Acknowledge);
        for (int i = 0; i < processes.Count; i++)
            report.Add($"cpu.{processes[i].Name}", used[i] / result.Accepted * 1e6, "µs/message");
        report.Add("cpu.all", used.Sum() / result.Accepted * 1e6, "µs/message");
        foreach ((string name, int id) in processes)
            report.Add($"memory.{name}", ProcessorTime.MemoryOf(id), "MiB");
    }

    private static async Task<(string Name, string Key)> TeamAsync(ApiClient operators, string name)
    {
        (ApiClient client, _) = await operators.CreateTeamAsync(name);
        return (name, client.Key!);
    }
}
