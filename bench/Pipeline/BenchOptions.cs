using System.CommandLine;

namespace ShitOps.Bench;

internal enum Traffic { Random, Hot, Broadcast }

/// <summary>What is measured.</summary>
internal sealed record BenchOptions
{
    /// <summary>Messages posted, over all senders.</summary>
    public int Messages { get; init; } = 20_000;
    /// <summary>Bytes of a body: random text in a JSON string.</summary>
    public int Body { get; init; } = 1_024;
    /// <summary>Lines of a bulk; 1 posts each message by itself.</summary>
    public int Bulk { get; init; } = 100;
    /// <summary>Posts under way at once.</summary>
    public int Senders { get; init; } = 4;
    public int Teams { get; init; } = 30;
    public int Silos { get; init; } = 2;
    public Traffic Traffic { get; init; } = Traffic.Random;
    /// <summary>Messages that wait, unread, in one further inbox before the measuring begins.</summary>
    public int Backlog { get; init; }
    /// <summary>Messages a second at most, 0 for as fast as it goes.</summary>
    public int Rate { get; init; }
    /// <summary>Rounds before the measured one, of the same size, to warm up.</summary>
    public int WarmUp { get; init; } = 1;
    public bool Standalone { get; init; }
    /// <summary>The floors too: scanner alone, database alone.</summary>
    public bool Floors { get; init; } = true;
    /// <summary>Where the figures go as JSON; null for nowhere.</summary>
    public string? Json { get; init; }
}

internal static class BenchCommand
{
    public static RootCommand Create(Func<BenchOptions, CancellationToken, Task<int>> run)
    {
        var defaults = new BenchOptions();
        Option<int> messages = Number("--messages", "Messages posted", defaults.Messages, 1), body = Number("--body", "Bytes of a body", defaults.Body, 1),
            bulk = Number("--bulk", "Lines of a bulk; 1: single posts", defaults.Bulk, 1), senders = Number("--senders", "Posts under way at once", defaults.Senders, 1),
            teams = Number("--teams", "Teams, two a node", defaults.Teams, 2), silos = Number("--silos", "Silos", defaults.Silos, 1),
            backlog = Number("--backlog", "Messages waiting in one further inbox beforehand", defaults.Backlog, 0),
            rate = Number("--rate", "Messages a second at most; 0: no limit", defaults.Rate, 0),
            warmUp = Number("--warm-up", "Rounds before the measured one", defaults.WarmUp, 0);
        var traffic = new Option<Traffic>("--traffic") { Description = "random pairs, one hot pair, or broadcast to all", DefaultValueFactory = _ => defaults.Traffic };
        var standalone = new Option<bool>("--standalone") { Description = "One process on SQLite with the built-in scanner" };
        var floors = new Option<bool>("--floors") { Description = "Also scanner and database alone", DefaultValueFactory = _ => defaults.Floors };
        var json = new Option<string?>("--json") { Description = "A file for the figures" };
        var root = new RootCommand("Measures how much this machine carries, and where the time goes.")
        {
            messages, body, bulk, senders, teams, silos, traffic, backlog, rate, warmUp, standalone, floors, json,
        };
        root.SetAction((parsed, stop) => run(new BenchOptions
        {
            Messages = parsed.GetValue(messages),
            Body = parsed.GetValue(body),
            Bulk = parsed.GetValue(bulk),
            Senders = parsed.GetValue(senders),
            Teams = parsed.GetValue(teams),
            Silos = parsed.GetValue(silos),
            Traffic = parsed.GetValue(traffic),
            Backlog = parsed.GetValue(backlog),
            Rate = parsed.GetValue(rate),
            WarmUp = parsed.GetValue(warmUp),
            Standalone = parsed.GetValue(standalone),
            Floors = parsed.GetValue(floors),
            Json = parsed.GetValue(json),
        }, stop));
        return root;
    }

    private static Option<int> Number(string name, string description, int value, int least)
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
