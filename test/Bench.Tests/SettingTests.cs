using System.Text.Json;

namespace ShitOps.Bench.Tests;

public sealed class SettingTests
{
    public static TheoryData<string> RowNames => [.. SuiteRow.All.Select(row => row.Name)];

    [Fact]
    public void Without_options_everything_is_as_documented() => Assert.All(Scenario.All, scenario => Assert.Equal(scenario.Usual, Read(scenario, scenario.Verb)));

    [Theory]
    [MemberData(nameof(RowNames))]
    public void The_command_of_a_row_measures_just_that_row(string name)
    {
        SuiteRow row = SuiteRow.All.Single(r => r.Name == name);
        string[] typed = row.Command.Split(" -- ");
        Assert.Equal("dotnet run -c Release --project bench/Pipeline", typed[0]);
        Assert.Equal(row.Options, Read(row.Scenario, typed.ElementAtOrDefault(1) ?? ""));
    }

    [Theory]
    [InlineData("--teams 1")]
    [InlineData("--messages 0")]
    [InlineData("--bulk 1001")]
    [InlineData("--load 1.5")]
    [InlineData("--traffic sideways")]
    [InlineData("--no-such-option")]
    public void What_cannot_be_is_refused(string arguments) => Assert.NotEmpty(BenchCommand.Create().Parse(arguments).Errors);

    [Fact]
    public void Every_property_can_be_set()
    {
        string[] properties = [.. typeof(BenchOptions).GetProperties().Where(p => p.Name != "EqualityContract").Select(p => "--" + JsonNamingPolicy.KebabCaseLower.ConvertName(p.Name))];
        Assert.Equal(properties.Order(StringComparer.Ordinal), Setting.All.Select(s => s.Option.Name).Order(StringComparer.Ordinal));
    }

    private static BenchOptions Read(Scenario scenario, string arguments)
    {
        System.CommandLine.ParseResult parsed = BenchCommand.Create().Parse(arguments);
        Assert.Empty(parsed.Errors);
        return Setting.Read(parsed, scenario.Usual);
    }
}
