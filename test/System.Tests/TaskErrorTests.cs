using System.Text;
using ShitOps.System.Tests.Fixtures;

namespace ShitOps.System.Tests;

/// <summary>Bad tasks and workflows get a clear problem, and nothing of them is stored.</summary>
public sealed class TaskErrorTests(SharedCluster source, ITestOutputHelper output) : ClusterTest(source, output)
{
    // What is wrong, the task ({to} is a team), the statuses that fit, a word the problem must name.
    private static readonly (string What, string Json, int[] Statuses, string? Names)[] Bad =
    [
        ("no title", """{"assignee":"{to}"}""", [400, 422], "title"),
        ("title empty", """{"title":"","assignee":"{to}"}""", [422], "title"),
        ("title a number", """{"title":5,"assignee":"{to}"}""", [400, 422], "title"),
        ("title too long", $$"""{"title":"{{new string('x', 513)}}","assignee":"{to}"}""", [422], "title"),
        ("no assignee", """{"title":"x"}""", [400, 422], "assignee"),
        ("assignee unknown", """{"title":"x","assignee":"nobody-here-at-all"}""", [422], "assignee"),
        ("assignee no name", """{"title":"x","assignee":"all of you"}""", [422], "assignee"),
        ("assignees many", """{"title":"x","assignee":"function:QA"}""", [422], "assignee"),
        ("due in the past", """{"title":"x","assignee":"{to}","dueAt":"2001-01-01T00:00:00Z"}""", [422], "dueAt"),
        ("due far ahead", """{"title":"x","assignee":"{to}","dueAt":"2999-01-01T00:00:00Z"}""", [422], "dueAt"),
        ("due no date", """{"title":"x","assignee":"{to}","dueAt":"soon"}""", [400, 422], "dueAt"),
        ("dependencies no list", """{"title":"x","assignee":"{to}","dependsOn":"y"}""", [400, 422], "dependsOn"),
        ("dependency no text", """{"title":"x","assignee":"{to}","dependsOn":[5]}""", [400, 422], "dependsOn"),
        ("dependency unknown", """{"title":"x","assignee":"{to}","dependsOn":["01980000-0000-7000-8000-000000000000"]}""", [422], "01980000-0000-7000-8000-000000000000"),
        ("failure rule unknown", """{"title":"x","assignee":"{to}","onDependencyFailure":"panic"}""", [422], "onDependencyFailure"),
        ("body too large", $$"""{"title":"x","assignee":"{to}","body":{{ApiClient.JsonTextOf(256 * 1024 + 1)}}}""", [413, 422], null),
        ("unknown field", """{"title":"x","assignee":"{to}","asignee":"y"}""", [422], "asignee"),
    ];

    [Fact]
    public async Task Every_bad_task_is_refused_alone_and_in_a_workflow_and_nothing_is_stored()
    {
        (ApiClient creator, ApiClient assignee) = await NewPairAsync();
        var wrong = new List<string>();
        foreach ((string what, string json, int[] statuses, string? names) in Bad)
        {
            string task = json.Replace("{to}", assignee.Name, StringComparison.Ordinal);
            string flow = $$"""{"name":"w","tasks":[{"key":"good","title":"g","assignee":"{{assignee.Name}}"},{"key":"bad",{{task[1..]}}]}""";
            foreach ((string path, string document) in ((string, string)[])[("/v1/tasks", task), ("/v1/workflows", flow)])
            {
                ApiAnswer answer = await creator.PostRawAsync(path, Encoding.UTF8.GetBytes(document), "application/json");
                if (answer.NotAProblem(statuses) is { } fault)
                    wrong.Add($"{path} {what}: {fault}");
                else if (names is not null && !answer.Text.Contains(names, StringComparison.Ordinal))
                    wrong.Add($"{path} {what}: the problem does not name {names}: {answer.Text}");
            }
        }
        Assert.Empty(wrong);
        Assert.Empty(await creator.TasksAsync());
        await AssertEmptyAsync(assignee);
    }

    [Fact]
    public async Task Every_bad_workflow_is_refused()
    {
        (ApiClient creator, ApiClient assignee) = await NewPairAsync();
        string Task(string key) => $$"""{"key":"{{key}}","title":"x","assignee":"{{assignee.Name}}"}""";
        foreach ((string json, int[] statuses, string? names) in ((string, int[], string?)[])
        [
            ("", [400], null), ("[]", [400, 422], null), ("""{"name":"w"}""", [400, 422], "tasks"), ("""{"name":"w","tasks":[]}""", [400, 422], "tasks"),
            ("""{"name":"w","tasks":{}}""", [400, 422], "tasks"), ("""{"name":"w","tasks":[7]}""", [400, 422], "tasks"),
            ($$"""{"name":"w","tasks":[{{Task("a")}},{{Task("a")}}]}""", [422], "key"), ($$"""{"name":"w","tasks":[{{Task("")}}]}""", [400, 422], "key"),
            ($$"""{"name":"w","tasks":[{{Task(new string('k', 65))}}]}""", [422], "key"), ($$"""{"name":7,"tasks":[{{Task("a")}}]}""", [400, 422], "name"),
            ($$"""{"name":"{{new string('n', 257)}}","tasks":[{{Task("a")}}]}""", [422], "name"), ($$"""{"nam":"w","tasks":[{{Task("a")}}]}""", [422], "nam"),
            ($$"""{"name":"w","tasks":[{"title":"x","assignee":"{{assignee.Name}}"}]}""", [400, 422], "key"),
        ])
        {
            ApiAnswer answer = await creator.PostRawAsync("/v1/workflows", Encoding.UTF8.GetBytes(json), "application/json");
            Assert.True(answer.NotAProblem(statuses) is null && (names is null || answer.Text.Contains(names, StringComparison.Ordinal)), $"{json}: {answer.Status} {answer.Text}");
        }
        Assert.Empty(await creator.TasksAsync());
        await AssertEmptyAsync(assignee);
    }

    [Fact]
    public async Task Bad_calls_on_tasks_are_refused_and_change_nothing()
    {
        (ApiClient creator, ApiClient assignee) = await NewPairAsync();
        TaskInfo task = await creator.CreateTaskAsync(assignee.Name, "stays ready");
        string unknown = Guid.CreateVersion7().ToString(), id = task.Id.ToString();
        foreach ((string method, string path, string? body, int[] statuses) in ((string, string, string?, int[])[])
        [
            ("GET", "/v1/tasks/no-id", null, [400, 404, 422]), ("GET", $"/v1/tasks/{unknown}", null, [404]), ("GET", $"/v1/tasks/{unknown}/trace", null, [404]),
            ("GET", $"/v1/workflows/{unknown}", null, [404]), ("POST", $"/v1/tasks/{unknown}/start", "{}", [404]),
            ("POST", $"/v1/tasks/{id}/finish", "{}", [404, 405]), ("POST", $"/v1/tasks/{id}/complete", """{"reslt":1}""", [422]),
            ("POST", $"/v1/tasks/{id}/complete", "[]", [400, 422]), ("POST", $"/v1/tasks/{id}/start", """{"result":1}""", [422]),
            ("POST", $"/v1/tasks/{id}/complete", $$"""{"result":{{ApiClient.JsonTextOf(256 * 1024 + 1)}}}""", [413, 422]),
            ("POST", $"/v1/tasks/{id}/reassign", "{}", [400, 422]), ("POST", $"/v1/tasks/{id}/reassign", """{"assignee":"nobody-here-at-all"}""", [422]),
            ("POST", $"/v1/tasks/{id}/cancel", $$"""{"reason":"{{new string('r', 513)}}"}""", [422]),
            ("GET", "/v1/tasks?state=asleep", null, [400, 422]), ("GET", "/v1/tasks?limit=0", null, [400, 422]), ("GET", "/v1/tasks?limit=1001", null, [400, 422]),
            ("GET", "/v1/tasks?workflow=x", null, [400, 422]), ("GET", "/v1/tasks?overdue=maybe", null, [400, 422]), ("GET", "/v1/tasks?after=nonsense", null, [400, 422]),
            ("GET", "/v1/tasks?sate=done", null, [400, 422]),
        ])
        {
            HttpContent? content = body is null ? null : ApiClient.BytesContent(Encoding.UTF8.GetBytes(body), "application/json");
            string? fault = (await assignee.CallAsync(new(method), path, content)).NotAProblem(statuses);
            Assert.True(fault is null, $"{method} {path}: {fault}");
        }
        Assert.Equal(("ready", assignee.Name), ((await creator.TaskAsync(task.Id)).State, (await creator.TaskAsync(task.Id)).Assignee));
    }
}
