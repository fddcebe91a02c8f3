using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;

namespace ShitOps.Architecture.Tests;

public sealed partial class SourceTests
{
    private const int LongestFile = 400;

    private static readonly string[] OutsideOfGrains =
    [
        "System.Data", "System.Net", "System.IO.Pipelines", "Microsoft.AspNetCore", "Microsoft.Data", "MySqlConnector", "Serilog",
    ];

    [Fact]
    public void A_source_file_can_be_held_in_the_head() => Assert.All(Repository.Files("src", "*.cs"), file =>
        Assert.True(File.ReadLines(file).Count() <= LongestFile, $"{Repository.Relative(file)} has more than {LongestFile} lines"));

    [Fact]
    public void No_test_is_skipped() => Assert.All(Repository.Files("test", "*.cs").Where(f => Path.GetFileName(f) != $"{nameof(SourceTests)}.cs"), file =>
        Assert.False(Skipping().IsMatch(File.ReadAllText(file)), $"{Repository.Relative(file)} skips a test"));

    [Theory]
    [InlineData("[Fact(Skip = \"later\")]")]
    [InlineData("[Theory(DisplayName=\"x\", SkipUnless=nameof(Y))]")]
    [InlineData("Assert.Skip(\"no\");")]
    [InlineData("Assert.SkipWhen(true, \"no\");")]
    [InlineData("[Fact(Explicit = true)]")]
    public void A_skip_is_recognised(string code) => Assert.Matches(Skipping(), code);

    [Fact]
    public void Grains_know_no_database_no_socket_and_no_web()
    {
        foreach (Type inside in new[] { typeof(ShitOps.Grains.Scanning.IScanner), typeof(ShitOps.Grains.INodeGrain) })
        {
            string[] found = [.. TypesUsedBy(inside.Assembly.Location)
                .Where(type => OutsideOfGrains.Any(space => type.StartsWith(space + ".", StringComparison.Ordinal)))];
            Assert.Empty(found);
        }
    }

    [Fact]
    public void The_look_into_an_assembly_finds_what_it_uses() =>
        Assert.Contains("System.Text.RegularExpressions.Regex", TypesUsedBy(typeof(SourceTests).Assembly.Location));

    private static string[] TypesUsedBy(string assembly)
    {
        using var reader = new PEReader(File.OpenRead(assembly));
        MetadataReader metadata = reader.GetMetadataReader();
        return [.. metadata.TypeReferences.Select(metadata.GetTypeReference)
            .Select(type => $"{metadata.GetString(type.Namespace)}.{metadata.GetString(type.Name)}")];
    }

    [GeneratedRegex(@"\b(Fact|Theory|InlineData|MemberData)\([^\]]*\b(Skip\w*|Explicit)\s*=|\bAssert\.Skip")]
    private static partial Regex Skipping();
}
