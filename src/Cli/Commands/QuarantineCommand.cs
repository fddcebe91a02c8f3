using System.CommandLine;
using ShitOps.Client;

namespace ShitOps.Cli.Commands;

/// <summary><c>shitops quarantine list|release|purge</c>.</summary>
internal static class QuarantineCommand
{
    public static Command Make(Session session) => new("quarantine", "Show what the scanner found, and decide on it")
    {
        List(session),
        Decide(session, "release", "Let entries continue their journey", (client, id, reason, stop) => client.ReleaseAsync(id, reason, stop)),
        Decide(session, "purge", "Destroy the bodies of entries", (client, id, reason, stop) => client.PurgeAsync(id, reason, stop)),
    };

    private static Command List(Session session)
    {
        var state = new Option<string?>("--state") { Description = "In that state; all without it" };
        state.AcceptOnlyFromAmong("waiting", "released", "purged");
        var command = new Command("list", "Show entries, newest first") { state };
        session.Does(command, async (parsed, client, output, stop) =>
        {
            await output.ListAsync(
                client.GetQuarantineAsync(parsed.GetValue(state), stop), CliJson.Default.QuarantineEntry, ["id", "time", "state", "from", "to", "found", "node"],
                e => [e.Id.ToString(), Output.Time(e.At), e.State, e.From, e.To ?? (e.Attachment is null ? "" : "(attachment)"), $"{e.Verdict} {e.Signature}", e.Node.ToString()], stop);
            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>One after the other; the first refusal ends it.</summary>
    private static Command Decide(Session session, string name, string description, Func<ShitOpsClient, Guid, string, CancellationToken, Task<Decided>> act)
    {
        var ids = new Argument<Guid[]>("ids") { Description = "Entries", Arity = ArgumentArity.OneOrMore };
        var reason = new Option<string>("--reason") { Description = "Why; kept in the journal", Required = true, HelpName = "TEXT" };
        var command = new Command(name, description) { ids, reason };
        session.Does(command, async (parsed, client, output, stop) =>
        {
            foreach (Guid id in parsed.GetValue(ids)!)
            {
                Decided decided = await act(client, id, parsed.GetValue(reason)!, stop);
                output.Write(decided, CliJson.Default.Decided, _ => output.Line($"{decided.Id} {decided.State}"));
            }
            return ExitCodes.Done;
        });
        return command;
    }
}
