using System.CommandLine;
using ShitOps.Cli.Doctor;
using Spectre.Console;

namespace ShitOps.Cli.Commands;

/// <summary><c>shitops doctor</c>.</summary>
internal static class DoctorCommand
{
    public static Command Make(Session session)
    {
        Option<string?>
            database = new("--database") { Description = $"Connection string [{DoctorSettings.DatabaseVariable}]", HelpName = "TEXT" },
            elastic = new("--elastic") { Description = $"Elasticsearch's address [{DoctorSettings.ElasticVariable}]", HelpName = "URL" };
        var clamd = new Option<string[]>("--clamd") { Description = $"tcp://host:3310 or unix:///path; may be given again [{DoctorSettings.ClamdVariable}0…]", HelpName = "ENDPOINT" };
        var eicar = new Option<bool>("--eicar") { Description = "Upload the EICAR test file with a team's key: it must end in quarantine, where it stays" };
        var journal = new Option<bool>("--verify-journal") { Description = "Look at every row of the journal too: whether it is what was written, with an operator's or security key" };
        var command = new Command("doctor", "Check gateway, database, scanner, Elasticsearch, clock and versions") { database, clamd, elastic, eicar, journal };
        session.Does(command, async (parsed, client, output, stop) =>
        {
            DoctorSettings settings = DoctorSettings.Read(session.Variable, parsed.GetValue(database), parsed.GetValue(clamd) ?? [], parsed.GetValue(elastic));
            var examination = new Examination(client, settings, session.Time, parsed.GetValue(eicar));
            bool failed = false;
            IAsyncEnumerable<Finding> findings = examination.RunAsync(stop);
            if (parsed.GetValue(journal))
                findings = findings.Concat(new JournalVerification(client, session.Time, output.Progress).RunAsync(stop));
            await foreach (Finding finding in findings)
            {
                failed |= finding.Status == Finding.Failed;
                output.Write(finding, CliJson.Default.Finding, console => Tell(console, output, finding));
            }
            return failed ? ExitCodes.Unhealthy : ExitCodes.Done;
        });
        return command;
    }

    private static void Tell(IAnsiConsole console, Output output, Finding finding)
    {
        Color color = finding.Status switch
        {
            Finding.Ok => Color.Green,
            Finding.Warning => Color.Yellow,
            Finding.Failed => Color.Red,
            _ => Color.Grey,
        };
        console.Write(new Text($"{finding.Status,-8}", new Style(color)));
        output.Line($"{finding.Check}: {finding.Detail}");
        if (finding.Advice is { } advice)
            output.Line($"        → {advice}");
    }
}
