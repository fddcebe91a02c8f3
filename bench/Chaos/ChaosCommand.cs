using System.CommandLine;
using ShitOps.Chaos.Measure;
using ShitOps.Chaos.Plan;

namespace ShitOps.Chaos;

internal static class ChaosCommand
{
    /// <param name="possible">Kinds of faults for which this machine has the means.</param>
    public static RootCommand Create(IReadOnlyList<FaultKind> possible, Func<ChaosOptions, CancellationToken, Task<int>> run)
    {
        var defaults = new ChaosOptions();
        Option<int> seed = Number("--seed", "The first seed", defaults.FirstSeed, 0), seeds = Number("--seeds", "How many seeds, one after the other", defaults.Seeds, 1),
            messages = Number("--messages", "Messages of a seed", defaults.Messages, 1), rate = Number("--rate", "Messages a second", defaults.Rate, 1),
            teams = Number("--teams", "Teams, two a node", defaults.Teams, 3), silos = Number("--silos", "Silos", defaults.Silos, 1),
            gateways = Number("--gateways", "Gateways", defaults.Gateways, 1), longest = Number("--longest", "Seconds that a process hangs at most", (int)defaults.Longest.TotalSeconds, 1);
        var kinds = new Option<FaultKind[]>("--kinds") { Description = "Only these faults", AllowMultipleArgumentsPerToken = true };
        var together = new Option<bool>("--together") { Description = "All seeds on the same servers" };
        var output = new Option<string>("--output") { Description = "A folder for ledgers and logs", DefaultValueFactory = _ => defaults.Output };
        var root = new RootCommand("Breaks things in a running system by a seeded plan and keeps a ledger of what clients see.")
        {
            seed, seeds, messages, rate, teams, silos, gateways, longest, kinds, together, output, FailoverCommand(), SoakCommand(),
        };
        root.SetAction((parsed, stop) => run(new ChaosOptions
        {
            FirstSeed = parsed.GetValue(seed),
            Seeds = parsed.GetValue(seeds),
            Messages = parsed.GetValue(messages),
            Rate = parsed.GetValue(rate),
            Teams = parsed.GetValue(teams),
            Silos = parsed.GetValue(silos),
            Gateways = parsed.GetValue(gateways),
            Longest = TimeSpan.FromSeconds(parsed.GetValue(longest)),
            Kinds = parsed.GetValue(kinds) is { Length: > 0 } some ? some : possible,
            Together = parsed.GetValue(together),
            Output = parsed.GetValue(output)!,
        }, stop));
        return root;
    }

    private static Command FailoverCommand()
    {
        Option<int> kills = Number("--kills", "Kills, each silo in turn", 20, 1), rate = Number("--rate", "Messages a second", 400, 1),
            teams = Number("--teams", "Teams, two a node", 30, 2), silos = Number("--silos", "Silos", 2, 2), seed = Number("--seed", "Seed of the traffic", 1, 0);
        var gently = new Option<bool>("--gently") { Description = "SIGTERM in place of SIGKILL" };
        var command = new Command("failover", "Measures the time from a silo's SIGKILL to the next delivery through each of its hubs.") { kills, rate, teams, silos, seed, gently };
        command.SetAction((parsed, stop) => new Failover(
            new(parsed.GetValue(kills), parsed.GetValue(rate), parsed.GetValue(teams), parsed.GetValue(silos), parsed.GetValue(seed), parsed.GetValue(gently)), Console.Out).RunAsync(stop));
        return command;
    }

    private static Command SoakCommand()
    {
        Option<int> minutes = Number("--minutes", "How long", 30, 1), rate = Number("--rate", "Messages a second", 50, 1),
            teams = Number("--teams", "Teams, two a node", 10, 2), silos = Number("--silos", "Silos", 2, 2), seed = Number("--seed", "Seed of traffic and kills", 1, 0);
        var kills = new Option<bool>("--kills") { Description = "A kill a minute", DefaultValueFactory = _ => true };
        var command = new Command("soak", "Constant load with a kill a minute: memory by process, and how long posts take.") { minutes, rate, teams, silos, seed, kills };
        command.SetAction((parsed, stop) => new Soak(
            new(TimeSpan.FromMinutes(parsed.GetValue(minutes)), parsed.GetValue(rate), parsed.GetValue(teams), parsed.GetValue(silos), parsed.GetValue(seed),
                parsed.GetValue(kills)), Console.Out).RunAsync(stop));
        return command;
    }

    internal static Option<int> Number(string name, string description, int value, int least)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => value };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < least)
                result.AddError($"{name} must be at least {least}");
        });
        return option;
    }
}
