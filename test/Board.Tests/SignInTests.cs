using System.Net;
using ShitOps.Board.Tests.Fixtures;

namespace ShitOps.Board.Tests;

/// <summary>How one gets in, and what a session is worth.</summary>
[Collection(SiteTests.Name)]
public sealed class SignInTests(BoardSite site)
{
    [Fact]
    public async Task A_wrong_key_opens_nothing_and_the_right_one_leaves_a_cookie_that_does_not_hold_it()
    {
        IBrowserContext context = await site.Chromium.NewAsync(site.Address);
        await using BoardPage board = await BoardPage.OpenAsync(context);
        await board.Page.GotoAsync("/system");
        Assert.Equal("/sign-in", new Uri(board.Page.Url).AbsolutePath);
        await board.Page.GetByLabel("Key").FillAsync("sho_not-a-key-of-anybody");
        await board.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await board.Page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "not known" }).WaitForAsync();
        Assert.DoesNotContain(await context.CookiesAsync(), c => c.Name == "shitops-board");

        await board.SignInAsync(site.Standalone.OperatorKey, "/system");
        await board.HeadingAsync("System");
        BrowserContextCookiesResult cookie = Assert.Single(await context.CookiesAsync(), c => c.Name == "shitops-board");
        Assert.True(cookie.HttpOnly);
        Assert.Equal(SameSiteAttribute.Strict, cookie.SameSite);
        Assert.DoesNotContain(site.Standalone.OperatorKey, cookie.Value, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_revoked_key_ends_the_pages_that_it_opened()
    {
        (ApiClient team, _) = await site.Standalone.Operator.CreateTeamAsync(Names.New("leaves"), "QA");
        ApiAnswer made = await site.Standalone.Operator.PostAsync($"/v1/teams/{team.Name}/keys", new { });
        await using BoardPage board = await BoardPage.SignedInAsync(await site.Chromium.NewAsync(site.Address), made.Json.GetProperty("key").GetString()!);
        await board.HeadingAsync($"Team {team.Name}");
        await site.Standalone.Operator.CallAsync(HttpMethod.Delete, $"/v1/teams/{team.Name}/keys/{made.Json.GetProperty("keyId").GetGuid()}");
        await board.SignedOutAsync();
        // Nor does the cookie open another page.
        await board.Page.GotoAsync("/tasks");
        Assert.Equal("/sign-in", new Uri(board.Page.Url).AbsolutePath);
    }

    [Fact]
    public async Task Who_signs_out_is_out()
    {
        IBrowserContext context = await site.Chromium.NewAsync(site.Address);
        await using BoardPage board = await BoardPage.SignedInAsync(context, site.Standalone.OperatorKey);
        await board.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await board.SignedOutAsync();
        Assert.DoesNotContain(await context.CookiesAsync(), c => c.Name == "shitops-board");
    }

    [Fact]
    public async Task A_cookie_that_was_copied_opens_nothing_once_its_owner_signed_out()
    {
        IBrowserContext context = await site.Chromium.NewAsync(site.Address);
        await using BoardPage board = await BoardPage.SignedInAsync(context, site.Standalone.OperatorKey);
        BrowserContextCookiesResult cookie = Assert.Single(await context.CookiesAsync(), c => c.Name == "shitops-board");
        var copy = new Microsoft.Playwright.Cookie { Name = cookie.Name, Value = cookie.Value, Url = site.Address.ToString() };
        IBrowserContext other = await site.Chromium.NewAsync(site.Address);
        await other.AddCookiesAsync([copy]);
        await using BoardPage copied = await BoardPage.OpenAsync(other);
        await copied.Page.GotoAsync("/system");
        await copied.HeadingAsync("System");

        await board.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await board.SignedOutAsync();
        // The page that is open with the copy ends, and the copy opens no other.
        await copied.SignedOutAsync();
        await other.AddCookiesAsync([copy]);
        await copied.Page.GotoAsync("/system");
        Assert.Equal("/sign-in", new Uri(copied.Page.Url).AbsolutePath);
        // Nor does it open a connection.
        await other.AddCookiesAsync([copy]);
        Assert.Equal(401, (await other.APIRequest.PostAsync("/_blazor/negotiate?negotiateVersion=1")).Status);
    }

    [Fact]
    public async Task A_restart_keeps_the_sessions_there_are_and_those_that_were_ended()
    {
        IBrowserContext stays = await site.Chromium.NewAsync(site.Address), leaves = await site.Chromium.NewAsync(site.Address);
        await using BoardPage kept = await BoardPage.SignedInAsync(stays, site.Standalone.OperatorKey);
        await using BoardPage ended = await BoardPage.SignedInAsync(leaves, site.Standalone.OperatorKey);
        BrowserContextCookiesResult cookie = Assert.Single(await leaves.CookiesAsync(), c => c.Name == "shitops-board");
        await ended.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await ended.SignedOutAsync();
        await site.Standalone.Program.StopAsync();
        await site.Standalone.Program.RestartAsync();
        await kept.Page.GotoAsync("/system");
        await kept.HeadingAsync("System");
        await leaves.AddCookiesAsync([new() { Name = cookie.Name, Value = cookie.Value, Url = site.Address.ToString() }]);
        await ended.Page.GotoAsync("/system");
        await ended.SignedOutAsync();
    }

    [Fact]
    public async Task The_cookie_opens_the_board_alone_and_nobody_without_it_gets_a_connection()
    {
        IBrowserContext context = await site.Chromium.NewAsync(site.Address);
        await using BoardPage board = await BoardPage.SignedInAsync(context, site.Standalone.OperatorKey);
        Assert.Equal(401, (await context.APIRequest.GetAsync("/v1/teams")).Status);
        using var anybody = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = site.Address };
        Assert.Equal(HttpStatusCode.Unauthorized, (await anybody.PostAsync("/_blazor/negotiate?negotiateVersion=1", null)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await anybody.GetAsync("/_blazor")).StatusCode);
        Assert.Equal(HttpStatusCode.Redirect, (await anybody.GetAsync("/messages")).StatusCode);
        using var form = new FormUrlEncodedContent([new("key", site.Standalone.OperatorKey)]);
        HttpResponseMessage forged = await anybody.PostAsync("/sign-in", form);
        Assert.Equal(HttpStatusCode.BadRequest, forged.StatusCode);
        Assert.DoesNotContain("shitops-board", string.Join(';', forged.Headers.TryGetValues("Set-Cookie", out IEnumerable<string>? set) ? set : []), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("//evil.example/")]
    [InlineData("https://evil.example/")]
    [InlineData("/\\evil.example")]
    public async Task Signing_in_leads_nowhere_else(string back)
    {
        await using BoardPage board = await BoardPage.OpenAsync(await site.Chromium.NewAsync(site.Address));
        await board.SignInAsync(site.Standalone.OperatorKey, $"/sign-in?return={Uri.EscapeDataString(back)}");
        Assert.Equal(new Uri(site.Address, "/").ToString(), board.Page.Url);
    }

    [Fact]
    public async Task No_page_lets_foreign_or_inline_scripts_run()
    {
        await using BoardPage board = await BoardPage.OpenAsync(await site.Chromium.NewAsync(site.Address));
        foreach (string path in (string[])["/sign-in", "/messages"])
        {
            IResponse answer = (await board.Page.GotoAsync(path))!;
            string policy = (await answer.AllHeadersAsync())["content-security-policy"];
            Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
            Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe-eval", policy, StringComparison.Ordinal);
        }
    }
}
