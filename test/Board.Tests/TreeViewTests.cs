using System.Globalization;
using System.Text.RegularExpressions;
using ShitOps.Board.Tests.Fixtures;

namespace ShitOps.Board.Tests;

[Collection(SiteTests.Name)]
public sealed class TreeViewTests(BoardSite site)
{
    private ApiClient Operator => site.Standalone.Operator;

    [Fact]
    public async Task What_runs_over_an_edge_is_seen_by_its_direction()
    {
        ApiClient[] teams = await TeamsAsync("talker", 6);
        Dictionary<string, int> places = await PlacesAsync();
        // Neither stands above the other: from one all goes up, to the other all comes down.
        (ApiClient from, ApiClient to) = (from a in teams from b in teams where places[a.Name] < places[b.Name] && Level(places[a.Name]) == Level(places[b.Name]) select (a, b)).First();
        await from.SendBulkAsync(Enumerable.Range(0, 400).Select(i => NewMessage.Of(to.Name, new { number = i })));
        await SeenAsync(places[from.Name], "data-up");
        await SeenAsync(places[to.Name], "data-down");

        async Task SeenAsync(int hub, string direction)
        {
            await using BoardPage board = await site.AtAsync(site.Standalone.OperatorKey, $"/?hub={((hub - 1) / 2).ToString(CultureInfo.InvariantCulture)}");
            await Assertions.Expect(board.Page.Locator($"path.edge.busy[data-edge='{hub}']")).ToHaveAttributeAsync(direction, new Regex("[1-9]"));
            await Shots.TakeAsync(board.Page, $"edge-{direction}");
            Assert.Empty(board.Faults);
        }
    }

    [Fact]
    public async Task A_rebalancing_is_looked_at_before_it_is_carried_out()
    {
        ApiClient from = (await TeamsAsync("speaker", 1))[0];
        await TeamsAsync("filler", 14);
        ApiClient to = (await TeamsAsync("listener", 1))[0];
        await from.SendBulkAsync(Enumerable.Range(0, 900).Select(i => NewMessage.Of(to.Name, new { number = i })));
        await Eventually.UntilAsync(
            async () => (await Operator.PostAsync("/v1/tree/rebalance?dryRun=true", new { })).Text is var planned && (planned.Contains(from.Name, StringComparison.Ordinal) || planned.Contains(to.Name, StringComparison.Ordinal)),
            TimeSpan.FromSeconds(60), "they are to be brought together");
        await using BoardPage board = await site.AtAsync(site.Standalone.OperatorKey);
        ILocator plan = board.Page.GetByTestId("rebalance");
        await plan.GetByRole(AriaRole.Button, new() { Name = "Plan" }).ClickAsync();
        await plan.GetByText("Would move").WaitForAsync();
        // The tree changes before it is carried out: then nothing is, and that is told.
        await TeamsAsync("late", 1);
        Dictionary<string, int> before = await PlacesAsync();
        await CarryOutAsync(board, plan);
        await board.Page.GetByText("The tree has changed since this plan was made").First.WaitForAsync();
        Assert.Equal(before, await PlacesAsync());
        await plan.GetByRole(AriaRole.Button, new() { Name = "Plan anew" }).ClickAsync();
        await Assertions.Expect(plan.GetByRole(AriaRole.Button, new() { Name = "Carry it out" })).ToBeEnabledAsync();
        await Shots.TakeAsync(board.Page, "rebalance-plan");
        string[][] told = await MovesAsync(plan);
        Assert.Equal(before, await PlacesAsync());
        await CarryOutAsync(board, plan);
        await plan.GetByText("Moved", new() { Exact = false }).WaitForAsync();
        string[][] moves = await MovesAsync(plan);
        Assert.Equal(told, moves);
        await plan.GetByRole(AriaRole.Progressbar, new() { NameRegex = new Regex(@"^(\d+) of \1 teams have moved$") }).WaitForAsync();
        await Shots.TakeAsync(board.Page, "rebalance-done");
        Dictionary<string, int> after = await PlacesAsync();
        Assert.NotEmpty(moves);
        Assert.All(moves, move => Assert.Equal((int.Parse(move[1], CultureInfo.InvariantCulture), int.Parse(move[2], CultureInfo.InvariantCulture)), (before[move[0]], after[move[0]])));
        Assert.Empty(board.Faults);
    }

    [Fact]
    public async Task On_a_narrow_screen_the_tree_is_a_list_that_leads_down_and_up()
    {
        await TeamsAsync("narrow", 8);
        await using BoardPage board = await BoardPage.SignedInAsync(await site.Chromium.NewAsync(site.Address, width: 360), site.Standalone.OperatorKey);
        await Assertions.Expect(board.Page.Locator("g.hub[data-hub='0']")).ToBeHiddenAsync();
        ILocator listed = board.Page.Locator(".outline button");
        await Assertions.Expect(listed.First).ToBeInViewportAsync(new() { Ratio = 1 });
        // What is below a hub follows it.
        string[] order = await listed.EvaluateAllAsync<string[]>("all => all.slice(0, 4).map(hub => hub.dataset.listed)");
        Assert.Equal(["0", "1", "3"], order[..3]);
        await board.Page.Locator("[data-listed='1']").ClickAsync();
        await Assertions.Expect(board.Page).ToHaveURLAsync(new Regex(@"/\?hub=1$"));
        await Assertions.Expect(listed.First).ToHaveAttributeAsync("data-listed", "1");
        await board.Page.GoBackAsync();
        await Assertions.Expect(listed.First).ToHaveAttributeAsync("data-listed", "0");
        Assert.Empty(board.Faults);
    }

    private static async Task CarryOutAsync(BoardPage board, ILocator plan)
    {
        await plan.GetByRole(AriaRole.Button, new() { Name = "Carry it out" }).ClickAsync();
        await board.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Carry it out" }).ClickAsync();
    }

    private static Task<string[][]> MovesAsync(ILocator plan) =>
        plan.GetByRole(AriaRole.Table).EvaluateAsync<string[][]>("table => [...table.tBodies[0].rows].map(row => [...row.cells].map(cell => cell.innerText))");

    private static int Level(int hub) => (int)Math.Log2(hub + 1);

    private async Task<ApiClient[]> TeamsAsync(string hint, int count)
    {
        var teams = new List<ApiClient>();
        for (int i = 0; i < count; i++)
            teams.Add((await Operator.CreateTeamAsync(Names.New(hint), "QA")).Client);
        return [.. teams];
    }

    private async Task<Dictionary<string, int>> PlacesAsync() =>
        (await Operator.AllAsync("/v1/teams", ("limit", "1000"))).ToDictionary(t => t.Name(), t => t.Number("node"));
}
