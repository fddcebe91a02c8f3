using System.Text.Json;

namespace ShitOps.Standalone.Story;

/// <summary>A release: build, then test and scan, then ship. Each task is done by its team when it becomes ready.</summary>
internal static class WorkflowScene
{
    public static async Task PlayAsync(Cast cast, Action<string> say, CancellationToken stop)
    {
        (string Key, Caller Team, string[] DependsOn, string Result)[] tasks =
        [
            ("build", cast.Web, [], "image 812"), ("test", cast.Qa, ["build"], "214 passed"),
            ("scan", cast.Ops, ["build"], "nothing found"), ("ship", cast.Platform, ["test", "scan"], "812 is live"),
        ];
        JsonElement created = await cast.Platform.PostAsync(
            "/v1/workflows",
            new { name = "release 812", tasks = tasks.Select(t => new { key = t.Key, title = t.Key, assignee = t.Team.Name, dependsOn = t.DependsOn }) }, stop);
        Guid workflow = created.Id();
        Dictionary<string, Guid> ids = created.GetProperty("tasks").EnumerateArray().ToDictionary(task => task.Text("key"), task => task.Id());
        say($"workflow {workflow}: release 812: {string.Join(", ", tasks.Select(t => t.DependsOn.Length == 0 ? t.Key : $"{t.Key} after {string.Join(" and ", t.DependsOn)}"))}");
        foreach ((string key, Caller team, _, string result) in tasks)
        {
            JsonElement ready = (await team.ReceiveAsync(message => message.Text("kind") == "task" && message.Id("task") == ids[key], stop)).GetProperty("body");
            await team.PostAsync($"/v1/tasks/{ids[key]}/start", new { }, stop);
            JsonElement done = await team.PostAsync($"/v1/tasks/{ids[key]}/complete", new { result }, stop);
            string[] given = [.. ready.GetProperty("results").EnumerateArray().Select(r => $"{r.Text("key")}: {r.GetProperty("result")}")];
            say($"task {key}: ready for {team.Name}{(given.Length == 0 ? "" : $" with {string.Join(", ", given)}")}; {done.Text("state")}: {result}");
        }
        JsonElement states = (await cast.Platform.GetAsync($"/v1/workflows/{workflow}", stop)).GetProperty("tasks");
        say($"workflow {workflow}: {string.Join(", ", states.EnumerateArray().Select(task => $"{task.Text("key")} {task.Text("state")}"))}");
    }
}
