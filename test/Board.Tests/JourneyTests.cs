using ShitOps.Board.Tests.Fixtures;

namespace ShitOps.Board.Tests;

/// <summary>What people do at the board, from beginning to end, on pages that are not loaded anew.</summary>
[Collection(SiteTests.Name)]
public sealed class JourneyTests(BoardSite site)
{
    private ApiClient Operator => site.Standalone.Operator;

    [Fact]
    public async Task An_infected_message_is_found_followed_to_quarantine_released_and_seen_to_arrive()
    {
        (ApiClient sender, _) = await Operator.CreateTeamAsync(Names.New("sender"), "Development");
        (ApiClient recipient, _) = await Operator.CreateTeamAsync(Names.New("recipient"), "QA");
        MessageInfo sent = await sender.SendAsync(NewMessage.Text(recipient.Name, Eicar.Text) with { Subject = "a gift" }, wait: 10);
        await sender.UntilStateAsync(sent.Id, "quarantined");

        await using BoardPage watching = await site.AtAsync(site.Standalone.OperatorKey, "/messages");
        await watching.Page.Locator("input[name=team]").FillAsync(sender.Name);
        await watching.Page.Locator("select[name=state]").SelectOptionAsync("quarantined");
        await watching.Page.GetByRole(AriaRole.Button, new() { Name = "Search" }).ClickAsync();
        await watching.UntilAsync("messages", "a gift");
        await watching.Page.GetByTestId("messages").GetByRole(AriaRole.Row).Filter(new() { HasText = sender.Name }).GetByRole(AriaRole.Link).ClickAsync();
        await watching.HeadingAsync("Message");
        await watching.UntilAsync("trace", "message.quarantined");
        // An operator sees the way out, and why it is not his.
        await watching.Page.GetByRole(AriaRole.Link, new() { Name = "in quarantine" }).ClickAsync();
        await watching.HeadingAsync("Quarantine");
        await watching.Page.GetByText("This needs a security key; you are signed in with an operator key.").First.WaitForAsync();
        await Assertions.Expect(watching.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = sender.Name }).GetByRole(AriaRole.Button, new() { Name = "Release" })).ToBeDisabledAsync();
        await watching.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = sender.Name }).GetByRole(AriaRole.Link, new() { Name = "message" }).ClickAsync();
        await watching.HeadingAsync("Message");

        await using BoardPage deciding = await site.AtAsync(site.Standalone.SecurityKey, "/quarantine");
        ILocator entry = deciding.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = sender.Name });
        await entry.GetByRole(AriaRole.Button, new() { Name = "Release" }).ClickAsync();
        ILocator dialog = deciding.Page.GetByRole(AriaRole.Dialog);
        await Assertions.Expect(dialog.GetByRole(AriaRole.Button, new() { Name = "Release" })).ToBeDisabledAsync();
        await dialog.GetByLabel("Reason").FillAsync("a test file, and nothing else");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Release" }).ClickAsync();
        await entry.WaitForAsync(new() { State = WaitForSelectorState.Detached });

        await watching.UntilAsync("trace", "a test file, and nothing else");
        await watching.UntilAsync("deliveries", "delivered");
        Assert.Equal(sent.Id, (await recipient.TakeAsync("message")).Id);
        Assert.Empty(watching.Faults);
        Assert.Empty(deciding.Faults);
    }

    [Fact]
    public async Task A_workflow_is_watched_until_it_is_finished()
    {
        (ApiClient build, _) = await Operator.CreateTeamAsync(Names.New("build"), "Platform");
        (ApiClient test, _) = await Operator.CreateTeamAsync(Names.New("test"), "QA");
        WorkflowInfo workflow = await build.CreateWorkflowAsync(
            "release 7", new NewTask("build it", build.Name) { Key = "build" }, new NewTask("test it", test.Name) { Key = "test", DependsOn = ["build"] });
        await using BoardPage board = await site.AtAsync(site.Standalone.OperatorKey, "/tasks");
        await board.Page.GetByRole(AriaRole.Link).Filter(new() { HasText = build.Name }).ClickAsync();
        await board.HeadingAsync("release 7");
        await board.UntilAsync("ended", "0 of 2");
        foreach ((ApiClient team, string key, string seen) in new[] { (build, "build", "1 of 2"), (test, "test", "2 of 2") })
        {
            Guid task = workflow.IdOf(key);
            await team.TakeTaskAsync(task);
            await team.Api.StartTaskAsync(task);
            await team.CompleteAsync(task, new { ok = true });
            await board.UntilAsync("ended", seen);
        }
        Assert.Empty(board.Faults);
    }

    [Fact]
    public async Task Who_is_missing_in_an_ask_falls_away_as_they_answer()
    {
        string function = Names.New("voters");
        (ApiClient asker, _) = await Operator.CreateTeamAsync(Names.New("asker"), "Lead");
        (ApiClient one, _) = await Operator.CreateTeamAsync(Names.New("one"), function);
        (ApiClient two, _) = await Operator.CreateTeamAsync(Names.New("two"), function);
        Guid ask = await AskAsync(asker, $"function:{function}");
        await using BoardPage board = await site.AtAsync(site.Standalone.OperatorKey, "/asks");
        await board.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = asker.Name }).GetByRole(AriaRole.Link).ClickAsync();
        await board.UntilAsync("answered", "0 of 2");
        await one.TakeQuestionAsync(ask);
        await one.ReplyAsync(ask, """{"ready":"yes"}""");
        await board.UntilAsync("answered", "1 of 2");
        await Assertions.Expect(board.Page.GetByTestId("missing")).ToContainTextAsync(two.Name);
        await Assertions.Expect(board.Page.GetByTestId("missing")).Not.ToContainTextAsync(one.Name);
        await two.TakeQuestionAsync(ask);
        await two.ReplyAsync(ask, """{"ready":"yes"}""");
        await board.UntilAsync("answered", "2 of 2");
    }

    [Fact]
    public async Task A_team_sees_its_own_and_is_told_what_it_would_need_for_more()
    {
        (ApiClient team, PutTeam created) = await Operator.CreateTeamAsync(Names.New("own"), "QA");
        (ApiClient other, _) = await Operator.CreateTeamAsync(Names.New("other"), "QA");
        await other.SendAsync(NewMessage.Text(team.Name, "hello") with { Subject = "for you" }, wait: 10);
        await using BoardPage board = await site.AtAsync(created.Key!);
        await board.HeadingAsync($"Team {team.Name}");
        await board.UntilAsync("waiting", "1");
        await Assertions.Expect(board.Page.GetByRole(AriaRole.Navigation, new() { Name = "Views" })).ToContainTextAsync("needs an operator key");
        await board.Page.GotoAsync($"/teams/{other.Name}");
        await board.Page.GetByText("A team sees its own page alone.").WaitForAsync();
        await board.Page.GotoAsync("/system");
        await board.Page.GetByText("This needs an operator key; you are signed in with a team key.").WaitForAsync();
    }

    private static async Task<Guid> AskAsync(ApiClient asker, string to)
    {
        ApiAnswer answer = await asker.PostAsync("/v1/asks", new { to, subject = "ready?", body = 1, deadline = TimeProvider.System.GetUtcNow().AddHours(1) });
        Assert.Equal(202, answer.Status);
        return answer.Json.GetProperty("id").GetGuid();
    }
}
