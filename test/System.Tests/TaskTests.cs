using System.Text.Json;
using ShitOps.System.Tests.Fixtures;

namespace ShitOps.System.Tests;

/// <summary>One task from its creation to its end, by whoever may move it.</summary>
public sealed class TaskTests(SharedCluster source, ITestOutputHelper output) : ClusterTest(source, output)
{
    [Fact]
    public async Task A_task_is_delivered_to_its_assignee_who_starts_and_completes_it()
    {
        (ApiClient creator, ApiClient assignee) = await NewPairAsync();
        DateTimeOffset due = TimeProvider.System.GetUtcNow().AddHours(1);
        ApiAnswer answer = await creator.TryCreateTaskAsync(new("write it", assignee.Name) { Body = Json.Of(new { pages = 3 }), DueAt = due });
        Assert.Equal(201, answer.Status);
        TaskInfo task = answer.Json.Deserialize<TaskInfo>(JsonSerializerOptions.Web)!;
        Assert.EndsWith($"/v1/tasks/{task.Id}", answer.Headers.Location?.ToString(), StringComparison.Ordinal);
        Assert.Equal(("ready", "write it", creator.Name, assignee.Name), (task.State, task.Title, task.Creator, task.Assignee));

        InboxMessage message = await assignee.TakeTaskAsync(task.Id);
        Assert.Equal((creator.Name, "write it", task.Id), (message.From, message.Subject, message.Body.GetProperty("task").GetGuid()));
        Assert.Equal(3, message.Body.GetProperty("body").Number("pages"));
        Assert.Empty(message.Body.GetProperty("results").EnumerateArray());
        Assert.Equal(due, message.Body.GetProperty("dueAt").GetDateTimeOffset(), TimeSpan.FromMilliseconds(1));
        Assert.Equal("started", (await assignee.Api.StartTaskAsync(task.Id)).State);
        Assert.Equal("done", (await assignee.CompleteAsync(task.Id, new { words = 900 })).State);

        TaskInfo done = await creator.TaskAsync(task.Id);
        Assert.Equal(("done", 3, 900), (done.State, done.Body.Number("pages"), done.Result.Number("words")));
        Assert.True(done.CreatedAt <= done.ReadyAt && done.ReadyAt <= done.StartedAt && done.StartedAt <= done.EndedAt, "its times are in order");
        IReadOnlyList<JournalEvent> trace = await creator.TaskTraceAsync(task.Id);
        Assert.Equal(["task.created", "task.ready", "task.started", "task.done"], trace.Select(e => e.Type).Where(type => type.StartsWith("task.", StringComparison.Ordinal)));
        await AssertEmptyAsync(assignee);
    }

    [Fact]
    public async Task A_task_without_body_can_be_completed_without_being_started_and_without_result()
    {
        (ApiClient creator, ApiClient assignee) = await NewPairAsync();
        TaskInfo task = await creator.CreateTaskAsync(assignee.Name, "quick");
        await assignee.TakeTaskAsync(task.Id);
        TaskInfo done = await assignee.CompleteAsync(task.Id);
        Assert.Equal(("done", false, false), (done.State, done.HasBody, done.HasResult));
    }

    [Fact]
    public async Task A_team_may_give_itself_a_task()
    {
        ApiClient team = await NewTeamAsync("alone");
        TaskInfo task = await team.CreateTaskAsync(team.Name, "for me");
        await team.TakeTaskAsync(task.Id);
        Assert.Equal("failed", (await team.FailAsync(task.Id, "too hard", new { why = "too hard" })).State);
        TaskInfo failed = await team.TaskAsync(task.Id);
        Assert.Equal(("too hard", "too hard"), (failed.Result.Text("why"), failed.Reason));
    }

    [Theory]
    [InlineData("creator")]
    [InlineData("assignee")]
    [InlineData("operator")]
    public async Task A_task_is_cancelled_by_its_creator_its_assignee_or_an_operator(string who)
    {
        (ApiClient creator, ApiClient assignee) = await NewPairAsync();
        TaskInfo task = await creator.CreateTaskAsync(assignee.Name, "not needed");
        await assignee.TakeTaskAsync(task.Id);
        ApiClient caller = who switch { "creator" => creator, "assignee" => assignee, _ => Operator };
        Assert.Equal("cancelled", (await caller.Api.CancelTaskAsync(task.Id, "plans change")).State);
        Assert.Equal("plans change", (await creator.TaskAsync(task.Id)).Reason);
        JournalEvent told = Assert.Single(await creator.TaskTraceAsync(task.Id), e => e.Type == "task.cancelled");
        Assert.StartsWith(who == "operator" ? "operator" : $"team:{caller.Name}", told.Actor, StringComparison.Ordinal);
        Assert.Null((await assignee.TryActAsync(task.Id, "start")).NotAProblem(409));
    }

    [Theory]
    [InlineData("creator", false)]
    [InlineData("assignee", true)]
    [InlineData("operator", true)]
    public async Task A_task_that_is_reassigned_is_ready_again_for_another_and_the_first_is_told(string who, bool started)
    {
        (ApiClient creator, ApiClient first) = await NewPairAsync();
        ApiClient second = await NewTeamAsync("second");
        TaskInfo task = await creator.CreateTaskAsync(first.Name, "hand over", new { n = 1 });
        await first.TakeTaskAsync(task.Id);
        if (started)
            await first.Api.StartTaskAsync(task.Id);
        ApiClient caller = who switch { "creator" => creator, "assignee" => first, _ => Operator };
        TaskInfo moved = await caller.Api.ReassignTaskAsync(task.Id, second.Name);
        Assert.Equal(("ready", second.Name), (moved.State, moved.Assignee));
        // Whoever gives it away need not be told.
        if (caller != first)
            Assert.Equal(task.Id, (await first.TakeAsync("notice")).Task);
        else
            await AssertEmptyAsync(first, wait: 0);
        Assert.Equal(1, (await second.TakeTaskAsync(task.Id)).Body.GetProperty("body").Number("n"));
        Assert.Null((await first.TryActAsync(task.Id, "complete")).NotAProblem(403, 404));
        Assert.Equal("done", (await second.CompleteAsync(task.Id)).State);
        Assert.Contains("task.reassigned", (await creator.TaskTraceAsync(task.Id)).Select(e => e.Type));
    }

    [Fact]
    public async Task A_transition_that_is_not_allowed_is_refused_and_the_state_told()
    {
        (ApiClient creator, ApiClient assignee) = await NewPairAsync();
        TaskInfo task = await creator.CreateTaskAsync(assignee.Name, "once");
        await assignee.Api.StartTaskAsync(task.Id);
        await AssertWrongAsync(assignee, task.Id, "start", "started");
        await assignee.CompleteAsync(task.Id, 1);
        foreach (string action in (string[])["start", "complete", "fail", "cancel"])
            await AssertWrongAsync(assignee, task.Id, action, "done");
        ApiAnswer late = await assignee.TryActAsync(task.Id, "reassign", new { assignee = creator.Name });
        Assert.Null(late.NotAProblem(409));
        Assert.Equal(1, (await creator.TaskAsync(task.Id)).Result.GetInt32());
    }

    [Fact]
    public async Task Only_the_assignee_works_on_it_and_strangers_do_not_even_see_it()
    {
        (ApiClient creator, ApiClient assignee) = await NewPairAsync();
        ApiClient stranger = await NewTeamAsync("stranger");
        TaskInfo task = await creator.CreateTaskAsync(assignee.Name, "mine", new { text = "a secret body" });
        foreach (string action in (string[])["start", "complete", "fail"])
        {
            Assert.Null((await creator.TryActAsync(task.Id, action)).NotAProblem(403));
            Assert.Null((await Operator.TryActAsync(task.Id, action)).NotAProblem(403));
        }
        foreach (string action in (string[])["start", "complete", "fail", "cancel"])
            Assert.Null((await stranger.TryActAsync(task.Id, action)).NotAProblem(403, 404));
        Assert.Null((await stranger.TryActAsync(task.Id, "reassign", new { assignee = stranger.Name })).NotAProblem(403, 404));
        Assert.Null((await stranger.GetAsync($"/v1/tasks/{task.Id}")).NotAProblem(404));
        Assert.Null((await stranger.GetAsync($"/v1/tasks/{task.Id}/trace")).NotAProblem(404));
        Assert.Null((await stranger.GetAsync($"/v1/workflows/{task.Workflow}")).NotAProblem(404));

        await assignee.CompleteAsync(task.Id, "a secret result");
        ApiAnswer seen = await Operator.GetAsync($"/v1/tasks/{task.Id}");
        Assert.Equal((200, "done"), (seen.Status, seen.Json.Text("state")));
        Assert.DoesNotContain("a secret", seen.Text, StringComparison.Ordinal);
        Assert.Equal("a secret result", (await assignee.TaskAsync(task.Id)).Result.GetString());
    }

    [Fact]
    public async Task An_infected_body_or_result_is_refused_and_nothing_of_it_stored()
    {
        (ApiClient creator, ApiClient assignee) = await NewPairAsync();
        ApiAnswer refused = await creator.TryCreateTaskAsync(new("bad", assignee.Name) { Body = Json.Of(new { text = Eicar.Text }) });
        Assert.Null(refused.NotAProblem(422));
        Assert.Equal("infected", refused.Problem!.Code);
        Assert.Empty(await creator.TasksAsync(("workflow", null)));
        TaskInfo task = await creator.CreateTaskAsync(assignee.Name, "good");
        await assignee.TakeTaskAsync(task.Id);
        ApiAnswer result = await assignee.TryActAsync(task.Id, "complete", new { result = Eicar.Text });
        Assert.Null(result.NotAProblem(422));
        Assert.Equal("infected", result.Problem!.Code);
        Assert.Equal("ready", (await creator.TaskAsync(task.Id)).State);
        Assert.Contains(await Operator.EventsAsync("task.refused"), e => e.Team == assignee.Name || e.From == assignee.Name || e.Actor == $"team:{assignee.Name}");
        Assert.Equal("done", (await assignee.CompleteAsync(task.Id, "clean")).State);
        await AssertEmptyAsync(assignee);
    }

    [Fact]
    public async Task The_same_idempotency_key_creates_one_task_and_another_request_under_it_is_refused()
    {
        (ApiClient creator, ApiClient assignee) = await NewPairAsync();
        var draft = new NewTask("once only", assignee.Name);
        ApiAnswer first = await creator.TryCreateTaskAsync(draft, "t-1"), again = await creator.TryCreateTaskAsync(draft, "t-1");
        Assert.Equal(201, first.Status);
        Assert.InRange(again.Status, 200, 201);
        Assert.Equal(first.Json.Text("id"), again.Json.Text("id"));
        Assert.Null((await creator.TryCreateTaskAsync(draft with { Title = "another" }, "t-1")).NotAProblem(409));
        await assignee.TakeTaskAsync(first.Json.GetProperty("id").GetGuid());
        await AssertEmptyAsync(assignee);
    }

    private static async Task AssertWrongAsync(ApiClient caller, Guid task, string action, string state)
    {
        ApiAnswer answer = await caller.TryActAsync(task, action);
        Assert.Null(answer.NotAProblem(409));
        Assert.Equal("wrong_transition", answer.Problem!.Code);
        Assert.Contains(state, answer.Text, StringComparison.Ordinal);
    }
}
