using System.Globalization;
using System.Text.Json;
using ShitOps.System.Tests.Fixtures;

namespace ShitOps.System.Tests;

/// <summary>Lists of tasks, and the page of what a team has open.</summary>
public sealed class TaskListTests(SharedCluster source, ITestOutputHelper output) : ClusterTest(source, output)
{
    [Fact]
    public async Task Tasks_are_listed_by_team_state_and_workflow_in_pages()
    {
        (ApiClient creator, ApiClient first) = await NewPairAsync();
        (ApiClient second, ApiClient stranger) = (await NewTeamAsync("second"), await NewTeamAsync("stranger"));
        WorkflowInfo flow = await creator.CreateWorkflowAsync("ten", [.. Enumerable.Range(0, 10).Select(n => NewTask.Of(Key(n), n < 6 ? first : second))]);
        TaskInfo alone = await creator.CreateTaskAsync(second.Name, "alone"), own = await first.CreateTaskAsync(second.Name, "of another", new { text = "hidden" });
        Guid[] ids = [.. flow.Tasks.Select(task => task.Id)];
        await first.Api.StartTaskAsync(ids[0]);
        await first.CompleteAsync(ids[1], "hidden");

        AssertSame([.. ids, alone.Id], await creator.TasksAsync(("limit", "3")));
        AssertSame([.. ids[..6], own.Id], await first.TasksAsync(("limit", "2")));
        AssertSame([.. ids[6..], alone.Id, own.Id], await second.TasksAsync(("team", second.Name)));
        AssertSame(ids[6..], await creator.TasksAsync(("team", second.Name), ("workflow", flow.Id.ToString())));
        Assert.Equal([ids[0]], await creator.TasksAsync(("state", "started")));
        Assert.Equal([ids[1]], await first.TasksAsync(("state", "done"), ("team", first.Name)));
        AssertSame(ids, await Operator.TasksAsync(("workflow", flow.Id.ToString()), ("limit", "4")));
        Assert.Empty(await creator.TasksAsync(("overdue", "true")));
        Assert.Empty(await stranger.TasksAsync());
        foreach (ApiClient caller in (ApiClient[])[creator, second, Operator])
            Assert.DoesNotContain("hidden", (await caller.GetAsync($"/v1/tasks?limit=1000{(caller.Key == Cluster.OperatorKey ? $"&team={second.Name}" : "")}")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_graph_of_a_workflow_tells_states_dependencies_and_progress()
    {
        (ApiClient creator, ApiClient assignee) = await NewPairAsync();
        WorkflowInfo made = await creator.CreateWorkflowAsync("graph",
            NewTask.Of("a", assignee), NewTask.Of("b", assignee, "a"), NewTask.Of("c", assignee, "a", "b"), NewTask.Of("d", assignee));
        await assignee.CompleteAsync(made.IdOf("a"), 1);
        await assignee.Api.StartTaskAsync(made.IdOf("b"));
        foreach (ApiClient caller in (ApiClient[])[creator, assignee, Operator])
        {
            WorkflowInfo flow = await caller.WorkflowAsync(made.Id);
            Assert.Equal([("a", "done"), ("b", "started"), ("c", "blocked"), ("d", "ready")], flow.States.Select(s => (s.Item1!, s.Item2)));
            AssertSame([flow.IdOf("a"), flow.IdOf("b")], flow.Task("c").DependsOn.Select(other => other.Task));
            Assert.Equal((1, 1, 1, 1), (flow.Progress.Done, flow.Progress.Started, flow.Progress.Blocked, flow.Progress.Ready));
            Assert.All(flow.Tasks, task => Assert.False(task.HasResult || task.HasBody));
        }
    }

    [Fact]
    public async Task The_open_page_shows_unacknowledged_messages_unanswered_asks_and_open_tasks()
    {
        (ApiClient sender, ApiClient team) = await NewPairAsync();
        ApiClient stranger = await NewTeamAsync("stranger");
        JsonElement nothing = await OpenAsync(team, team.Name);
        Assert.All((string[])["messages", "asks", "tasks"], list => Assert.Empty(Ids(nothing, list)));
        Assert.Equal(["open", "blocked", "overdue"], nothing.GetProperty("tasks").EnumerateObject().Select(list => list.Name));

        MessageInfo message = await sender.SendAsync(NewMessage.Text(team.Name, "read me"), wait: 10);
        Guid answered = await sender.AskAsync(NewAsk.Of(team.Name)), unanswered = await sender.AskAsync(NewAsk.Of(team.Name) with { Subject = "well?" });
        await team.ReplyAsync(answered, "1");
        TaskInfo done = await sender.CreateTaskAsync(team.Name, "done soon");
        WorkflowInfo flow = await sender.CreateWorkflowAsync("two", NewTask.Of("first", sender), NewTask.Of("second", team, "first"));
        await team.CompleteAsync(done.Id, 1);
        // The message, two questions and a task.
        List<Delivery> received = await team.ReceiveAsync(4, acknowledge: false);
        await team.AckAsync([.. received.Select(d => d.DeliveryId).Where(id => id != message.Id)]);

        foreach (ApiClient caller in (ApiClient[])[team, Operator])
        {
            JsonElement open = await OpenAsync(caller, team.Name);
            Assert.Equal([message.Id], Ids(open, "messages"));
            Assert.Equal([unanswered], Ids(open, "asks"));
            Assert.Equal([flow.IdOf("second")], Ids(open, "tasks"));
            JsonElement task = open.GetProperty("tasks").GetProperty("blocked").Items()[0];
            Assert.Equal("blocked", task.Text("state"));
            Assert.Contains(sender.Name, task.GetRawText(), StringComparison.Ordinal);
        }
        Assert.Null((await stranger.GetAsync($"/v1/teams/{team.Name}/open")).NotAProblem(403, 404));
    }

    private static async Task<JsonElement> OpenAsync(ApiClient caller, string team)
    {
        ApiAnswer answer = await caller.GetAsync($"/v1/teams/{team}/open");
        Assert.Equal(200, answer.Status);
        return answer.Json;
    }

    // A list alone, or an object that holds some, perhaps beside numbers.
    private static Guid[] Ids(JsonElement open, string name)
    {
        JsonElement list = open.GetProperty(name);
        JsonElement[] items = list.ValueKind == JsonValueKind.Array
            ? list.Items() : [.. list.EnumerateObject().Where(p => p.Value.ValueKind == JsonValueKind.Array).SelectMany(p => p.Value.Items())];
        return [.. items.Select(item => item.GetProperty("id").GetGuid())];
    }

    private static string Key(int number) => string.Create(CultureInfo.InvariantCulture, $"t{number:00}");

    /// <summary>The same ids, in whatever order.</summary>
    private static void AssertSame(IEnumerable<Guid> expected, IEnumerable<Guid> found) => Assert.Equal(expected.Order(), found.Order());
}
