using System.Text.Json;
using ShitOps.Grains;
using ShitOps.Grains.Storage;
using ShitOps.TestKit.Api;
using ShitOps.TestKit.Clamd;

namespace ShitOps.Silo.Tests.Tasks;

public sealed class WorkflowGrainOnSqlite(TaskSiloOnSqlite silo) : WorkflowGrainTests(silo), IClassFixture<TaskSiloOnSqlite>;

public sealed class WorkflowGrainOnMariaDb(TaskSiloOnMariaDb silo) : WorkflowGrainTests(silo), IClassFixture<TaskSiloOnMariaDb>;

public abstract class WorkflowGrainTests(TaskSilo silo)
{
    private const TaskState Blocked = TaskState.Blocked, Ready = TaskState.Ready, Started = TaskState.Started, Done = TaskState.Done, Failed = TaskState.Failed,
        Cancelled = TaskState.Cancelled;

    [Fact]
    public async Task A_task_comes_when_those_it_depends_on_are_done_with_their_results()
    {
        string creator = await silo.TeamAsync(), builder = await silo.TeamAsync(), tester = await silo.TeamAsync();
        NewTask build = await silo.TaskAsync(builder, "build", new { commit = "abc" });
        NewTask unit = await silo.TaskAsync(tester, "unit", new { level = 1 }, build), ui = await silo.TaskAsync(tester, "ui", null, build);
        NewTask ship = await silo.TaskAsync(builder, "ship", new { to = "all" }, unit, ui);
        NewWorkflow workflow = TaskSilo.Workflow(creator, build, unit, ui, ship);
        CreateWorkflowReply created = await silo.CreateAsync(workflow);
        Assert.Equal(CreateWorkflowStatus.Created, created.Status);
        Assert.Equal([Ready, Blocked, Blocked, Blocked], created.Workflow!.Tasks.Select(t => t.State));

        (Delivery delivery, JsonElement body) = await silo.ReceiveAsync(builder);
        Assert.Equal((MessageKind.Task, creator, "Title of build", build.Id), (delivery.Kind, delivery.From, delivery.Subject, delivery.Reference));
        Assert.Equal("abc", body.GetProperty("body").GetProperty("commit").GetString());
        Assert.Equal(TaskActStatus.Done, (await silo.ActAsync(workflow, build, TaskAction.Start, builder)).Status);
        TaskActReply completed = await silo.ActAsync(workflow, build, TaskAction.Complete, builder, new { binary = "b-1" });
        Assert.Equal((TaskActStatus.Done, Done), (completed.Status, completed.Task!.State));
        Assert.Equal([Done, Ready, Ready, Blocked], await silo.StatesAsync(workflow));

        foreach (NewTask task in new[] { unit, ui })
        {
            (delivery, body) = await silo.ReceiveAsync(tester);
            Assert.Equal(task.Id, delivery.Reference);
            JsonElement result = Assert.Single(body.GetProperty("results").EnumerateArray());
            Assert.Equal(("build", "done", "b-1"),
                (result.GetProperty("key").GetString(), result.GetProperty("state").GetString(), result.GetProperty("result").GetProperty("binary").GetString()));
            await silo.ActAsync(workflow, task, TaskAction.Complete, tester, new { passed = task.Key });
        }
        (_, body) = await silo.ReceiveAsync(builder);
        Assert.Equal(["unit", "ui"], body.GetProperty("results").EnumerateArray().Select(r => r.GetProperty("result").GetProperty("passed").GetString()));
        await silo.ActAsync(workflow, ship, TaskAction.Complete, builder);
        Assert.Equal([Done, Done, Done, Done], await silo.StatesAsync(workflow));
        Assert.Equal(["task.created", "task.ready", "task.started", "task.done"], await silo.EventsAsync(build));
    }

    [Fact]
    public async Task A_repeat_has_the_first_ones_answer_and_another_request_under_its_id_is_told()
    {
        string team = await silo.TeamAsync();
        NewWorkflow workflow = TaskSilo.Workflow(team, await silo.TaskAsync(team, "a"));
        Assert.Equal(CreateWorkflowStatus.Created, (await silo.CreateAsync(workflow)).Status);
        CreateWorkflowReply again = await silo.CreateAsync(workflow);
        Assert.Equal((CreateWorkflowStatus.Repeated, workflow.Tasks[0].Id), (again.Status, again.Workflow!.Tasks[0].Id));
        Assert.Equal(CreateWorkflowStatus.KeyReused, (await silo.CreateAsync(workflow with { RequestDigest = new byte[32] })).Status);
        await silo.ReceiveAsync(team);
        Assert.Equal(0, await silo.WaitingAsync(team));
    }

    [Fact]
    public async Task An_infected_body_or_result_is_not_stored_and_the_event_says_so()
    {
        string team = await silo.TeamAsync();
        NewTask clean = await silo.TaskAsync(team, "clean", new { text = "nothing here" }), bad = await silo.TaskAsync(team, "bad", new { payload = Eicar.Text });
        NewWorkflow workflow = TaskSilo.Workflow(team, clean, bad);
        CreateWorkflowReply refused = await silo.CreateAsync(workflow);
        Assert.Equal(CreateWorkflowStatus.Infected, refused.Status);
        Assert.Equal((1, "body", "infected"), (refused.Faults.Single().Task, refused.Faults.Single().Field, refused.Faults.Single().Code));
        Assert.Null(await silo.Grains.GetGrain<ITaskGrain>(0).Workflow(workflow.Id));

        workflow = TaskSilo.Workflow(team, clean);
        await silo.CreateAsync(workflow);
        TaskActReply reply = await silo.ActAsync(workflow, clean, TaskAction.Complete, team, new { payload = Eicar.Text });
        Assert.Equal(TaskActStatus.Infected, reply.Status);
        Assert.Equal([Ready], await silo.StatesAsync(workflow));
        EventView[] told = await silo.RefusalsAsync(team);
        Assert.Equal([bad.Id, clean.Id], told.Select(e => e.Reference!.Value));
        Assert.All(told, e => Assert.Equal("infected", e.Verdict));
    }

    [Fact]
    public async Task A_failure_spreads_with_its_reason_and_whoever_had_a_cancelled_task_is_told()
    {
        string creator = await silo.TeamAsync(), team = await silo.TeamAsync();
        NewTask a = await silo.TaskAsync(team, "a"), b = await silo.TaskAsync(team, "b", null, a), c = await silo.TaskAsync(team, "c", null, b);
        NewTask d = await silo.TaskAsync(team, "d") with { DependsOn = [new(c.Id, OnDependencyFailure.Ignore)] };
        NewWorkflow workflow = TaskSilo.Workflow(creator, a, b, c, d);
        await silo.CreateAsync(workflow);
        await silo.ReceiveAsync(team);
        Assert.Equal(TaskActStatus.NotAllowed, (await silo.ActAsync(workflow, a, TaskAction.Fail, creator)).Status);
        TaskActReply refused = await silo.ActAsync(workflow, a, TaskAction.Cancel, await silo.TeamAsync());
        Assert.Equal((TaskActStatus.NotAllowed, null), (refused.Status, refused.Task));
        Assert.Equal(TaskActStatus.Done, (await silo.ActAsync(workflow, a, TaskAction.Cancel, creator, reason: "not needed")).Status);
        TaskActReply late = await silo.ActAsync(workflow, a, TaskAction.Start, team);
        Assert.Equal((TaskActStatus.WrongState, Cancelled), (late.Status, late.Task!.State));

        WorkflowView view = (await silo.Grains.GetGrain<ITaskGrain>(0).Workflow(workflow.Id))!;
        Assert.Equal([Cancelled, Failed, Failed, Ready], view.Tasks.Select(t => t.State));
        Assert.Equal(["not needed", "dependency_cancelled: a", "dependency_cancelled: a", null], view.Tasks.Select(t => t.Reason));
        var received = new[] { await silo.ReceiveAsync(team), await silo.ReceiveAsync(team) }.ToDictionary(r => r.Delivery.Kind, r => r.Body);
        Assert.Equal("failed", Assert.Single(received[MessageKind.Task].GetProperty("results").EnumerateArray()).GetProperty("state").GetString());
        Assert.Equal(("cancelled", "not needed"), (received[MessageKind.Notice].GetProperty("notice").GetString(), received[MessageKind.Notice].GetProperty("reason").GetString()));
    }

    [Fact]
    public async Task A_task_may_wait_for_one_of_another_workflow()
    {
        string one = await silo.TeamAsync(), two = await silo.TeamAsync(), third = await silo.TeamAsync();
        NewTask first = await silo.TaskAsync(two, "first");
        NewWorkflow before = TaskSilo.Workflow(one, first);
        await silo.CreateAsync(before);
        NewWorkflow foreign = TaskSilo.Workflow(third, await silo.TaskAsync(third, "spy", null, first));
        Assert.Equal("unknown_dependency", Assert.Single((await silo.CreateAsync(foreign)).Faults).Code);

        NewTask second = await silo.TaskAsync(third, "second", null, first);
        NewWorkflow after = TaskSilo.Workflow(two, second);
        Assert.Equal([Blocked], (await silo.CreateAsync(after)).Workflow!.Tasks.Select(t => t.State));
        await silo.ActAsync(before, first, TaskAction.Complete, two, new { answer = 42 });
        (_, JsonElement body) = await silo.ReceiveAsync(third);
        JsonElement result = Assert.Single(body.GetProperty("results").EnumerateArray());
        Assert.Equal(("first", 42), (result.GetProperty("key").GetString(), result.GetProperty("result").GetProperty("answer").GetInt32()));
        Assert.Equal([Ready], await silo.StatesAsync(after));
        // One that had ended before is no hindrance.
        Assert.Equal([Ready], (await silo.CreateAsync(TaskSilo.Workflow(two, await silo.TaskAsync(third, "late", null, first)))).Workflow!.Tasks.Select(t => t.State));
    }

    [Fact]
    public async Task Given_to_another_team_a_task_is_delivered_there_and_the_one_before_is_told()
    {
        string creator = await silo.TeamAsync(), before = await silo.TeamAsync(), after = await silo.TeamAsync();
        NewTask task = await silo.TaskAsync(before, "a", new { text = "do it" });
        NewWorkflow workflow = TaskSilo.Workflow(creator, task);
        await silo.CreateAsync(workflow);
        await silo.ReceiveAsync(before);
        await silo.ActAsync(workflow, task, TaskAction.Start, before);
        Assert.Equal(TaskActStatus.UnknownTeam, (await silo.ActAsync(workflow, task, TaskAction.Reassign, creator, assignee: "nobody")).Status);
        TaskActReply reply = await silo.ActAsync(workflow, task, TaskAction.Reassign, creator, assignee: after);
        Assert.Equal((Ready, after), (reply.Task!.State, reply.Task.Assignee));
        (_, JsonElement notice) = await silo.ReceiveAsync(before);
        Assert.Equal(("reassigned", after), (notice.GetProperty("notice").GetString(), notice.GetProperty("assignee").GetString()));
        (_, JsonElement body) = await silo.ReceiveAsync(after);
        Assert.Equal("do it", body.GetProperty("body").GetProperty("text").GetString());
        Assert.Equal(TaskActStatus.NotAllowed, (await silo.ActAsync(workflow, task, TaskAction.Start, before)).Status);
        Assert.Equal(TaskActStatus.Done, (await silo.ActAsync(workflow, task, TaskAction.Start, after)).Status);
    }

    [Fact]
    public async Task What_is_overdue_is_told_once_to_the_assignee_and_above()
    {
        // The first two teams of the tree stand at the root, the next ones below it.
        string[] teams = [await silo.TeamAsync(), await silo.TeamAsync(), await silo.TeamAsync(), await silo.TeamAsync()];
        TreeSnapshot tree = await silo.Grains.GetGrain<ITreeGrain>(Limits.DefaultTree).Read();
        string assignee = teams[^1];
        string[] above = [.. tree.TeamsAt((tree.Find(assignee)!.Node - 1) / 2).ToArray().Select(t => t.Name)];
        NewTask task = await silo.TaskAsync(assignee, "a") with { DueAt = silo.Time.GetUtcNow().AddHours(1) };
        NewWorkflow workflow = TaskSilo.Workflow(teams[0], task);
        await silo.CreateAsync(workflow);
        await silo.ReceiveAsync(assignee);
        IWorkflowGrain grain = silo.Grains.GetGrain<IWorkflowGrain>(workflow.Id);
        await grain.Wake();
        Assert.Equal(["task.created", "task.ready"], await silo.EventsAsync(task));
        silo.Time.PutForward(TimeSpan.FromHours(2));
        await grain.Wake();
        await grain.Wake();
        Assert.Equal(["task.created", "task.ready", "task.overdue", "task.escalated"], await silo.EventsAsync(task));
        Assert.Equal("overdue", (await silo.ReceiveAsync(assignee)).Body.GetProperty("notice").GetString());
        Assert.NotEmpty(above);
        foreach (string team in above)
            Assert.Equal("escalated", (await silo.NoticeAsync(team, task)).GetProperty("notice").GetString());
        TaskView view = (await silo.Grains.GetGrain<ITaskGrain>(0).Get(task.Id))!;
        Assert.True(view.Overdue);
    }

    [Fact]
    public async Task A_team_with_open_tasks_leaves_by_force_only_and_they_are_cancelled()
    {
        string creator = await silo.TeamAsync(), leaving = await silo.TeamAsync();
        NewTask a = await silo.TaskAsync(leaving, "a"), b = await silo.TaskAsync(creator, "b", null, a), c = await silo.TaskAsync(leaving, "c", null, b);
        NewWorkflow workflow = TaskSilo.Workflow(creator, a, b, c);
        await silo.CreateAsync(workflow);
        await silo.ReceiveAsync(leaving);
        ITreeGrain tree = silo.Grains.GetGrain<ITreeGrain>(Limits.DefaultTree);
        Assert.Equal(RemoveTeamStatus.HasOpenMessages, await tree.RemoveTeam(leaving, force: false, "operator:test"));
        Assert.Equal(RemoveTeamStatus.Removed, await tree.RemoveTeam(leaving, force: true, "operator:test"));
        WorkflowView view = (await silo.Grains.GetGrain<ITaskGrain>(0).Workflow(workflow.Id))!;
        Assert.Equal(Cancelled, view.Tasks[0].State);
        Assert.Equal("team_removed", view.Tasks[0].Reason);
        Assert.All(view.Tasks, task => Assert.True(task.State is Cancelled or Failed));
    }

    [Fact]
    public async Task A_workflow_that_somebody_else_wrote_is_read_anew_and_the_action_holds()
    {
        string team = await silo.TeamAsync();
        NewTask task = await silo.TaskAsync(team, "a");
        NewWorkflow workflow = TaskSilo.Workflow(team, task);
        await silo.CreateAsync(workflow);
        // As a second activation does that took over in between.
        ChangeResult[] raised = await silo.Get<ICommitQueue>().CommitAsync(new Commit(
            [new RaiseWorkflow(workflow.Id, 1), new MoveTasks([task.Id], MoveTasks.States(Ready), Started, silo.Time.GetUtcNow())], AllOrNothing: true));
        Assert.All(raised, result => Assert.True(result.Applied));
        // By what the grain remembers it is ready, and reassigning would be enough; it reads that it was started.
        string other = await silo.TeamAsync();
        TaskActReply reply = await silo.ActAsync(workflow, task, TaskAction.Reassign, team, assignee: other);
        Assert.Equal((TaskActStatus.Done, Ready, other), (reply.Status, reply.Task!.State, reply.Task.Assignee));
    }

    [Fact]
    public async Task A_complete_whose_answer_was_lost_is_answered_like_the_first()
    {
        string team = await silo.TeamAsync();
        NewTask task = await silo.TaskAsync(team, "a");
        NewWorkflow workflow = TaskSilo.Workflow(team, task);
        await silo.CreateAsync(workflow);
        byte[] plain = JsonSerializer.SerializeToUtf8Bytes(new { ok = true });
        var command = new TaskCommand(task.Id, TaskAction.Complete, team, "team:" + team,
            await silo.Get<Grains.Scanning.IBodySealer>().SealAsync(plain, task.Id, 1), plain.Length, System.Security.Cryptography.SHA256.HashData(plain));
        IWorkflowGrain grain = silo.Grains.GetGrain<IWorkflowGrain>(workflow.Id);
        Assert.Equal(TaskActStatus.Done, (await grain.Act(command)).Status);
        Assert.Equal(TaskActStatus.Done, (await grain.Act(command)).Status);
        Assert.Equal(TaskActStatus.WrongState, (await silo.ActAsync(workflow, task, TaskAction.Complete, team, new { ok = true })).Status);
    }

    [Fact]
    public async Task A_message_takes_as_many_results_as_can_be_scanned_and_names_the_others()
    {
        string creator = await silo.TeamAsync(), team = await silo.TeamAsync();
        NewTask[] large = [await silo.TaskAsync(team, "a"), await silo.TaskAsync(team, "b"), await silo.TaskAsync(team, "c")];
        string Text(char c) => string.Concat(Enumerable.Repeat(new string(c, 40) + " ", 200_000 / 41));
        NewTask all = await silo.TaskAsync(creator, "all", new { text = Text('x') }, large);
        NewWorkflow workflow = TaskSilo.Workflow(creator, [.. large, all]);
        await silo.CreateAsync(workflow);
        foreach (NewTask task in large)
            Assert.Equal(TaskActStatus.Done, (await silo.ActAsync(workflow, task, TaskAction.Complete, team, Text(task.Key![0]))).Status);
        (Delivery delivery, JsonElement body) = await silo.ReceiveAsync(creator);
        Assert.Equal(all.Id, delivery.Reference);
        JsonElement[] results = [.. body.GetProperty("results").EnumerateArray()];
        Assert.Equal(["a", "b", "c"], results.Select(r => r.GetProperty("key").GetString()));
        Assert.Equal(1, results.Count(r => r.GetProperty("result").ValueKind == JsonValueKind.String));
        Assert.Equal(2, results.Count(r => r.TryGetProperty("omitted", out _)));
    }

    [Fact]
    public async Task A_chain_of_ten_thousand_fails_in_one_transaction()
    {
        string team = await silo.TeamAsync();
        var tasks = new NewTask[Limits.WorkflowTasks];
        for (int i = 0; i < tasks.Length; i++)
            tasks[i] = await silo.TaskAsync(team, $"t{i}", null, i == 0 ? [] : [tasks[i - 1]]);
        NewWorkflow workflow = TaskSilo.Workflow(team, tasks);
        Assert.Equal(CreateWorkflowStatus.Created, (await silo.CreateAsync(workflow)).Status);
        long start = TimeProvider.System.GetTimestamp();
        Assert.Equal(TaskActStatus.Done, (await silo.ActAsync(workflow, tasks[0], TaskAction.Fail, team, reason: "broken")).Status);
        TestContext.Current.TestOutputHelper?.WriteLine($"failed in {TimeProvider.System.GetElapsedTime(start).TotalSeconds:0.00} s");
        Assert.All(await silo.StatesAsync(workflow), state => Assert.Equal(Failed, state));
        Assert.Equal("dependency_failed: t0", (await silo.Grains.GetGrain<ITaskGrain>(0).Get(tasks[^1].Id))!.Reason);
    }

    [Fact]
    public async Task Ten_thousand_tasks_are_created_at_once_and_end_one_by_one()
    {
        string creator = await silo.TeamAsync(), team = await silo.TeamAsync();
        var tasks = new NewTask[Limits.WorkflowTasks];
        for (int i = 0; i < tasks.Length; i++)
            tasks[i] = await silo.TaskAsync(team, $"t{i}", new { number = i }, i < 5_000 ? [] : [tasks[i - 5_000]]);
        NewWorkflow workflow = TaskSilo.Workflow(creator, tasks);
        long start = TimeProvider.System.GetTimestamp();
        CreateWorkflowReply reply = await silo.CreateAsync(workflow);
        TestContext.Current.TestOutputHelper?.WriteLine($"created in {TimeProvider.System.GetElapsedTime(start).TotalSeconds:0.00} s");
        Assert.Equal(CreateWorkflowStatus.Created, reply.Status);
        Assert.Equal(5_000, reply.Workflow!.Tasks.Count(t => t.State == Ready));
        start = TimeProvider.System.GetTimestamp();
        await Task.WhenAll(tasks.Take(100).Select(task => silo.ActAsync(workflow, task, TaskAction.Complete, team, new { ok = true })));
        TestContext.Current.TestOutputHelper?.WriteLine($"100 ended in {TimeProvider.System.GetElapsedTime(start).TotalSeconds:0.00} s");
        TaskState[] states = await silo.StatesAsync(workflow);
        Assert.Equal((100, 5_000, 4_900), (states.Count(s => s == Done), states.Count(s => s == Ready), states.Count(s => s == Blocked)));
        await Eventually.UntilAsync(() => silo.WaitingAsync(team), waiting => waiting == 5_100, TimeSpan.FromSeconds(60), "every ready task is in the inbox");
    }
}
