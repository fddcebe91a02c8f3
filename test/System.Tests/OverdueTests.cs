using ShitOps.System.Tests.Fixtures;

namespace ShitOps.System.Tests;

/// <summary>A task that is not done when it is due is told to its assignee, and to the teams of the hub above.</summary>
[Collection(OrganisationTests.Name)]
public sealed class OverdueTests(OrganisationCluster source, ITestOutputHelper output) : ClusterTest(source, output)
{
    // A due time is looked for once a second; the rest is for a busy machine.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private ApiClient Team(int number) => source.Teams!.Clients[number];

    [Fact]
    public async Task Its_assignee_and_both_teams_of_the_parent_hub_get_a_notice_once()
    {
        ApiClient creator = Team(0), assignee = Team(20);
        ApiClient[] above = [Team(8), Team(9)];
        Assert.Equal(4, (Organisation.NodeOf(20) - 1) / 2);
        TaskInfo task = await creator.CreateTaskAsync(Due("late", assignee));
        await assignee.TakeTaskAsync(task.Id, Limit);
        await assignee.Api.StartTaskAsync(task.Id);
        InboxMessage notice = await assignee.TakeAsync("notice", Limit);
        Assert.Equal(task.Id, notice.Task);
        foreach (ApiClient team in above)
            Assert.Equal(task.Id, (await team.TakeAsync("notice", Limit)).Task);

        TaskInfo overdue = await creator.TaskAsync(task.Id);
        Assert.Equal(("started", true), (overdue.State, overdue.Overdue));
        Assert.Contains(task.Id, await creator.TasksAsync(("overdue", "true")));
        IReadOnlyList<JournalEvent> trace = await creator.TaskTraceAsync(task.Id);
        Assert.Single(trace, e => e.Type == "task.overdue");
        Assert.Single(trace.Select(e => e.Type).Distinct(), type => type == "task.escalated");
        await AssertEmptyAsync(assignee, wait: 3);
        foreach (ApiClient team in above)
            await AssertEmptyAsync(team, wait: 0);
        await assignee.CompleteAsync(task.Id);
        Assert.DoesNotContain(task.Id, await creator.TasksAsync(("overdue", "true"), ("state", "started")));
    }

    [Fact]
    public async Task At_the_root_there_is_nobody_above_to_tell()
    {
        TaskInfo task = await Team(3).CreateTaskAsync(Due("late at the top", Team(1)));
        await Team(1).TakeTaskAsync(task.Id);
        Assert.Equal(task.Id, (await Team(1).TakeAsync("notice", Limit)).Task);
        await AssertEmptyAsync(Team(0));
        Assert.DoesNotContain(await Team(3).TaskTraceAsync(task.Id), e => e.Type == "task.escalated");
        await Team(1).CompleteAsync(task.Id);
    }

    [Fact]
    public async Task One_that_is_done_in_time_is_told_to_nobody()
    {
        TaskInfo task = await Team(0).CreateTaskAsync(Due("in time", Team(22)));
        await Team(22).CompleteAsync(task.Id);
        await Team(22).TakeTaskAsync(task.Id);
        await AssertEmptyAsync(Team(22), wait: 6);
        Assert.False((await Team(0).TaskAsync(task.Id)).Overdue);
    }

    private static NewTask Due(string title, ApiClient assignee) =>
        new(title, assignee.Name) { DueAt = TimeProvider.System.GetUtcNow().AddSeconds(3) };
}
