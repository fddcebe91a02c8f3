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
        await board.Page.GotoAsync("/dead-letters");
        await board.Page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Discard all") }).First.ClickAsync();
        await board.Page.GetByRole(AriaRole.Dialog).GetByLabel("Reason").WaitForAsync();
        await LookAsync("dialog");
        await board.Page.GotoAsync($"/messages/{Guid.Empty}");
        await board.Page.Locator(".trouble").WaitForAsync();
        await LookAsync("no-such-message");
        await OthersAsync();
        Assert.Empty(wrong);
        Assert.Empty(board.Faults);

        // What one may not do is told, and that can be read too.
        async Task OthersAsync()
        {
            foreach ((string name, string key, string path, string settled) in new[]
            {
                ("security", site.Standalone.SecurityKey, "/quarantine", "[data-testid=quarantine] tbody tr"), ("own-team", filled.TeamKey, "/", "[data-testid=waiting]"),
                ("not-a-teams", filled.TeamKey, "/system", ".mud-alert"),
            })
            {
                await using BoardPage other = await BoardPage.SignedInAsync(await site.Chromium.NewAsync(site.Address, width, 1000, colours), key, path);
                await other.Page.Locator(settled).First.WaitForAsync();
                await LookAtAsync(other, name);
            }
        }

        Task LookAsync(string name) => LookAtAsync(board, name);

        async Task LookAtAsync(BoardPage board, string name)
        {
            wrong.AddRange((await Axe.FaultsAsync(board.Page)).Select(fault => $"{name}: {fault}"));
            int scrolled = await board.Page.EvaluateAsync<int>("document.documentElement.scrollWidth");
            if (scrolled > width)
                wrong.Add($"{name}: {scrolled} px wide on a screen of {width}");
            await Shots.TakeAsync(board.Page, $"{name}-{width}-{colours}".ToLowerInvariant());
        }
    }

    [Fact]
    public async Task Everything_that_can_be_used_is_reached_with_the_tab_key_and_is_seen_to_have_the_focus()
    {
        Filled filled = await Filled.MakeAsync(site.Standalone);
        await using BoardPage board = await BoardPage.SignedInAsync(await site.Chromium.NewAsync(site.Address), site.Standalone.OperatorKey);
        var wrong = new List<string>();
        foreach ((string name, string path, string settled) in filled.Views)
        {
            await board.Page.GotoAsync(path);
            await board.Page.Locator(settled).First.WaitForAsync();
            wrong.AddRange((await TabThrough.FaultsAsync(board.Page)).Select(fault => $"{name}: {fault}"));
        }
        Assert.Empty(wrong);
        Assert.Empty(board.Faults);
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
