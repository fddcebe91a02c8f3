using System.Text.Json;
using ShitOps.System.Tests.Fixtures;

namespace ShitOps.System.Tests;

/// <summary>Tasks that wait for each other.</summary>
public sealed class WorkflowTests(SharedCluster source, ITestOutputHelper output) : ClusterTest(source, output)
{
    private ApiClient _owner = null!, _dev = null!, _qa = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        (_owner, _dev, _qa) = (await NewTeamAsync("owner"), await NewTeamAsync("dev"), await NewTeamAsync("qa"));
    }

    [Fact]
    public async Task A_release_goes_from_build_over_test_and_scan_to_ship_and_the_results_go_along()
    {
        WorkflowInfo flow = await NewReleaseAsync();
        Assert.Equal([("build", "ready"), ("test", "blocked"), ("scan", "blocked"), ("ship", "blocked")], flow.States.Select(s => (s.Item1!, s.Item2)));
        await _dev.TakeTaskAsync(flow.IdOf("build"));
        await AssertEmptyAsync(_qa, wait: 0);
        Assert.Null((await _qa.TryActAsync(flow.IdOf("test"), "start")).NotAProblem(409));
        await _dev.Api.StartTaskAsync(flow.IdOf("build"));
        await _dev.CompleteAsync(flow.IdOf("build"), new { number = 812 });

        List<Delivery> ready = await _qa.ReceiveAsync(2);
        Assert.Equal(((Guid[])[flow.IdOf("test"), flow.IdOf("scan")]).Order(), ready.Select(d => d.Message.Task!.Value).Order());
        Assert.All(ready, delivery =>
        {
            JsonElement handed = Assert.Single(delivery.Message.Body.GetProperty("results").EnumerateArray());
            Assert.Equal(("build", "done", 812), (handed.Text("key"), handed.Text("state"), handed.GetProperty("result").Number("number")));
        });
        await _qa.CompleteAsync(flow.IdOf("test"), "green");
        await AssertEmptyAsync(_dev, wait: 0);
        await _qa.CompleteAsync(flow.IdOf("scan"), "clean");

        InboxMessage ship = await _dev.TakeTaskAsync(flow.IdOf("ship"));
        Assert.Equal(
            [("scan", "clean"), ("test", "green")], ship.Body.GetProperty("results").EnumerateArray().Select(r => (r.Text("key")!, r.Text("result")!)).Order());
        await _dev.CompleteAsync(flow.IdOf("ship"), true);
        WorkflowInfo done = await _owner.WorkflowAsync(flow.Id);
        Assert.Equal(["build", "test", "scan", "ship"], done.Tasks.Select(task => task.Key!));
        Assert.All(done.Tasks, task => Assert.Equal("done", task.State));
        Assert.Equal(4, done.Progress.Done);
        Assert.Equal("release 812", done.Name);
    }

    [Fact]
    public async Task What_depends_on_a_task_that_fails_fails_too_and_says_why()
    {
        WorkflowInfo flow = await NewReleaseAsync();
        await _dev.TakeTaskAsync(flow.IdOf("build"));
        await _dev.FailAsync(flow.IdOf("build"), "does not compile");
        WorkflowInfo failed = await _owner.WorkflowAsync(flow.Id);
        Assert.All(failed.Tasks, task => Assert.Equal("failed", task.State));
        Assert.Contains("build", failed.Task("test").Reason, StringComparison.Ordinal);
        Assert.Contains((await _owner.TaskTraceAsync(flow.IdOf("ship"))).Select(e => e.Type), type => type == "task.failed");
        await AssertEmptyAsync(_qa);
        await AssertEmptyAsync(_dev, wait: 0);
    }

    [Fact]
    public async Task What_ignores_a_failure_or_a_cancellation_goes_on_and_is_told_of_it()
    {
        WorkflowInfo flow = await _owner.CreateWorkflowAsync("brave",
            NewTask.Of("a", _dev), NewTask.Of("b", _dev), NewTask.Of("c", _qa, "a", "b") with { OnDependencyFailure = "ignore" });
        await _dev.ReceiveAsync(2);
        await _dev.FailAsync(flow.IdOf("a"), result: new { log = "red" });
        await AssertEmptyAsync(_qa, wait: 0);
        await _owner.Api.CancelTaskAsync(flow.IdOf("b"));
        InboxMessage ready = await _qa.TakeTaskAsync(flow.IdOf("c"));
        Assert.Equal(
            [("a", "failed"), ("b", "cancelled")], ready.Body.GetProperty("results").EnumerateArray().Select(r => (r.Text("key")!, r.Text("state")!)).Order());
    }

    [Fact]
    public async Task A_blocked_task_can_be_cancelled_and_reassigned_before_it_is_ready()
    {
        ApiClient other = await NewTeamAsync("other");
        WorkflowInfo flow = await NewReleaseAsync();
        Assert.Equal("cancelled", (await _owner.Api.CancelTaskAsync(flow.IdOf("scan"))).State);
        Assert.Equal("failed", (await _owner.TaskAsync(flow.IdOf("ship"))).State);
        Assert.Equal("blocked", (await _owner.Api.ReassignTaskAsync(flow.IdOf("test"), other.Name)).State);
        await _dev.CompleteAsync(flow.IdOf("build"), 1);
        await other.TakeTaskAsync(flow.IdOf("test"));
        await AssertEmptyAsync(_qa, wait: 0);
    }

    [Fact]
    public async Task A_task_waits_for_tasks_of_other_workflows()
    {
        WorkflowInfo first = await _owner.CreateWorkflowAsync("first", NewTask.Of("a", _dev));
        TaskInfo alone = await _owner.CreateTaskAsync(_dev.Name, "alone");
        WorkflowInfo second = await _owner.CreateWorkflowAsync("second",
            NewTask.Of("b", _qa, first.IdOf("a").ToString()), NewTask.Of("c", _qa, "b", alone.Id.ToString()));
        Assert.All(second.Tasks, task => Assert.Equal("blocked", task.State));
        await _dev.CompleteAsync(first.IdOf("a"), "from afar");
        InboxMessage ready = await _qa.TakeTaskAsync(second.IdOf("b"));
        Assert.Equal("from afar", Assert.Single(ready.Body.GetProperty("results").EnumerateArray()).Text("result"));
        await _qa.CompleteAsync(second.IdOf("b"), 2);
        await _dev.FailAsync(alone.Id, "no time");
        await _owner.UntilTaskAsync(second.IdOf("c"), "failed");
        // One that has ended already does not block.
        TaskInfo late = await _owner.CreateTaskAsync(_qa.Name, "late", null, first.IdOf("a").ToString());
        Assert.Equal("ready", late.State);
    }

    [Theory]
    [InlineData("a:b b:a", "a → b → a", "b → a → b")]
    [InlineData("a:b b:c c:a d:a", "a → b → c → a", "b → c → a → b", "c → a → b → c", "a → c → b → a")]
    [InlineData("a:a", "self_dependency", "a → a")]
    public async Task A_cycle_is_refused_and_named(string edges, params string[] names)
    {
        ApiAnswer answer = await _owner.TryCreateWorkflowAsync("round", [.. edges.Split(' ').Select(edge => NewTask.Of(edge[..1], _dev, edge[2..]))]);
        Assert.Null(answer.NotAProblem(422));
        Assert.Contains(names, name => JsonStrings(answer.Json).Any(text => text.Contains(name, StringComparison.Ordinal)));
        await AssertEmptyAsync(_dev, wait: 0);
    }

    [Fact]
    public async Task An_unknown_dependency_or_team_is_named_and_nothing_is_created()
    {
        string unknown = Guid.CreateVersion7().ToString();
        foreach ((NewTask bad, string named) in ((NewTask, string)[])
            [(NewTask.Of("b", _dev, "nope"), "nope"), (NewTask.Of("b", _dev, unknown), unknown), (NewTask.Of("b", _dev) with { Assignee = "nobody-here" }, "nobody-here")])
        {
            ApiAnswer answer = await _owner.TryCreateWorkflowAsync("half", NewTask.Of("a", _dev), bad);
            Assert.Null(answer.NotAProblem(422));
            Assert.Contains(named, answer.Text, StringComparison.Ordinal);
        }
        ApiAnswer infected = await _owner.TryCreateWorkflowAsync("half", NewTask.Of("a", _dev), NewTask.Of("b", _dev, "a") with { Body = Json.Of(Eicar.Text) });
        Assert.Null(infected.NotAProblem(422));
        Assert.Empty(await _owner.TasksAsync());
        await AssertEmptyAsync(_dev);
    }

    private Task<WorkflowInfo> NewReleaseAsync() => _owner.CreateWorkflowAsync("release 812",
        NewTask.Of("build", _dev), NewTask.Of("test", _qa, "build"), NewTask.Of("scan", _qa, "build"), NewTask.Of("ship", _dev, "test", "scan"));

    private static IEnumerable<string> JsonStrings(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.String => [json.GetString()!],
        JsonValueKind.Array => json.EnumerateArray().SelectMany(JsonStrings),
        JsonValueKind.Object => json.EnumerateObject().SelectMany(property => JsonStrings(property.Value)),
        _ => [],
    };
}
