using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace ShitOps.Bench.Peers;

/// <summary>Peers and ours in turn, some rounds of them, each alone on the machine while it is measured; medians and ratios.</summary>
internal sealed class Comparison(PeerOptions options)
{
    private const string Bulk = "ours.bulk", Single = "ours.single";

    private static readonly (string Name, string Over, string Under)[] Ratios =
    [
        ("bulk-over-pipeline", Bulk, "pipeline"), ("bulk-over-relay", Bulk, "relay"), ("bulk-over-broker", Bulk, "broker"), ("single-over-pipeline", Single, "pipeline"),
    ];

    public async Task<int> RunAsync(CancellationToken stop)
    {
        var rounds = new List<Dictionary<string, double>>();
        for (int round = 1; round <= options.Rounds; round++)
        {
            Figures peers = await Peers.MeasureAsync(Enum.GetValues<PeerKind>(), options, stop);
            peers.AddAll($"{Bulk}.", await OursAsync(["--bulk", "100"], stop));
            peers.AddAll($"{Single}.", await OursAsync(["--bulk", "1", "--senders", "64"], stop));
            peers.Print($"round {round} of {options.Rounds}");
            rounds.Add(peers.All.Where(f => f.Value is not null).ToDictionary(f => f.Name, f => f.Value!.Value));
        }
        Dictionary<string, double> medians = rounds[0].Keys.ToDictionary(name => name, name => Figures.Median(rounds.Select(r => r[name])));
        Dictionary<string, double> ratios = Ratios.ToDictionary(r => r.Name, r => medians[$"{r.Over}.acknowledged"] / medians[$"{r.Under}.acknowledged"]);
        Print(rounds, medians, ratios);
        if (options.Json.Length > 0)
            await Figures.SaveAsync(options.Json, new { Machine = Machine.This(), Options = options, Rounds = rounds, Medians = medians, Ratios = ratios });
        return 0;
    }

    /// <summary>The bench of this project as a process, with as many messages of the same size.</summary>
    private async Task<Figures> OursAsync(string[] arguments, CancellationToken stop)
    {
        using var folder = new TempFolder();
        string json = folder.File("figures.json");
        await using ServerProcess bench = ServerProcess.Start("bench", "dotnet",
        [
            Find(), .. arguments, "--messages", Text(options.Messages), "--body", Text(options.Body), "--warm-up", Text(options.WarmUp),
            "--floors", "false", "--limit", Text(options.Limit), "--json", json,
        ]);
        await bench.WaitForExitAsync(stop);
        if (bench.ExitCode != 0)
            throw new InvalidOperationException($"bench/Pipeline ended with {bench.ExitCode}:\n{bench.Output}");
        using JsonDocument document = JsonDocument.Parse(await File.ReadAllBytesAsync(json, stop));
        var figures = new Figures();
        foreach (JsonProperty figure in document.RootElement.GetProperty("figures").EnumerateObject())
        {
            string unit = figure.Name.StartsWith("cpu", StringComparison.Ordinal) ? "µs/message" : "messages/s";
            if (figure.Name.StartsWith("cpu", StringComparison.Ordinal) || figure.Name is "accepted" or "acknowledged")
                figures.Add(figure.Name, figure.Value.GetDouble(), unit);
        }
        return figures;
    }

    /// <summary>bench/Pipeline beside this program, built in the same configuration.</summary>
    private static string Find()
    {
        string path = Path.Combine(BuiltPrograms.SolutionFolder(), "bench", "Pipeline", "bin", new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, "net10.0", "ShitOps.Pipeline.dll");
        return File.Exists(path) ? path : throw new FileNotFoundException("bench/Pipeline is not built", path);
    }

    private static void Print(List<Dictionary<string, double>> rounds, Dictionary<string, double> medians, Dictionary<string, double> ratios)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn("acknowledged, messages/s").AddColumn(new TableColumn("median").RightAligned()).AddColumn("rounds")
            .AddColumn(new TableColumn("cpu, µs/message").RightAligned());
        foreach (string name in new[] { "pipeline", "relay", "broker", Bulk, Single })
        {
            string each = string.Join(", ", rounds.Select(r => Text(r[$"{name}.acknowledged"])));
            table.AddRow(name, Text(medians[$"{name}.acknowledged"]), each, Text(medians[$"{name}.cpu.all"]));
        }
        AnsiConsole.Write(table);
        foreach ((string name, double ratio) in ratios)
            AnsiConsole.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {ratio:0.00} ×"));
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
    private static string Text(double number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
