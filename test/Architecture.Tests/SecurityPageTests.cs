using System.Text.RegularExpressions;

namespace ShitOps.Architecture.Tests;

/// <summary>docs/security.md names the test that holds each lock: a test that was renamed or removed is missed here.</summary>
public sealed partial class SecurityPageTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "security.md"));

    [Fact]
    public void Every_test_that_it_names_exists()
    {
        string[] sources = [.. Repository.Files("test", "*.cs").Select(File.ReadAllText)];
        (string Class, string Name)[] named = [.. Named().Matches(Page).Select(m => (m.Groups[1].Value, m.Groups[2].Value))];
        Assert.True(named.Length > 40, $"only {named.Length} tests are named");
        Assert.All(named, test => Assert.Contains(sources, source =>
            Regex.IsMatch(source, $@"class {test.Class}\b") && Regex.IsMatch(source, $@"(Task|void) {test.Name}\(")));
    }

    [Fact]
    public void Every_lock_names_a_test()
    {
        string locks = Page[Page.IndexOf("## Locks", StringComparison.Ordinal)..Page.IndexOf("## What is not kept", StringComparison.Ordinal)];
        string[] rows = [.. locks.Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith("| lock |", StringComparison.Ordinal))];
        Assert.NotEmpty(rows);
        Assert.All(rows, row => Assert.Matches(Named(), row));
    }

    [GeneratedRegex(@"`(\w+Tests)\.([A-Z]\w+)`")]
    private static partial Regex Named();
}
