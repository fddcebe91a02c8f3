using ShitOps.Board.Tests.Fixtures;

namespace ShitOps.Board.Tests;

/// <summary>Every view, filled, in both colours and on both sizes of screen.</summary>
[Collection(SiteTests.Name)]
public sealed class ViewTests(BoardSite site)
{
    private const int Narrow = 360, Wide = 1920;

    [Theory]
    [InlineData(Wide, ColorScheme.Light)]
    [InlineData(Wide, ColorScheme.Dark)]
    [InlineData(Narrow, ColorScheme.Light)]
    [InlineData(Narrow, ColorScheme.Dark)]
    public async Task Every_view_can_be_read_and_used_by_everybody(int width, ColorScheme colours)
    {
        Filled filled = await Filled.MakeAsync(site.Standalone);
        await using BoardPage board = await BoardPage.OpenAsync(await site.Chromium.NewAsync(site.Address, width, 1000, colours));
        await board.Page.GotoAsync("/sign-in");
        var wrong = new List<string>();
        await LookAsync("sign-in");
        await board.SignInAsync(site.Standalone.OperatorKey);
        foreach ((string name, string path, string settled) in filled.Views)
        {
            await board.Page.GotoAsync(path);
            await board.Page.Locator(settled).First.WaitForAsync();
            await LookAsync(name);
        }
        Assert.Empty(wrong);
        Assert.Empty(board.Faults);

        async Task LookAsync(string name)
        {
            wrong.AddRange((await Axe.FaultsAsync(board.Page)).Select(fault => $"{name}: {fault}"));
            int scrolled = await board.Page.EvaluateAsync<int>("document.documentElement.scrollWidth");
            if (scrolled > width)
                wrong.Add($"{name}: {scrolled} px wide on a screen of {width}");
            await Shots.TakeAsync(board.Page, $"{name}-{width}-{colours}".ToLowerInvariant());
        }
    }

    [Fact]
    public async Task The_tree_and_a_search_can_be_used_with_the_keyboard_alone()
    {
        await Filled.MakeAsync(site.Standalone);
        await using BoardPage board = await BoardPage.SignedInAsync(await site.Chromium.NewAsync(site.Address), site.Standalone.OperatorKey);
        ILocator hub = board.Page.Locator("g.hub[data-hub='1']");
        await hub.FocusAsync();
        await board.Page.Keyboard.PressAsync("Enter");
        await board.Page.GetByRole(AriaRole.Heading, new() { Level = 2, Name = "Hub 1", Exact = true }).WaitForAsync();
        await board.Page.Locator("#find-team").FocusAsync();
        await board.Page.Keyboard.TypeAsync("no-such-team");
        await board.Page.Keyboard.PressAsync("Enter");
        await board.Page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "no such team" }).WaitForAsync();
    }
}
