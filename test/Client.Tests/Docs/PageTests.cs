using System.Text.Json;
using System.Text.RegularExpressions;
using ShitOps.TestKit.Cluster;

namespace ShitOps.Client.Tests.Docs;

/// <summary>docs/api shows every call, and its C# is what is compiled and run here.</summary>
public sealed partial class PageTests
{
    private static string[] Lines(string text)
    {
        string[] lines = [.. text.Split('\n').Select(line => line.TrimEnd())];
        int indent = lines.Where(line => line.Length > 0).Min(line => line.Length - line.TrimStart().Length);
        return [.. lines.Select(line => line.Length > 0 ? line[indent..] : line)];
    }

    [Fact]
    public void Every_call_of_the_api_has_a_section()
    {
        JsonElement paths = JsonElement.Parse(File.ReadAllText(Path.Combine(BuiltPrograms.SolutionFolder(), "docs", "openapi.json"))).GetProperty("paths");
        string[] calls =
        [
            .. from path in paths.EnumerateObject()
               from call in path.Value.EnumerateObject()
               select $"{call.Name.ToUpperInvariant()} {path.Name}",
        ];
        Assert.NotEmpty(calls);
        Assert.Equal(calls.Order(), Page.Names.SelectMany(name => Page.Read(name).Sections).SelectMany(section => section.Calls).Order());
    }

    [Fact]
    public void Every_section_shows_each_of_its_calls_with_curl() => Assert.All(Page.Names.Select(Page.Read).SelectMany(page => page.Sections), section =>
    {
        string sh = Assert.Single(section.Sh);
        Assert.All(section.Calls, call =>
        {
            // A path as it stands in the section, its placeholders filled in, and not the beginning of a longer one.
            string path = string.Join("[^/\\s\"?]+", Placeholder().Split(call.Split(' ')[1]).Select(Regex.Escape));
            Assert.Matches(path + "(?![\\w/-])", sh);
        });
    });

    [Fact]
    public void The_csharp_of_the_pages_is_what_is_run()
    {
        Dictionary<string, string[]> compiled = Directory
            .EnumerateFiles(Path.Combine(BuiltPrograms.SolutionFolder(), "test", "Client.Tests", "Docs"), "Snippets.*.cs")
            .SelectMany(file => Region().Matches(File.ReadAllText(file)))
            .ToDictionary(region => region.Groups[1].Value, region => Lines(region.Groups[2].Value));
        Section[] sections = [.. Page.Names.Select(Page.Read).SelectMany(page => page.Sections)];
        Assert.Equal(compiled.Keys.Order(), sections.Select(section => section.Calls[0]).Order());
        Assert.All(sections, section => Assert.Equal(compiled[section.Calls[0]], Lines(Assert.Single(section.CSharp))));
    }

    [GeneratedRegex("\\{\\w+\\}")]
    private static partial Regex Placeholder();

    [GeneratedRegex("#region ([^\n]+)\n(.*?)\n *#endregion", RegexOptions.Singleline)]
    private static partial Regex Region();
}
