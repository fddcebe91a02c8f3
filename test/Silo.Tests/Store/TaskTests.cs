using ShitOps.Grains;
using ShitOps.Grains.Journal;
using ShitOps.Grains.Storage;
using ShitOps.Silo.Store;

namespace ShitOps.Silo.Tests.Store;

public sealed class TasksOnMariaDb(OnMariaDb fixture) : TaskTests(fixture), IClassFixture<OnMariaDb>;

[Trait("server", "mysql")]
public sealed class TasksOnMySql(OnMySql fixture) : TaskTests(fixture), IClassFixture<OnMySql>;

public sealed class TasksOnSqlite(OnSqlite fixture) : TaskTests(fixture), IClassFixture<OnSqlite>;

public abstract class TaskTests(StoreFixture fixture)
{
    private readonly StoreProcess _store = fixture.Process;

    private ITaskStore Tasks => _store.Get<ITaskStore>();

    private static void Answers(bool[] expected, bool[] actual) => Assert.Equal(expected, actual);

    private async Task<bool[]> AllOrNothingAsync(params Change[] changes) =>
        [.. (await _store.Get<ICommitQueue>().CommitAsync(new Commit(changes, AllOrNothing: true))).Select(result => result.Applied)];

    private async Task<TaskState> StateAsync(TaskRow row) => (await Tasks.StatesAsync([row.Task.Id]))[row.Task.Id].State;

    /// <summary>build → test, both in one workflow.</summary>
    private async Task<(InsertWorkflow Workflow, TaskRow Build, TaskRow Test)> StoredAsync(string? team = null)
    {
        TaskRow build = MakeTask.Row(team ?? "dev", key: "build", due: Make.Now.AddHours(1));
        TaskRow test = MakeTask.Row(team ?? "qa", TaskState.Blocked, "test", null, MakeTask.On(build, OnDependencyFailure.Ignore));
        InsertWorkflow workflow = MakeTask.Workflow(team ?? "boss", build, test);
        Answers([true], await _store.AppliedAsync(workflow));
        return (workflow, build, test);
    }

    [Fact]
    public async Task A_workflow_is_read_as_it_was_stored_and_stored_once()
    {
        (InsertWorkflow w, TaskRow build, TaskRow test) = await StoredAsync();
        Answers([false], await _store.AppliedAsync(w));
        // The same id with other tasks: none of them is stored.
        TaskRow other = MakeTask.Row("dev");
        Answers([false, true], await _store.AppliedAsync(w with { Tasks = [other] }, MakeTask.Workflow("boss", MakeTask.Row("dev"))));
        Assert.Empty(await Tasks.StatesAsync([other.Task.Id]));

        WorkflowRow row = (await Tasks.LoadAsync(w.Id))!;
        Assert.Equal((w.Name, w.Creator, 1, w.TraceParent, w.At), (row.Name, row.Creator, row.Version, row.TraceParent, row.CreatedAt));
        Assert.Equal(w.RequestDigest, row.RequestDigest);
        Assert.Equivalent(new StoredTask[]
        {
            new(build.Task.Id, "build", build.Task.Title, "dev", TaskState.Ready, Make.Now.AddHours(1), false, Make.Now, Make.Now, null, null, null, []),
            new(test.Task.Id, "test", test.Task.Title, "qa", TaskState.Blocked, null, false, Make.Now, null, null, null, null, [MakeTask.On(build, OnDependencyFailure.Ignore)]),
        }, row.Tasks, strict: true);
        Assert.Null(await Tasks.LoadAsync(Guid.CreateVersion7()));

        TaskView view = (await Tasks.ViewAsync(test.Task.Id))!;
        Assert.Equal((w.Id, "boss", "qa", TaskState.Blocked), (view.Workflow, view.Creator, view.Assignee, view.State));
        Assert.Equal(test.Task.SealedBody, view.SealedBody);
        Assert.Equal(new TaskDependencyView(build.Task.Id, OnDependencyFailure.Ignore, "build", build.Task.Title, "dev", TaskState.Ready), Assert.Single(view.DependsOn));
        Assert.Null(await Tasks.ViewAsync(Guid.CreateVersion7()));
        WorkflowView whole = (await Tasks.WorkflowAsync(w.Id))!;
        Assert.Equal(["build", "test"], whole.Tasks.Select(task => task.Key));
        Assert.Null(whole.Tasks[1].SealedBody);
        Assert.Equal(view.DependsOn, whole.Tasks[1].DependsOn);
        Assert.Null(await Tasks.WorkflowAsync(Guid.CreateVersion7()));
        Assert.Equal((test.Task.Id, w.Id, "test", test.Task.Title), Assert.Single(await Tasks.NamesAsync([test.Task.Id, Guid.CreateVersion7()])));
        Assert.Equal(test.Task.SealedBody, Assert.Single(await Tasks.ContentsAsync([test.Task.Id])).Body);
    }

    [Fact]
    public async Task A_change_of_a_workflow_is_stored_under_the_version_last_read_or_not_at_all()
    {
        (InsertWorkflow w, TaskRow build, TaskRow test) = await StoredAsync();
        Change[] done = [
            new RaiseWorkflow(w.Id, 1), MakeTask.Move(TaskState.Ready, TaskState.Done, build) with { SealedResult = [9] },
            new SetEdges(w.Id, build.Task.Id, OnDependencyFailure.Ignore, EdgeState.Met), MakeTask.Move(TaskState.Blocked, TaskState.Ready, test), Make.Insert(Make.Message("boss", "qa"))];
        Answers([true, true, true, true, true], await AllOrNothingAsync(done));
        WorkflowRow row = (await Tasks.LoadAsync(w.Id))!;
        Assert.Equal((2, TaskState.Done, TaskState.Ready), (row.Version, row.Tasks[0].State, row.Tasks[1].State));
        Assert.Equal((Make.Now.AddSeconds(10), Make.Now.AddSeconds(1)), (row.Tasks[0].EndedAt, row.Tasks[1].ReadyAt));
        Assert.Equal(EdgeState.Met, Assert.Single(row.Tasks[1].Edges).State);
        Assert.Equal([9], Assert.Single(await Tasks.ContentsAsync([build.Task.Id])).Result);

        InsertMessage message = Make.Insert(Make.Message("boss", "qa"));
        Change start = MakeTask.Move(TaskState.Ready, TaskState.Started, test);
        Assert.DoesNotContain(true, await AllOrNothingAsync(new RaiseWorkflow(w.Id, 1), start, message));
        // The fence holds, but the task is in another state.
        Assert.DoesNotContain(true, await AllOrNothingAsync(new RaiseWorkflow(w.Id, 2), MakeTask.Move(TaskState.Blocked, TaskState.Started, test), message));
        Assert.Equal((2, TaskState.Ready), ((await Tasks.LoadAsync(w.Id))!.Version, await StateAsync(test)));
        Assert.Null(await _store.Get<IArchiveStore>().MessageAsync(message.Message.Id));
        Answers([true, true], await AllOrNothingAsync(new RaiseWorkflow(w.Id, 2), start));
        Answers([false], await _store.AppliedAsync(new RaiseWorkflow(Guid.CreateVersion7(), 1)));
    }

    [Fact]
    public async Task Tasks_move_together_or_none_of_them()
    {
        TaskRow[] rows = [.. Enumerable.Range(0, 2500).Select(i => MakeTask.Row("dev", TaskState.Blocked))];
        TaskRow odd = MakeTask.Row("dev");
        await _store.CommitAsync(MakeTask.Workflow("boss", [.. rows, odd]));
        Answers([false, true], await _store.AppliedAsync(MakeTask.Move(TaskState.Blocked, TaskState.Failed, [.. rows, odd]), Make.Insert(Make.Message("a"))));
        Assert.All((await Tasks.StatesAsync([.. rows.Select(row => row.Task.Id)])).Values, task => Assert.Equal(TaskState.Blocked, task.State));
        Answers([true], await _store.AppliedAsync(MakeTask.Move(TaskState.Blocked, TaskState.Failed, rows) with { Reason = "build failed" }));
        Assert.All((await Tasks.StatesAsync([.. rows.Select(row => row.Task.Id)])).Values, task => Assert.Equal(TaskState.Failed, task.State));
        TaskView view = (await Tasks.ViewAsync(rows[2400].Task.Id))!;
        Assert.Equal(("build failed", (DateTimeOffset?)Make.Now.AddSeconds(11)), (view.Reason, view.EndedAt));
    }

    [Fact]
    public async Task An_open_task_goes_to_another_team_and_an_ended_one_does_not()
    {
        (_, TaskRow build, _) = await StoredAsync();
        Guid id = build.Task.Id;
        Answers([false, true, false], await _store.AppliedAsync(new AssignTask(id, "qa", "ops"), new AssignTask(id, "dev", "ops"), new AssignTask(id, "dev", "ops")));
        Answers([true], await _store.AppliedAsync(MakeTask.Move(TaskState.Ready, TaskState.Started, build)));
        // Delivered anew: ready again, from started and from ready.
        Answers([true, true, true], await AllOrNothingAsync(
            new AssignTask(id, "ops", "dev"), MakeTask.Move(TaskState.Started, TaskState.Ready, build), MakeTask.Move(TaskState.Ready, TaskState.Ready, build)));
        TaskView view = (await Tasks.ViewAsync(id))!;
        Assert.Equal(("dev", TaskState.Ready, (DateTimeOffset?)null), (view.Assignee, view.State, view.StartedAt));
        Answers([true, false], await _store.AppliedAsync(MakeTask.Move(TaskState.Ready, TaskState.Cancelled, build), new AssignTask(id, "dev", "ops")));
    }

    [Fact]
    public async Task A_task_is_found_overdue_until_it_is_marked_or_ends()
    {
        (InsertWorkflow w, TaskRow build, _) = await StoredAsync();
        (InsertWorkflow ended, TaskRow done, _) = await StoredAsync();
        async Task<bool> OverdueAsync(InsertWorkflow one, DateTimeOffset now) => (await Tasks.OverdueAsync(now, 1000)).Contains(one.Id);
        Assert.False(await OverdueAsync(w, Make.Now.AddHours(1).AddMilliseconds(-1)));
        Assert.True(await OverdueAsync(w, Make.Now.AddHours(1)));
        await _store.CommitAsync(MakeTask.Move(TaskState.Ready, TaskState.Done, done));
        Assert.False(await OverdueAsync(ended, Make.Now.AddHours(1)));
        Answers([true, false, false], await _store.AppliedAsync(new MarkOverdue([build.Task.Id]), new MarkOverdue([build.Task.Id]), new MarkOverdue([done.Task.Id])));
        Assert.False(await OverdueAsync(w, Make.Now.AddHours(1)));
        Assert.True((await Tasks.ViewAsync(build.Task.Id))!.Overdue);
    }

    [Fact]
    public async Task An_open_edge_to_an_ended_task_of_another_workflow_is_found_until_it_is_set()
    {
        (_, TaskRow build, TaskRow test) = await StoredAsync();
        TaskRow late = MakeTask.Row("ops", TaskState.Blocked, null, null, MakeTask.On(build, external: true), MakeTask.On(test, external: true));
        InsertWorkflow dependent = MakeTask.Workflow("ops", late);
        await _store.CommitAsync(dependent);
        async Task<bool> StrandedAsync(Guid id) => (await Tasks.StrandedAsync(1000)).Contains(id);
        Assert.False(await StrandedAsync(dependent.Id));
        await _store.CommitAsync(MakeTask.Move(TaskState.Ready, TaskState.Done, build));
        Assert.True(await StrandedAsync(dependent.Id));
        // Created after it ended by someone who had read it as open.
        InsertWorkflow later = MakeTask.Workflow("ops", MakeTask.Row("ops", TaskState.Blocked, null, null, MakeTask.On(build, external: true)));
        await _store.CommitAsync(later);
        Assert.True(await StrandedAsync(later.Id));
        Answers([true], await _store.AppliedAsync(new SetEdges(dependent.Id, build.Task.Id, OnDependencyFailure.Fail, EdgeState.Met)));
        Assert.False(await StrandedAsync(dependent.Id));
        Assert.Equal([EdgeState.Met, EdgeState.Open], (await Tasks.LoadAsync(dependent.Id))!.Tasks[0].Edges.Select(edge => edge.State));
        Assert.Equal(EdgeState.Open, (await Tasks.LoadAsync(later.Id))!.Tasks[0].Edges[0].State);
        await _store.CommitAsync(MakeTask.Move(TaskState.Blocked, TaskState.Cancelled, test));
        Assert.True(await StrandedAsync(dependent.Id));
        await _store.CommitAsync(new SetEdges(dependent.Id, test.Task.Id, OnDependencyFailure.Ignore, EdgeState.Met));
        Assert.True(await StrandedAsync(dependent.Id)); // Of the other kind: not this edge.
    }

    [Fact]
    public async Task Two_silos_that_end_a_task_and_depend_on_it_at_once_lose_no_edge()
    {
        await using StoreProcess second = await fixture.NewProcessAsync();
        for (int round = 0; round < 30; round++)
        {
            (InsertWorkflow first, TaskRow build, _) = await StoredAsync();
            InsertWorkflow dependent = MakeTask.Workflow("ops", MakeTask.Row("ops", TaskState.Blocked, null, null, MakeTask.On(build, external: true)));
            Task<bool[]> ends = _store.AppliedAsync(new RaiseWorkflow(first.Id, 1), MakeTask.Move(TaskState.Ready, TaskState.Done, build));
            Task<bool[]> depends = second.AppliedAsync(dependent);
            Answers([true, true], await ends);
            Answers([true], await depends);
            Assert.Contains(dependent.Id, await Tasks.StrandedAsync(100_000));
        }
    }

    [Fact]
    public async Task Lists_are_paged_by_every_filter()
    {
        string dev = Make.Team(), boss = Make.Team(), qa = Make.Team();
        TaskRow[] rows = [.. Enumerable.Range(0, 9).Select(i => MakeTask.Row(i % 3 == 0 ? qa : dev, i < 6 ? TaskState.Ready : TaskState.Blocked, "t" + i))];
        InsertWorkflow w = MakeTask.Workflow(boss, rows);
        await StoredAsync(dev);
        await _store.CommitAsync(w, new MarkOverdue([rows[4].Task.Id]));

        async Task<List<string?>> KeysAsync(TaskQuery query, int limit = 2)
        {
            var keys = new List<TaskView>();
            string? after = null;
            do
            {
                Page<TaskView> page = await Tasks.ListAsync(query with { After = after, Limit = limit });
                Assert.InRange(page.Items.Length, after is null ? 0 : 1, limit);
                keys.AddRange(page.Items);
                after = page.Next;
            }
            while (after is not null);
            if (query.Workflow is null)
                Assert.Equal(keys.OrderBy(task => task.CreatedAt).ThenBy(task => task.Id).Select(task => task.Id), keys.Select(task => task.Id));
            Assert.Equal(keys.Count, keys.Select(task => task.Id).Distinct().Count());
            return [.. keys.Select(task => task.Key)];
        }

        var all = new TaskQuery(null, null, null, null, false, null, 2);
        Assert.Equal(rows.Select(row => row.Task.Key), await KeysAsync(all with { Workflow = w.Id }));
        Assert.Equal(["t1", "t2", "t4", "t5"], await KeysAsync(all with { Workflow = w.Id, Assignee = dev, State = TaskState.Ready }));
        Assert.Equal(["t4"], await KeysAsync(all with { Workflow = w.Id, Overdue = true }));
        Assert.Empty(await KeysAsync(all with { Workflow = w.Id, Participant = Make.Team() }));
        Assert.Equal(8, (await KeysAsync(all with { Assignee = dev })).Count);
        Assert.Equal(["t7", "t8", "test"], (await KeysAsync(all with { Assignee = dev, State = TaskState.Blocked })).Order());
        Assert.Equal(6, (await KeysAsync(all with { Assignee = dev, Participant = boss })).Count);
        Assert.Equal(9, (await KeysAsync(all with { Participant = boss })).Count);
        Assert.Equal(8, (await KeysAsync(all with { Participant = dev })).Count); // Its own workflow once, though it is creator and assignee.
        Assert.Contains("t4", await KeysAsync(all with { Overdue = true }, 100));
        Assert.Contains("t7", await KeysAsync(all with { State = TaskState.Blocked }, 999));
        Assert.True((await KeysAsync(all, 999)).Count >= 11);
        await Assert.ThrowsAsync<FormatException>(() => Tasks.ListAsync(all with { After = "x" }));
        await Assert.ThrowsAsync<FormatException>(() => Tasks.ListAsync(all with { After = "x", Workflow = w.Id }));
    }

    [Fact]
    public async Task What_was_made_first_comes_first_whatever_its_id()
    {
        string team = Make.Team();
        TaskRow[] rows = [.. Enumerable.Range(0, 7).Select(_ => MakeTask.Row(team)).Select(row => row with { Task = row.Task with { Id = Guid.NewGuid() } })];
        for (int i = 0; i < rows.Length; i++)
            await _store.CommitAsync(MakeTask.Workflow(rows[i].Task.Id, "boss", Make.Now.AddSeconds(i / 2), rows[i]));
        Guid[] expected = [.. rows.Select((row, i) => (row.Task.Id, i / 2)).OrderBy(row => row.Item2).ThenBy(row => row.Id).Select(row => row.Id)];
        var seen = new List<Guid>();
        for (string? after = null; ;)
        {
            Page<TaskView> page = await Tasks.ListAsync(new TaskQuery(null, team, null, null, false, after, 2));
            seen.AddRange(page.Items.Select(task => task.Id));
            if ((after = page.Next) is null)
                break;
        }
        Assert.Equal(expected, seen);
        Assert.Equal(expected[..3], (await Tasks.OpenAsync(team, 3)).Tasks.Select(task => task.Id));
    }

    [Fact]
    public async Task A_team_s_open_ends_are_its_unread_messages_unanswered_asks_and_open_tasks()
    {
        string team = Make.Team();
        NewMessage urgent = Make.Message("a"), normal = Make.Message("a"), read = Make.Message("a");
        await _store.CommitAsync(Make.Insert(urgent), Make.Insert(normal), Make.Insert(read), Make.Deliver(normal.Id, team), Make.Deliver(read.Id, team),
            Make.Deliver(urgent.Id, team, rank: Priority.Urgent), Make.Ack(read.Id, team));
        InsertMessage Asked() => MakeAsk.Ask(Make.Team()) with { Ask = MakeAsk.Ask("x").Ask! with { Teams = [new(team, 3)], Nodes = [new(3, 1)] } };
        InsertMessage open = Asked(), answered = Asked(), ended = Asked(), underWay = Asked();
        await _store.CommitAsync(open, answered, ended, underWay);
        foreach (InsertMessage arrived in new[] { open, answered, ended })
            await _store.CommitAsync(Make.Deliver(arrived.Message.Id, team), Make.Ack(arrived.Message.Id, team));
        await _store.CommitAsync(MakeAsk.Put(MakeAsk.Reply(answered.Message.Id, team)), MakeAsk.End(ended.Message.Id));
        (_, TaskRow build, TaskRow test) = await StoredAsync(team);
        (_, TaskRow done, TaskRow left) = await StoredAsync(team);
        await _store.CommitAsync(MakeTask.Move(TaskState.Ready, TaskState.Done, done));

        OpenWork work = await Tasks.OpenAsync(team, 10);
        Assert.Equal([normal.Id, urgent.Id], work.Messages.Select(message => message.Id));
        OpenAsk ask = Assert.Single(work.Asks);
        Assert.Equal(new OpenAsk(open.Message.Id, "asker", open.Message.Subject, Make.Now, Make.Now.AddHours(1)), ask);
        Guid[] tasks = [.. new[] { build, test, left }.Select(row => row.Task.Id).Order()];
        Assert.Equal(tasks, work.Tasks.Select(task => task.Id));
        Assert.Equal(TaskState.Done, work.Tasks.Single(task => task.Id == left.Task.Id).DependsOn[0].State);
        Assert.Equal(tasks, (await Tasks.OpenOfAsync(team, 10)).Select(task => task.Task));
        work = await Tasks.OpenAsync(team, 1);
        Assert.Equal((1, 1, 1), (work.Messages.Length, work.Asks.Length, work.Tasks.Length));
    }

    [Fact]
    public async Task A_trace_of_a_task_holds_what_was_told_of_it_wherever_that_was_told()
    {
        (InsertWorkflow w, TaskRow build, TaskRow test) = await StoredAsync();
        NewMessage m = Make.Message("boss");
        await _store.CommitAsync(new RaiseWorkflow(w.Id, 1), MakeTask.Move(TaskState.Ready, TaskState.Started, build));
        await _store.CommitAsync(Make.Insert(m) with { Events = [MakeTask.Told(EventTypes.TaskEscalated, build.Task.Id, 3) with { Message = m.Id }] });
        await _store.CommitAsync(new Note { Events = [MakeTask.Told(EventTypes.TaskRefused, build.Task.Id, 4), MakeTask.Told(EventTypes.TaskRefused, Guid.CreateVersion7(), 4)] });
        await _store.CommitAsync(MakeTask.Move(TaskState.Blocked, TaskState.Done, build)); // Refused.
        // One guard of the batch fails, so that it goes the careful way.
        await _store.CommitAsync(new RaiseWorkflow(w.Id, 1), MakeTask.Move(TaskState.Started, TaskState.Done, build));
        IReadOnlyList<EventView> trace = await Tasks.TraceAsync(build.Task.Id);
        Assert.Equal([EventTypes.TaskCreated, EventTypes.TaskStarted, EventTypes.TaskEscalated, EventTypes.TaskRefused, EventTypes.TaskDone], trace.Select(e => e.Type));
        Assert.Equal([EventTypes.TaskCreated], (await Tasks.TraceAsync(test.Task.Id)).Select(e => e.Type));
        Assert.Equal(EventTypes.TaskEscalated, Assert.Single(await _store.Get<IArchiveStore>().TraceAsync(m.Id)).Type);
    }

    [Fact]
    public async Task A_workflow_of_ten_thousand_tasks_is_stored_and_read()
    {
        var rows = new List<TaskRow>();
        for (int i = 0; i < Limits.WorkflowTasks; i++)
            rows.Add(MakeTask.Row("dev", i == 0 ? TaskState.Ready : TaskState.Blocked, "t" + i, null, i == 0 ? [] : [MakeTask.On(rows[(i - 1) / 2]), .. i < 3 ? Array.Empty<EdgeRow>() : [MakeTask.On(rows[0])]]));
        InsertWorkflow w = MakeTask.Workflow("boss", [.. rows]);
        Answers([true], await _store.AppliedAsync(w));
        WorkflowRow loaded = (await Tasks.LoadAsync(w.Id))!;
        Assert.Equal(rows.Select(row => row.Task.Id), loaded.Tasks.Select(task => task.Id));
        Assert.Equal(rows.SelectMany(row => row.Edges), loaded.Tasks.SelectMany(task => task.Edges));
        Assert.Equal(rows.Count, (await Tasks.WorkflowAsync(w.Id))!.Tasks.Length);
        Assert.Equal(EventTypes.TaskCreated, Assert.Single(await Tasks.TraceAsync(rows[^1].Task.Id)).Type);
    }

    [Fact]
    public async Task Retention_deletes_workflows_that_ended_long_ago_and_none_that_is_open_or_still_needed()
    {
        DateTimeOffset old = TimeProvider.System.GetUtcNow().AddDays(-40);
        // Ids that say nothing about the time.
        InsertWorkflow Old(TaskState state, params EdgeRow[] edges) =>
            MakeTask.Workflow(Guid.NewGuid(), "boss", old, MakeTask.Row("dev", state, null, null, edges), MakeTask.Row("dev", TaskState.Failed));
        InsertWorkflow ended = Old(TaskState.Done), open = Old(TaskState.Ready), needed = Old(TaskState.Done), late = Old(TaskState.Started);
        InsertWorkflow dependent = MakeTask.Workflow("ops", MakeTask.Row("ops", TaskState.Blocked, null, null, MakeTask.On(needed.Tasks[0], external: true, state: EdgeState.Met)));
        InsertWorkflow closed = MakeTask.Workflow("ops", MakeTask.Row("ops", TaskState.Done, null, null, MakeTask.On(ended.Tasks[0], external: true, state: EdgeState.Met)));
        Answers([true, true, true, true, true, true, true], await _store.AppliedAsync(ended, open, needed, late, dependent, closed, MakeTask.Move(TaskState.Started, TaskState.Done, late.Tasks[0])));
        await _store.Get<Retention>().RunAsync();
        Assert.Null(await Tasks.LoadAsync(ended.Id));
        Assert.Empty(await Tasks.StatesAsync([.. ended.Tasks.Select(row => row.Task.Id)]));
        foreach (InsertWorkflow kept in new[] { open, needed, late, dependent, closed })
            Assert.Equal(kept.Tasks.Count, (await Tasks.LoadAsync(kept.Id))!.Tasks.Count);
        Assert.Equal(TaskState.Done, Assert.Single((await Tasks.ViewAsync(closed.Tasks[0].Task.Id))!.DependsOn).State);
    }
}
