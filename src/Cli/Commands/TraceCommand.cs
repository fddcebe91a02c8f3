using System.CommandLine;
using ShitOps.Client;

namespace ShitOps.Cli.Commands;

/// <summary><c>shitops trace ID</c>: whatever it is the id of.</summary>
internal static class TraceCommand
{
    public static Command Make(Session session)
    {
        var id = new Argument<Guid>("id") { Description = "Of a message, an ask or a task" };
        var command = new Command("trace", "Show everything that happened to a message, an ask or a task") { id };
        session.Does(command, async (parsed, client, output, stop) =>
        {
            IReadOnlyList<JournalEvent> events = await FindAsync(client, parsed.GetValue(id), stop);
            await output.ListAsync(
                events.ToAsyncEnumerable(), CliJson.Default.JournalEvent, ["time", "event", "node", "silo", "team", "detail"],
                e => [Output.Time(e.At), e.Type, e.Node?.ToString(), e.Silo, e.Team, Detail(e)], stop);
            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>An ask is a message as well, and its own trace tells more; so asks come first, messages last.</summary>
    private static async Task<IReadOnlyList<JournalEvent>> FindAsync(ShitOpsClient client, Guid id, CancellationToken stop)
    {
        foreach (Func<Guid, CancellationToken, Task<IReadOnlyList<JournalEvent>>> trace in
            new Func<Guid, CancellationToken, Task<IReadOnlyList<JournalEvent>>>[] { client.TraceAskAsync, client.TraceTaskAsync })
        {
            try
            {
                return await trace(id, stop);
            }
            catch (ShitOpsException other) when (other.Status == 404)
            {
                // It is something else.
            }
        }
        return await client.TraceMessageAsync(id, stop);
    }

    private static string Detail(JournalEvent e) => string.Join(' ', new[]
    {
        e.Verdict,
        e.SignatureVersion is { } version ? $"signatures {version}" : null,
        e.Attempt is > 1 ? $"attempt {e.Attempt}" : null,
        e.Reason,
        e.Actor is { } actor ? $"by {actor}" : null,
    }.Where(part => part is not null));
}
