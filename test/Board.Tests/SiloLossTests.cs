using ShitOps.Board.Tests.Fixtures;

namespace ShitOps.Board.Tests;

/// <summary>A silo dies before one's eyes.</summary>
public sealed class SiloLossTests(ITestOutputHelper output) : IAsyncLifetime
{
    private readonly Chromium _chromium = new();
    private ShitOpsCluster _cluster = null!;

    public async ValueTask InitializeAsync() => _cluster = await ShitOpsCluster.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (TestContext.Current.TestState?.Result == TestResult.Failed)
            output.WriteLine(_cluster.Tails());
        await _chromium.DisposeAsync();
        await _cluster.DisposeAsync();
    }

    [Fact]
    public async Task Its_hubs_move_to_the_other_one_on_the_open_page()
    {
        foreach (int i in Enumerable.Range(0, 14))
            await _cluster.Operator.CreateTeamAsync($"team-{i:00}", "QA");
        await using BoardPage board = await BoardPage.SignedInAsync(await _chromium.NewAsync(_cluster.Gateways[0].Address!), _cluster.OperatorKey);
        await Assertions.Expect(board.Page.Locator("g.hub[data-silo]")).ToHaveCountAsync(7);
        // Hubs stand where there is room, perhaps all on one silo: each dies once.
        await _cluster.Silos[0].StopAsync(Signals.Kill);
        await _cluster.Silos[0].RestartAsync();
        string[] before = await SilosAsync(board);
        await _cluster.Silos[1].StopAsync(Signals.Kill);
        await board.Page.GetByTestId("moves").WaitForAsync(new() { Timeout = 90_000 });
        await Eventually.UntilAsync(
            async () => (await SilosAsync(board)) is var now && now.Distinct().Count() == 1 && now[0].Length > 0 && !now.SequenceEqual(before), TimeSpan.FromSeconds(90), "all hubs are on the silo that lives");
        Assert.NotEmpty(await board.Page.Locator("g.hub.moved").AllAsync());
        await Shots.TakeAsync(board.Page, "failover");
        await board.GoAsync("System");
        await board.UntilAsync("silos", "Active");
        Assert.Empty(board.Faults);
    }

    private static async Task<string[]> SilosAsync(BoardPage board) =>
        await board.Page.EvaluateAsync<string[]>("[...document.querySelectorAll('g.hub')].map(hub => hub.dataset.silo ?? '')");
}
