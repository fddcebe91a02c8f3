using System.Text;

namespace ShitOps.Deploy.Tests.Docs;

/// <summary>
/// Where commands of documents are run: in the repository, with a home of their own. Of a command only paths, ports and
/// placeholders are put in otherwise. What they export stays for the next ones, as in one terminal.
/// </summary>
internal sealed class Workplace : IDisposable
{
    private readonly Dictionary<string, string> _here = new(StringComparer.Ordinal);
    private readonly TempFolder _folder = new();
    private readonly string _dotnet = Environment.ProcessPath is { } path && Path.GetFileName(path) == "dotnet" ? path : "dotnet";

    public Workplace()
    {
        foreach (string name in (string[])["home", "state", "units"])
            Directory.CreateDirectory(_folder.File(name));
        Put("/usr/bin/dotnet", _dotnet);
        // Nothing is fetched from anywhere: what is installed comes from the folder that the command names.
        Directory.CreateDirectory(_folder.File("home/.nuget/NuGet"));
        File.WriteAllText(_folder.File("home/.nuget/NuGet/NuGet.Config"), "<configuration><packageSources><clear /></packageSources></configuration>");
    }

    public string Home => _folder.File("home");

    public string Folder(string name) => Directory.CreateDirectory(_folder.File(name)).FullName;

    /// <summary>What stands in commands and unit files, and what stands for it here.</summary>
    public void Put(string said, string here) => _here[said] = here;

    /// <summary>The same for a folder, which is made.</summary>
    public string PutFolder(string said, string name)
    {
        string folder = Folder(name);
        Put(said, folder);
        return folder;
    }

    /// <summary>All of a section's commands, or of one of its blocks; none that is excused.</summary>
    public Task<string> RunAsync(string file, string heading, int? block = null)
    {
        CommandBlock[] blocks = [.. Document.Blocks.Where(b => b.File == file && b.Heading == heading)];
        Assert.NotEmpty(blocks);
        return RunAsync(block is { } one ? [blocks[one]] : blocks);
    }

    public static string Script(params IEnumerable<CommandBlock> blocks) => string.Join('\n', blocks.SelectMany(b => b.Text.Split('\n').Where(line => Excuses.Of(b, line.Trim()) is null)));

    public async Task<string> RunAsync(params CommandBlock[] blocks)
    {
        File.WriteAllLines(_folder.File("here.sed"), Longest().Select(pair => $"s|{pair.Key}|{pair.Value}|g"));
        string state = _folder.File("state/exports");
        string script = $"set -euo pipefail\n[ ! -e '{state}' ] || . '{state}'\ntrap 'declare -px >\"{state}\"' EXIT\n{Here(Script(blocks))}";
        (int exitCode, string output) = await Tool.TryRunAsync("bash", ["-c", script], Environs());
        Assert.True(exitCode == 0, $"{blocks[0]} ended with {exitCode}:\n{output}");
        return output;
    }

    public string Here(string text) => Longest().Aggregate(new StringBuilder(text), (so, pair) => so.Replace(pair.Key, pair.Value)).ToString();

    /// <summary>Of what commands are given here.</summary>
    public Dictionary<string, string?> Environs() => new()
    {
        ["PATH"] = $"{Tool.File("test/Deploy.Tests/Docs/Shims")}:{Home}/.dotnet/tools:{Environment.GetEnvironmentVariable("PATH")}",
        ["HOME"] = Home,
        ["DOTNET_CLI_HOME"] = Home,
        ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
        ["DOTNET_NOLOGO"] = "1",
        ["NUGET_PACKAGES"] = _folder.File("packages"),
        ["SHIM_DOTNET"] = _dotnet,
        ["SHIM_CONFIGURATION"] = Tool.Configuration,
        ["SHIM_UNITS"] = _folder.File("units"),
        ["SHIM_STATE"] = _folder.File("state"),
        ["SHIM_HERE"] = _folder.File("here.sed"),
        ["NO_COLOR"] = "1",
        ["http_proxy"] = null,
        ["HTTP_PROXY"] = null,
    };

    /// <summary>What services wrote.</summary>
    public string Logs() => string.Join('\n', Directory.EnumerateFiles(_folder.File("state"), "*.log").Order(StringComparer.Ordinal).Select(file => $"---- {Path.GetFileName(file)}\n{string.Join('\n', File.ReadLines(file).TakeLast(30))}"));

    /// <summary>Ends every service that runs.</summary>
    public Task StopAsync() => Tool.TryRunAsync(
        "bash", ["-c", "for file in \"$SHIM_STATE\"/*.pid; do [ ! -e \"$file\" ] || systemctl stop \"$(basename \"$file\" .pid)\" & done; wait"], Environs());

    public void Dispose() => _folder.Dispose();

    private IEnumerable<KeyValuePair<string, string>> Longest() => _here.OrderByDescending(pair => pair.Key.Length);
}
