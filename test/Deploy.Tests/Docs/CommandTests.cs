using System.Reflection;
using System.Text.RegularExpressions;

namespace ShitOps.Deploy.Tests.Docs;

/// <summary>Every command in a document is run by a test, or stands among the <see cref="Excuses"/> with the reason.</summary>
public sealed partial class CommandTests
{
    private static readonly RunsAttribute[] Run =
        [.. typeof(CommandTests).Assembly.GetTypes().SelectMany(t => t.GetMethods()).SelectMany(m => m.GetCustomAttributes<RunsAttribute>())];

    /// <summary>Pages of docs/api, whose commands Client.Tests runs page by page.</summary>
    private static bool IsOfTheApi(CommandBlock block) => block.File.StartsWith("docs/api/", StringComparison.Ordinal) && block.File != "docs/api/README.md";

    private static bool IsRun(CommandBlock block) => IsOfTheApi(block) || Run.Any(r => r.File == block.File && r.Heading == block.Heading);

    [Fact]
    public void Every_command_is_run_or_excused()
    {
        Assert.True(Document.Blocks.Count > 30, $"only {Document.Blocks.Count} blocks were found");
        string[] left =
        [
            .. from block in Document.Blocks
               where !IsRun(block)
               from line in block.Lines
               where Excuses.Of(block, line) is null
               select $"{block}: {line}",
        ];
        Assert.True(left.Length == 0, "neither run by a test nor excused:\n" + string.Join('\n', left));
    }

    [Fact]
    public void No_excuse_and_no_test_is_for_what_is_not_there()
    {
        Assert.All(Excuses.All, excuse => Assert.Contains(Document.Blocks, block => block.Lines.Any(line => Excuses.Of(block, line) == excuse)));
        Assert.All(Run, run => Assert.Contains(Document.Blocks, block => block.File == run.File && block.Heading == run.Heading));
        Assert.Contains("[.. Page.Names]", Tool.Read("test/Client.Tests/Docs/ExampleTests.cs"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_takes_too_long_to_be_run_is_at_least_understood()
    {
        var helps = new Dictionary<string, string>();
        int looked = 0;
        foreach (string line in Document.Blocks.SelectMany(b => b.Lines))
        {
            if (Bench().Match(line) is not { Success: true } match)
                continue;
            string program = match.Groups[1].Value;
            string[] words = match.Groups[2].Value.Split('#')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            string help = await HelpAsync(program);
            if (words is [not ['-', ..], ..])
            {
                Assert.Matches($@"(?m)^\s+{Regex.Escape(words[0])}\b", help);
                help = await HelpAsync(program, words[0]);
            }
            foreach (string option in words.Where(word => word.StartsWith("--", StringComparison.Ordinal)))
                Assert.Matches($@"(?m)^\s+(-\w, )?{Regex.Escape(option)}\b|^\s+-h, -\?, {Regex.Escape(option)}|, {Regex.Escape(option)}\b", help);
            looked++;
        }
        Assert.True(looked > 8, $"{looked} commands");

        async Task<string> HelpAsync(string program, params string[] command) => helps.TryGetValue(program + string.Concat(command), out string? known) ? known
            : helps[program + string.Concat(command)] = await Tool.RunAsync("dotnet", [Tool.File($"bench/{program}/bin/{Tool.Configuration}/net10.0/ShitOps.{program}.dll"), .. command, "--help"]);
    }

    [Fact]
    public void Scripts_and_tests_that_are_named_are_there()
    {
        string[] lines = [.. Document.Blocks.SelectMany(b => b.Lines)];
        Assert.All(lines.Where(l => Script().IsMatch(l)), line => Assert.True(File.Exists(Tool.File(Script().Match(line).Value)), line));
        string[] sources = [.. Directory.EnumerateFiles(Tool.File("test/System.Tests"), "*.cs").Select(File.ReadAllText)];
        Match[] methods = [.. lines.Select(l => Method().Match(l)).Where(m => m.Success)];
        Assert.NotEmpty(methods);
        Assert.All(methods, method => Assert.Contains(sources, source => source.Contains($"Task {method.Groups[1].Value}(", StringComparison.Ordinal)));
    }

    [GeneratedRegex(@"^dotnet run (?:-c Release )?--project bench/(\w+)(?: -- (.*))?")]
    private static partial Regex Bench();

    [GeneratedRegex(@"^(test|bench|deploy)/[\w/-]+\.sh")]
    private static partial Regex Script();

    [GeneratedRegex(@"-method '\*(\w+)'")]
    private static partial Regex Method();
}
