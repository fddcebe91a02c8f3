using System.Text;
using System.Text.Json;
using ShitOps.Grains.Tasks;

namespace ShitOps.Grains.Tests.Tasks;

public sealed class TaskBodiesTests
{
    private static readonly DateTimeOffset Due = new(2026, 12, 1, 8, 0, 0, TimeSpan.Zero);
    private static readonly Guid Workflow = TestGraph.Id(9);

    private static WorkflowTask Of(string title = "Prüfen \"x\"", string? key = "test") => new(TestGraph.Id(1), key, title, "qa", Due, overdue: false);

    private static TaskResult Result(int number, string? json, bool omitted = false) =>
        new(TestGraph.Id(number), $"k{number}", "Bauen", TaskState.Done, json is null ? null : Encoding.UTF8.GetBytes(json), omitted);

    private static JsonElement Task(byte[]? body, TaskResult[] results, int room, int limit) =>
        JsonDocument.Parse(TaskBodies.Task(Of(), Workflow, body, bodyOmitted: false, results, room, limit)).RootElement;

    [Fact]
    public void A_task_comes_with_its_body_and_the_results_of_its_dependencies()
    {
        JsonElement json = Task("""{"a":[1,2]}"""u8.ToArray(), [Result(2, "[true]"), Result(3, null)], 1_000, 10_000);
        Assert.Equal(
            $$"""{"task":"{{TestGraph.Id(1)}}","workflow":"{{Workflow}}","key":"test","title":"Prüfen \"x\"","dueAt":"2026-12-01T08:00:00Z","body":{"a":[1,2]},"results":[{"task":"{{TestGraph.Id(2)}}","key":"k2","title":"Bauen","state":"done","result":[true]},{"task":"{{TestGraph.Id(3)}}","key":"k3","title":"Bauen","state":"done","result":null}]}""",
            json.GetRawText());
    }

    [Fact]
    public void Results_that_do_not_fit_are_left_out_and_smaller_ones_after_them_are_not()
    {
        JsonElement[] results = [.. Task(null, [Result(2, "123456"), Result(3, "[1,2,3,4,5]"), Result(4, "12"), Result(5, null, omitted: true)], 10, 10_000).GetProperty("results").EnumerateArray()];
        Assert.Equal([false, true, false, true], results.Select(r => r.TryGetProperty("omitted", out JsonElement omitted) && omitted.GetBoolean()));
        Assert.Equal(["123456", "null", "12", "null"], results.Select(r => r.GetProperty("result").GetRawText()));
    }

    [Fact]
    public void Dependencies_that_cannot_be_named_within_the_limit_are_counted()
    {
        JsonElement json = Task(null, [.. Enumerable.Range(2, 1_000).Select(i => Result(i, null))], 0, 20_000);
        int named = json.GetProperty("results").GetArrayLength();
        Assert.InRange(named, 50, 999);
        Assert.Equal(1_000 - named, json.GetProperty("resultsOmitted").GetInt32());
        Assert.True(json.GetRawText().Length <= 20_000);
    }

    [Fact]
    public void A_notice_tells_what_happened_to_which_task()
    {
        JsonElement json = JsonDocument.Parse(TaskBodies.Notice("cancelled", Of(key: null), Workflow, "qa", "no longer needed")).RootElement;
        Assert.Equal(["notice", "task", "workflow", "key", "title", "dueAt", "assignee", "reason"], json.EnumerateObject().Select(p => p.Name));
        Assert.Equal(("cancelled", JsonValueKind.Null, "qa", "no longer needed"),
            (json.GetProperty("notice").GetString(), json.GetProperty("key").ValueKind, json.GetProperty("assignee").GetString(), json.GetProperty("reason").GetString()));
    }
}
