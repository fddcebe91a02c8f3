namespace ShitOps.Deploy.Tests.Docs;

/// <summary>A command that no test runs as it stands, and why.</summary>
/// <param name="Line">The beginning of its line.</param>
internal sealed record Excuse(string File, string Line, string Reason);

internal static class Excuses
{
    private const string
        Docker = "No Docker where the tests run: StackTests runs the same programs with the file's own command lines, settings and secrets",
        Bench = "Minutes to hours, on a machine that does nothing else. Its options are held against the program's help; small runs are CommandTests' and SuiteTests'",
        Campaign = "Minutes to hours. Its options are held against the program's help; short campaigns are CampaignTests' and FuzzTests'",
        Itself = "Runs the tests, this one too",
        Variable = "Names the address that the page's examples use: ExampleTests sets it";

    public static IReadOnlyList<Excuse> All { get; } =
    [
        new("README.md", "test/run.sh", Itself),
        new("README.md", "docker compose", Docker),
        new("README.md", "curl --cacert ca.crt https://localhost:8443/health/ready", Docker),
        new("README.md", "dotnet run -c Release --project bench/Pipeline", Bench),
        new("README.md", "bench/peers.sh", Bench),
        new("README.md", "bench/suite.sh", Bench),
        new("docs/api/README.md", "api=", Variable),
        new("docs/board.md", "SHITOPS_SCREENSHOTS=artifacts/pictures test/run.sh Board", Itself),
        new("docs/guarantees.md", "dotnet run -c Release --project bench/", Campaign),
        new("docs/guarantees.md", "test/run.sh Chaos", Itself),
        new("docs/operations.md", "useradd ", "Adds a user to the machine; the services run as the test's own"),
        new("docs/operations.md", "dotnet add src/Silo package Elastic.Serilog.Sinks", "Changes the project; the package cannot be relied upon to be obtainable, as the page says"),
        new("docs/tree.md", "dotnet run -c Release --project test/System.Tests -- -method", Itself),
        new("docs/tree.md", "SHITOPS_GROW_TEAMS=1000 dotnet run -c Release --project test/System.Tests", Itself),
        new("deploy/kibana/README.md", "dotnet run --project eng/Kibana              # writes them anew", "Writes into the repository; GeneratorTests runs it into a folder of its own"),
        new("src/Cli/README.md", "shitops inbox --follow --ack", "Goes on until it is interrupted: CommandTests.The_inbox_is_followed_until_interrupted"),
    ];

    public static Excuse? Of(CommandBlock block, string line) => All.FirstOrDefault(e => e.File == block.File && line.StartsWith(e.Line, StringComparison.Ordinal));
}
