using System.Text.RegularExpressions;

namespace ShitOps.Kibana.Tests;

/// <summary>Whom a rule wakes finds in docs/operations.md what it means and what to do.</summary>
public sealed partial class AlarmPageTests
{
    [Fact]
    public void Every_rule_has_a_section_that_says_what_to_do_and_no_section_is_left_over()
    {
        string page = File.ReadAllText(Path.Combine(Repository.Folder, "..", "..", "docs", "operations.md"));
        string alarms = page[page.IndexOf("\n## Alarms\n", StringComparison.Ordinal)..];
        alarms = alarms[..alarms.IndexOf("\n## ", 1, StringComparison.Ordinal)];
        (string Rule, string Text)[] sections = [.. Section().Matches(alarms).Select(m => (m.Groups[1].Value, m.Groups[2].Value))];
        Assert.Equal(
            Repository.RuleFiles.Select(file => Path.GetFileName(file).Split('.')[0]).Order(StringComparer.Ordinal),
            sections.Select(s => s.Rule).Order(StringComparer.Ordinal));
        Assert.All(sections, section => Assert.Matches(@"(?m)^- \S", section.Text));
    }

    [GeneratedRegex("^### `([\\w-]+)`\n(.*?)(?=^### |\\z)", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Section();
}
