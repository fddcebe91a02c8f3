using System.Text.RegularExpressions;
using ShitOps.TestKit.Cluster;

namespace ShitOps.Client.Tests.Docs;

/// <summary>A page of docs/api: sections, each headed by the calls it shows, with one example in sh and one in C#.</summary>
internal sealed partial record Page(string Name, IReadOnlyList<Section> Sections)
{
    private static string Folder => Path.Combine(BuiltPrograms.SolutionFolder(), "docs", "api");

    public static IEnumerable<string> Names => Directory.EnumerateFiles(Folder, "*.md").Select(Path.GetFileNameWithoutExtension).Where(name => name != "README").Order()!;

    public static Page Read(string name)
    {
        string text = File.ReadAllText(Path.Combine(Folder, name + ".md"));
        string[] parts = Heading().Split(text);
        return new(name, [.. parts.Skip(1).Select(part => new Section(
            [.. Code().Matches(part.Split('\n')[0]).Select(call => call.Groups[1].Value)], Blocks(part, "sh"), Blocks(part, "csharp")))]);
    }

    /// <summary>All of the page's commands, to be run as one script.</summary>
    public string Script => string.Join('\n', Sections.SelectMany(section => section.Sh));

    private static string[] Blocks(string part, string language) => [.. Fence().Matches(part).Where(m => m.Groups[1].Value == language).Select(m => m.Groups[2].Value)];

    [GeneratedRegex("^## ", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();

    [GeneratedRegex("^```(\\w+)\n(.*?)\n```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();
}

/// <param name="Calls">As METHOD /path.</param>
internal sealed record Section(IReadOnlyList<string> Calls, IReadOnlyList<string> Sh, IReadOnlyList<string> CSharp);
