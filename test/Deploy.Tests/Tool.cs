namespace ShitOps.Deploy.Tests;

/// <summary>Runs a program of the machine to its end.</summary>
internal static class Tool
{
    public static string Root { get; } = BuiltPrograms.SolutionFolder();

    /// <summary>In which the tests were built, and with them the programs.</summary>
    public static string Configuration => new DirectoryInfo(AppContext.BaseDirectory).Parent?.Name ?? "Debug";

    public static string File(string path) => Path.Combine(Root, path);

    public static string Read(string path) => System.IO.File.ReadAllText(File(path));

    /// <summary>What it wrote, errors too.</summary>
    public static async Task<(int ExitCode, string Output)> TryRunAsync(
        string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null)
    {
        await using ServerProcess process = ServerProcess.Start(Path.GetFileName(file), file, arguments, environment, Root);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, process.Output);
    }

    public static async Task<string> RunAsync(string file, params string[] arguments)
    {
        (int exitCode, string output) = await TryRunAsync(file, arguments);
        Assert.True(exitCode == 0, $"{file} {string.Join(' ', arguments)} ended with {exitCode}:\n{output}");
        return output;
    }

    /// <summary>Debian's Python, which has what its docker-compose needs: a reader of YAML and of JSON schemas.</summary>
    public static Task<string> PythonAsync(string program, params string[] arguments) =>
        RunAsync("/usr/bin/python3", ["-W", "ignore", "-c", program, .. arguments]);
}
