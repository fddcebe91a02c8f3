using System.CommandLine;
using ShitOps.Bench;
using ShitOps.Bench.Peers;

var defaults = new PeerOptions();
Option<int> messages = Setting("--messages", "Messages", defaults.Messages), body = Setting("--body", "Bytes of a body", defaults.Body),
    outstanding = Setting("--outstanding", "Publishes under way at once", defaults.Outstanding), warmUp = Setting("--warm-up", "Runs before the measured one", defaults.WarmUp),
    rounds = Setting("--rounds", "Rounds of a comparison", defaults.Rounds), limit = Setting("--limit", "Seconds after which a run is given up", defaults.Limit);
Option<ushort> prefetch = Setting("--prefetch", "Messages a consumer holds", defaults.Prefetch), concurrency = Setting("--concurrency", "Messages worked on at once", defaults.Concurrency);
Option<string> json = Setting("--json", "A file for the figures", defaults.Json);

var root = new RootCommand("What a team would build instead: a broker, a service that scans and stores, a second queue. Alone, or compared with ours.");
foreach (Option option in new Option[] { messages, body, outstanding, prefetch, concurrency, warmUp, rounds, limit, json })
    root.Options.Add(option);
foreach (PeerKind kind in Enum.GetValues<PeerKind>())
{
    var one = new Command(kind.ToString().ToLowerInvariant(), "This one alone");
    one.SetAction(async (parsed, stop) =>
    {
        PeerOptions options = Read(parsed);
        Figures figures = await Peers.MeasureAsync([kind], options, stop);
        figures.Print(one.Name);
        if (options.Json.Length > 0)
            await Figures.SaveAsync(options.Json, new { Machine = Machine.This(), Options = options, Figures = figures.ToDictionary() });
        return 0;
    });
    root.Subcommands.Add(one);
}
var compare = new Command("compare", "All of them and ours, in turn");
compare.SetAction((parsed, stop) => new Comparison(Read(parsed)).RunAsync(stop));
root.Subcommands.Add(compare);
// After Ctrl+C the servers are ended and their folders cleared, which takes its time.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(2) });

PeerOptions Read(ParseResult parsed) => new()
{
    Messages = parsed.GetValue(messages),
    Body = parsed.GetValue(body),
    Outstanding = parsed.GetValue(outstanding),
    Prefetch = parsed.GetValue(prefetch),
    Concurrency = parsed.GetValue(concurrency),
    WarmUp = parsed.GetValue(warmUp),
    Rounds = parsed.GetValue(rounds),
    Limit = parsed.GetValue(limit),
    Json = parsed.GetValue(json)!,
};

static Option<T> Setting<T>(string name, string text, T value) => new(name) { Description = text, DefaultValueFactory = _ => value, Recursive = true };
