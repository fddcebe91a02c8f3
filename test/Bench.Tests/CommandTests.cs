using System.Text.Json;

namespace ShitOps.Bench.Tests;

/// <summary>The ways the rows of the suite go, with small numbers: that they work, lose nothing and tell all they promise, not how fast.</summary>
public sealed class CommandTests
{
    // Processor time is told in hundredths of a second: fewer messages would use none.
    private const double Share = 0.02;
    private const int Limit = 150, TestLimit = 200_000;

    [Theory(Timeout = TestLimit)]
    [InlineData("bulk")]
    [InlineData("standalone")]
    [InlineData("export")]
    public async Task A_row_of_the_suite_tells_every_figure_it_shows(string name)
    {
        SuiteRow row = SuiteRow.All.Single(r => r.Name == name).Scaled(Share, Limit);
        // A ledger that does not balance ends the run.
        Figures figures = await row.Scenario.RunAsync(row.Options with { WarmUp = 0 }, TestContext.Current.CancellationToken);
        Assert.All(row.Shown.Concat(row.Targets.Select(t => t.Figure)), figure => Assert.True(double.IsFinite(figures[figure]), figure));
    }

    /// <summary>Of the views the lists only: the board in a browser has tests of its own.</summary>
    [Fact(Timeout = TestLimit)]
    public async Task The_row_of_views_tells_how_long_lists_take()
    {
        SuiteRow row = SuiteRow.All.Single(r => r.Name == "views").Scaled(Share, Limit);
        Figures figures = await row.Scenario.RunAsync(row.Options, TestContext.Current.CancellationToken);
        Assert.InRange(figures[ViewsScenario.Slowest], 0.1, Limit * 1_000);
    }

    [Fact(Timeout = TestLimit)]
    public async Task The_command_writes_machine_options_and_figures_as_JSON()
    {
        string file = Path.Combine(Path.GetTempPath(), $"shitops-bench-{Guid.NewGuid():N}.json");
        try
        {
            string[] arguments = ["--messages", "40", "--bulk", "10", "--teams", "4", "--standalone", "--traffic", "hot", "--warm-up", "0", "--floors", "false", "--limit", "300", "--json", file];
            Assert.Equal(0, await BenchCommand.Create().Parse(arguments).InvokeAsync(cancellationToken: TestContext.Current.CancellationToken));
            using JsonDocument json = JsonDocument.Parse(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken));
            JsonElement root = json.RootElement;
            Assert.True(root.GetProperty("machine").GetProperty("cores").GetInt32() > 0);
            Assert.Equal("hot", root.GetProperty("options").GetProperty("traffic").GetString());
            Assert.Equal(40, root.GetProperty("figures").GetProperty("messages").GetDouble());
            Assert.All(
                new[] { "accepted", "acknowledged", "post-accepted.p50", "post-received.p99", "post-acknowledged.p99.9", "cpu.standalone", "cpu.all", "memory.standalone" },
                figure => Assert.True(root.GetProperty("figures").GetProperty(figure).GetDouble() >= 0, figure));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact(Timeout = TestLimit)]
    public async Task A_run_that_takes_too_long_is_given_up() =>
        await Assert.ThrowsAsync<TimeoutException>(() => Scenario.Flow.RunAsync(
            new BenchOptions { Standalone = true, Rate = 1, Bulk = 1, WarmUp = 0, Floors = false, Limit = 15 }, TestContext.Current.CancellationToken));
}
