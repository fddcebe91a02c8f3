using ShitOps.Board.Tests.Fixtures;

namespace ShitOps.Board.Tests;

[Collection(SiteTests.Name)]
public sealed class DeadLetterTests(BoardSite site)
{
    private ApiClient Operator => site.Standalone.Operator;

    [Fact]
    public async Task One_is_replayed_for_a_reason_that_its_trace_keeps()
    {
        (ApiClient from, _) = await Operator.CreateTeamAsync(Names.New("writer"), "QA");
        (ApiClient to, _) = await Operator.CreateTeamAsync(Names.New("refuser"), "QA");
        Guid message = await Filled.DieAsync(from, to);
        await using BoardPage board = await site.AtAsync(site.Standalone.OperatorKey, "/dead-letters");
        ILocator row = board.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = message.ToString() });
        // Why it is here stands above it.
        string reason = (await Operator.DeadLettersAsync(to.Name)).Items()[0].Text("reason")!;
        await board.Page.GetByRole(AriaRole.Heading, new() { Level = 2 }).Filter(new() { HasText = reason }).WaitForAsync();
        await row.GetByRole(AriaRole.Checkbox).CheckAsync();
        await board.Page.GetByRole(AriaRole.Button, new() { Name = "Replay 1 chosen" }).ClickAsync();
        ILocator dialog = board.Page.GetByRole(AriaRole.Dialog), replay = dialog.GetByRole(AriaRole.Button, new() { Name = "Replay" });
        await Assertions.Expect(replay).ToBeDisabledAsync();
        await dialog.GetByLabel("Reason").FillAsync("the team is back");
        await Shots.TakeAsync(board.Page, "dead-letter-reason");
        await replay.ClickAsync();
        await row.WaitForAsync(new() { State = WaitForSelectorState.Detached });
        Assert.Equal(message, (await to.TakeAsync("message")).Id);
        await board.Page.GotoAsync($"/messages/{message}");
        await board.UntilAsync("trace", "the team is back");
        Assert.Empty(board.Faults);
    }

    [Fact]
    public async Task What_a_team_has_of_a_reason_is_decided_at_once()
    {
        (ApiClient from, _) = await Operator.CreateTeamAsync(Names.New("writer"), "QA");
        (ApiClient to, _) = await Operator.CreateTeamAsync(Names.New("refuser"), "QA");
        (ApiClient other, _) = await Operator.CreateTeamAsync(Names.New("refuser"), "QA");
        Guid[] messages = [await Filled.DieAsync(from, to), await Filled.DieAsync(from, to)];
        Guid stays = await Filled.DieAsync(from, other);
        await using BoardPage board = await site.AtAsync(site.Standalone.OperatorKey, "/dead-letters");
        await board.Page.GetByLabel("Team", new() { Exact = true }).FillAsync(to.Name);
        await board.Page.GetByRole(AriaRole.Button, new() { Name = "Show" }).ClickAsync();
        await board.Page.GetByRole(AriaRole.Button, new() { Name = $"Discard all 2 of {to.Name}" }).ClickAsync();
        ILocator dialog = board.Page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("Reason").FillAsync("the team has changed");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Discard" }).ClickAsync();
        foreach (Guid message in messages)
            await board.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = message.ToString() }).WaitForAsync(new() { State = WaitForSelectorState.Detached });
        Assert.Empty((await Operator.DeadLettersAsync(to.Name)).Items());
        Assert.Equal(stays.ToString(), Assert.Single(Assert.Single((await Operator.DeadLettersAsync(other.Name)).Items()).GetProperty("items").EnumerateArray()).Text("message"));
        Assert.Empty(board.Faults);
    }

    [Fact]
    public async Task A_team_sees_its_own_and_that_deciding_is_not_its_own()
    {
        (ApiClient from, _) = await Operator.CreateTeamAsync(Names.New("writer"), "QA");
        (ApiClient to, PutTeam team) = await Operator.CreateTeamAsync(Names.New("refuser"), "QA");
        Guid message = await Filled.DieAsync(from, to);
        await using BoardPage board = await site.AtAsync(team.Key!, "/dead-letters");
        await Assertions.Expect(board.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = message.ToString() }).GetByRole(AriaRole.Checkbox)).ToBeDisabledAsync();
        await board.Page.GetByText("This needs an operator key; you are signed in with a team key.").First.WaitForAsync();
    }
}
