using System.CommandLine;
using ShitOps.Client;
using Spectre.Console;

namespace ShitOps.Cli.Commands;

/// <summary><c>shitops dead-letters list|replay|discard</c>.</summary>
internal static class DeadLettersCommand
{
    public static Command Make(Session session) => new("dead-letters", "Show what could not be delivered, and send it again or give it up")
    {
        List(session),
        Act(session, "replay", "replayed", "Put dead letters back into the outbox of their sender", (client, which, stop) => client.ReplayAsync(which, stop)),
        Act(session, "discard", "discarded", "Give dead letters up for good", (client, which, stop) => client.DiscardAsync(which, stop)),
    };

    private static Command List(Session session)
    {
        Option<string?>
            team = new("--team") { Description = "Of that team alone", HelpName = "TEAM" },
            reason = new("--reason") { Description = "For that reason alone", HelpName = "REASON" };
        var command = new Command("list", "Show dead letters by reason") { team, reason };
        session.Does(command, async (parsed, client, output, stop) =>
        {
            IReadOnlyList<DeadLetterGroup> groups = await client.GetDeadLettersAsync(parsed.GetValue(team), parsed.GetValue(reason), stop);
            foreach (DeadLetterGroup group in groups)
            {
                output.Write(group, CliJson.Default.DeadLetterGroup, console =>
                {
                    output.Line($"{group.Reason}: {group.Count}");
                    Table table = Output.Table("message", "time", "from", "to", "team", "attempts");
                    foreach (DeadLetter letter in group.Items)
                        table.AddRow(new[] { letter.Message.ToString(), Output.Time(letter.At), letter.From, letter.To, letter.Team, letter.Attempts.ToString() }.Select(Output.Cell));
                    console.Write(table);
                });
            }
            if (groups.Count == 0 && !output.IsJson)
                output.Line("none");
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Act(Session session, string name, string done, string description, Func<ShitOpsClient, DeadLetterChoice, CancellationToken, Task<int>> act)
    {
        var ids = new Argument<Guid[]>("messages") { Description = "Ids of messages", Arity = ArgumentArity.ZeroOrMore };
        var reason = new Option<string?>("--reason") { Description = "All of that reason", HelpName = "REASON" };
        var team = new Option<string?>("--team") { Description = "With --reason: of that team alone", HelpName = "TEAM" };
        var why = new Option<string?>("--why") { Description = "Why so; kept in the journal", HelpName = "TEXT" };
        var command = new Command(name, description) { ids, reason, team, why };
        command.Validators.Add(result =>
        {
            if (result.GetResult(ids) is { Tokens.Count: > 0 } == result.GetResult(reason) is not null)
                result.AddError("Either ids of messages or --reason is needed");
            if (result.GetResult(team) is not null && result.GetResult(reason) is null)
                result.AddError("--team narrows what --reason chose");
        });
        session.Does(command, async (parsed, client, output, stop) =>
        {
            DeadLetterChoice which = parsed.GetValue(reason) is { } all ? DeadLetterChoice.Because(all, parsed.GetValue(team)) : DeadLetterChoice.Of(parsed.GetValue(ids)!);
            var count = new Count(done, await act(client, which with { Why = parsed.GetValue(why) }, stop));
            output.Write(count, CliJson.Default.Count, _ => output.Line($"{count.Number} {count.Done}"));
            return ExitCodes.Done;
        });
        return command;
    }
}
