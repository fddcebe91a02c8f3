using System.Text.RegularExpressions;

namespace ShitOps.Deploy.Tests;

/// <summary>Our rules for Dockerfiles, and that what they copy is there.</summary>
public sealed class DockerfileTests
{
    private static readonly string[] Instructions =
        ["FROM", "ARG", "ENV", "WORKDIR", "COPY", "RUN", "USER", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD", "LABEL"];

    public static TheoryData<string> All => [.. Directory.EnumerateFiles(Tool.File("deploy"), "Dockerfile*", SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(Tool.Root, path))];

    [Theory, MemberData(nameof(All))]
    public void Every_line_is_an_instruction_we_know(string path) => Assert.All(Lines(path), line => Assert.Contains(line.Word, Instructions));

    [Theory, MemberData(nameof(All))]
    public void Images_are_of_a_version_and_the_last_holds_no_SDK(string path)
    {
        string[] images = [.. Lines(path).Where(l => l.Word == "FROM").Select(l => l.Text.Split(' ')[0])];
        Assert.All(images, image => Assert.Matches(@"^[\w./-]+:\d+\.\d+[\w.-]*$", image));
        Assert.True(images.Length > 1, "one stage only");
        Assert.DoesNotContain("/sdk:", images[^1]);
    }

    [Theory, MemberData(nameof(All))]
    public void The_last_stage_has_a_user_a_health_check_and_a_process_that_hears_signals(string path)
    {
        (string Word, string Text)[] last = LastStage(path);
        string user = Assert.Single(last, l => l.Word == "USER").Text;
        Assert.DoesNotContain(user, (string[])["root", "0"]);
        Assert.Contains("CMD", Assert.Single(last, l => l.Word == "HEALTHCHECK").Text, StringComparison.Ordinal);
        string entry = Assert.Single(last, l => l.Word == "ENTRYPOINT").Text;
        Assert.StartsWith("[", entry);
        Assert.True(!entry.Contains("\"sh\"", StringComparison.Ordinal) || entry.Contains("exec ", StringComparison.Ordinal), entry);
        // Installing or downloading belongs to the build.
        Assert.DoesNotContain(last, l => l.Word == "RUN");
    }

    [Theory, MemberData(nameof(All))]
    public void Packages_are_restored_before_sources_are_copied(string path)
    {
        (string Word, string Text)[] lines = Lines(path);
        int restore = Array.FindIndex(lines, l => l.Text.StartsWith("dotnet restore", StringComparison.Ordinal));
        int sources = Array.FindIndex(lines, l => l is ("COPY", "src src"));
        Assert.True(restore >= 0 && sources > restore, "restore comes first");
        Assert.Contains(lines[sources..], l => l.Text.Contains("--no-restore", StringComparison.Ordinal));
        // All that restoring reads: every project, and what their properties come from.
        string before = string.Join('\n', lines[..restore].Where(l => l.Word == "COPY").Select(l => l.Text));
        Assert.All(["global.json", "Directory.Build.props", "Directory.Packages.props", "eng/BannedSymbols.txt"], file => Assert.Contains(file, before, StringComparison.Ordinal));
        Assert.All(Projects(), project => Assert.Contains($"src/{project}/*.csproj src/{project}/", before, StringComparison.Ordinal));
    }

    [Theory, MemberData(nameof(All))]
    public void What_is_copied_is_there_and_not_ignored(string path)
    {
        string[] allowed = [.. Tool.Read(".dockerignore").Split('\n').Where(l => l.StartsWith('!')).Select(l => "^" + Regex.Escape(l[1..].Trim()).Replace(@"\*", "[^/]*", StringComparison.Ordinal) + "(/|$)")];
        foreach ((_, string rest) in Lines(path).Where(l => l.Word == "COPY" && !l.Text.Contains("--from=", StringComparison.Ordinal)))
        {
            string[] sources = [.. rest.Split(' ').Where(p => !p.StartsWith("--", StringComparison.Ordinal))];
            Assert.All(sources[..^1], source =>
            {
                string folder = source.Contains('*', StringComparison.Ordinal) ? Path.GetDirectoryName(source)! : source;
                Assert.True(Path.Exists(Tool.File(folder)), source);
                Assert.True(allowed.Any(a => Regex.IsMatch(source, a)), $"{source} is in .dockerignore");
            });
        }
    }

    [Fact]
    public void Every_program_in_the_compose_file_can_be_built() => Assert.All(
        Regex.Matches(Tool.Read("compose.yaml"), @"PROGRAM: (\w+)").Select(m => m.Groups[1].Value), program => Assert.Contains(program, Projects()));

    internal static (string Word, string Text)[] LastStage(string path)
    {
        (string Word, string Text)[] lines = Lines(path);
        return lines[Array.FindLastIndex(lines, l => l.Word == "FROM")..];
    }

    private static string[] Projects() => [.. Directory.EnumerateFiles(Tool.File("src"), "*.csproj", SearchOption.AllDirectories)
        .Select(path => Path.GetFileNameWithoutExtension(path))];

    private static (string Word, string Text)[] Lines(string path) => [.. Regex.Replace(Tool.Read(path), @"\\\n\s*", "").Split('\n')
        .Where(l => l.Length > 0 && !l.StartsWith('#')).Select(l => l.Split(' ', 2)).Select(l => (l[0], l[1].Trim()))];
}
