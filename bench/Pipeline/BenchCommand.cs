using System.CommandLine;

namespace ShitOps.Bench;

/// <summary>The command line: what to measure, and with which options.</summary>
internal static class BenchCommand
{
    public static RootCommand Create()
    {
        var root = new RootCommand("Measures how much this machine carries, and where the time goes.");
        foreach (Setting setting in Setting.All)
            root.Options.Add(setting.Option);
        SetAction(root, Scenario.Flow);
        foreach (Scenario scenario in Scenario.All.Where(s => s.Verb.Length > 0))
        {
            var command = new Command(scenario.Verb, scenario.Text);
            SetAction(command, scenario);
            root.Subcommands.Add(command);
        }
        var suite = new Command("suite", "Every row of docs/performance.md but the peers', one after another.");
        suite.SetAction((parsed, stop) => new Suite(Setting.Read(parsed, new())).RunAsync(stop));
        root.Subcommands.Add(suite);
        var elastic = new Command(ElasticProcess.Verb, "The test kit's Elasticsearch alone") { Hidden = true };
        elastic.SetAction((_, stop) => ElasticProcess.ServeAsync(stop));
        root.Subcommands.Add(elastic);
        return root;
    }

    private static void SetAction(Command command, Scenario scenario) => command.SetAction(async (parsed, stop) =>
    {
        BenchOptions options = Setting.Read(parsed, scenario.Usual);
        Figures figures = await scenario.RunAsync(options, stop);
        figures.Print(Setting.Command(scenario, options));
        if (options.Json.Length > 0)
            await Figures.SaveAsync(options.Json, new { Machine = Machine.This(), Scenario = scenario.Verb, Options = options, Figures = figures.ToDictionary() });
        return 0;
    });
}
