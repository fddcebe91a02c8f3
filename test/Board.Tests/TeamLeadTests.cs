using System.Text.RegularExpressions;
using ShitOps.Board.Tests.Fixtures;

namespace ShitOps.Board.Tests;

/// <summary>What the lead of a team does with its tasks.</summary>
[Collection(SiteTests.Name)]
public sealed class TeamLeadTests(BoardSite site)
{
    [Fact]
    public async Task Tasks_are_started_completed_given_away_and_failed_on_the_page()
    {
        ApiClient by = site.Standalone.Operator;
        (ApiClient lead, PutTeam team) = await by.CreateTeamAsync(Names.New("lead"), "QA");
        (ApiClient other, PutTeam others) = await by.CreateTeamAsync(Names.New("other"), "QA");
        WorkflowInfo workflow = await other.CreateWorkflowAsync(
            "a release", new NewTask("build it", lead.Name) { Key = "build" }, new NewTask("try it", lead.Name) { Key = "try" },
            new NewTask("ship it", other.Name) { Key = "ship", DependsOn = ["build"] });

        await using BoardPage board = await site.AtAsync(team.Key!);
        await board.HeadingAsync($"Team {lead.Name}");
        await board.Page.Locator($"a[href^='/workflows/{workflow.Id}']").Filter(new() { HasText = "build it" }).ClickAsync();
        await board.HeadingAsync("a release");
        await board.Page.GetByRole(AriaRole.Button, new() { Name = "Start build it" }).ClickAsync();
        await Row(board, "build it").GetByText("started", new() { Exact = true }).WaitForAsync();
        // What is another team's stands there and cannot be used, and says whose it is.
        ILocator theirs = board.Page.GetByRole(AriaRole.Button, new() { Name = "Cancel ship it" });
        await Assertions.Expect(theirs).ToBeDisabledAsync();
        await Assertions.Expect(theirs).ToHaveAccessibleDescriptionAsync(new Regex("assignee"));
        await AnswerAsync(board, "Complete build it", "Result", "release 8.1 is built", "Complete");
        await board.UntilAsync("ended", "1 of 3");
        await Shots.TakeAsync(board.Page, "team-lead");
        // What waited for it is given the result.
        InboxMessage ready = await other.TakeTaskAsync(workflow.IdOf("ship"));
        Assert.Equal("release 8.1 is built", ready.Body.GetProperty("results")[0].GetProperty("result").GetString());

        await AnswerAsync(board, "Reassign try it", "Team", other.Name, "Give it to another team");
        await Row(board, "try it").GetByRole(AriaRole.Cell, new() { Name = other.Name, Exact = true }).WaitForAsync();
        Assert.Equal(other.Name, (await other.TaskAsync(workflow.IdOf("try"))).Assignee);

        await using BoardPage second = await site.AtAsync(others.Key!, $"/workflows/{workflow.Id}");
        await AnswerAsync(second, "Fail try it", "Reason", "it does not run", "Fail");
        await board.UntilAsync("workflow", "it does not run");
        Assert.Equal("failed", (await other.TaskAsync(workflow.IdOf("try"))).State);
        Assert.Empty(board.Faults);
        Assert.Empty(second.Faults);
    }

    private static ILocator Row(BoardPage board, string task) => board.Page.GetByTestId("workflow").GetByRole(AriaRole.Row).Filter(new() { HasText = task });

    private static async Task AnswerAsync(BoardPage board, string button, string label, string text, string deed)
    {
        await board.Page.GetByRole(AriaRole.Button, new() { Name = button }).ClickAsync();
        ILocator dialog = board.Page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel(label).FillAsync(text);
        await dialog.GetByRole(AriaRole.Button, new() { Name = deed }).ClickAsync();
    }
}
