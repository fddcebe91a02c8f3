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
        var teams = new List<ApiClient>();
        await AddAsync(14);
        await using BoardPage board = await BoardPage.SignedInAsync(await _chromium.NewAsync(_cluster.Gateways[0].Address!, 1600), _cluster.OperatorKey);
        await Assertions.Expect(board.Page.Locator("g.hub[data-silo]")).ToHaveCountAsync(7);
        // Hubs stand where there is room, perhaps all on one silo: each dies once.
        await _cluster.Silos[0].StopAsync(Signals.Kill);
        await _cluster.Silos[0].RestartAsync();
        await AddAsync(30);
        await Assertions.Expect(board.Page.Locator("g.hub[data-silo]:not([data-silo=''])")).ToHaveCountAsync(15);
        string[] before = await SilosAsync(board);
        await _cluster.Silos[1].StopAsync(Signals.Kill);
        await board.Page.GetByTestId("moves").WaitForAsync(new() { Timeout = 90_000 });
        await Eventually.UntilAsync(
            async () => (await SilosAsync(board)) is var now && now.Distinct().Count() == 1 && now[0].Length > 0 && !now.SequenceEqual(before), TimeSpan.FromSeconds(90), "all hubs are on the silo that lives");
        Assert.NotEmpty(await board.Page.Locator("g.hub.moved").AllAsync());
        Guid far = await TalkAsync();
        await board.Page.Locator("path.edge.busy").First.WaitForAsync(new() { State = WaitForSelectorState.Attached });
        await Shots.TakeAsync(board.Page, "board-tree");
        await PictureAsync(far);
        await board.GoAsync("System");
        await board.UntilAsync("silos", "Active");
        Assert.Empty(board.Faults);

        async Task AddAsync(int all)
        {
            while (teams.Count < all)
                teams.Add((await _cluster.Operator.CreateTeamAsync($"team-{teams.Count:00}", "QA")).Client);
        }

        // Some traffic, and a message from one corner of the tree to the other.
        async Task<Guid> TalkAsync()
        {
            foreach (int i in Enumerable.Range(0, teams.Count))
                await teams[i].SendBulkAsync(Enumerable.Range(0, 40).Select(n => NewMessage.Json(teams[(i + n + 1) % teams.Count].Name, $"{{\"n\":{n}}}")));
            MessageInfo sent = await teams[14].SendAsync(NewMessage.Text(teams[29].Name, "ready") with { Subject = "build 812 is ready" }, wait: 10);
            await teams[14].UntilStateAsync(sent.Id, "delivered");
            return sent.Id;
        }
    }

    private async Task PictureAsync(Guid message)
    {
        await using BoardPage dark = await BoardPage.SignedInAsync(await _chromium.NewAsync(_cluster.Gateways[0].Address!, 1600, colours: ColorScheme.Dark), _cluster.OperatorKey, $"/messages/{message}");
        await dark.UntilAsync("trace", "message.delivered");
        await Assertions.Expect(dark.Page.Locator("svg.graph g.job.done")).ToHaveCountAsync(7);
        await Shots.TakeAsync(dark.Page, "board-message");
        Assert.Empty(dark.Faults);
    }

    private static async Task<string[]> SilosAsync(BoardPage board) =>
        await board.Page.EvaluateAsync<string[]>("[...document.querySelectorAll('g.hub')].map(hub => hub.dataset.silo ?? '')");
}
