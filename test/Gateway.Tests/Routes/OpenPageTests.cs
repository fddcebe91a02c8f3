using System.Net;
using System.Text.Json;
using ShitOps.Gateway.Tests.World;
using ShitOps.Grains;

namespace ShitOps.Gateway.Tests.Routes;

[Collection(nameof(GatewayCollection))]
public sealed class OpenPageTests(GatewayFixture gateway)
{
    private static readonly DateTimeOffset At = DateTimeOffset.UnixEpoch;

    private static TaskView Task(string title, TaskState state, bool overdue = false, DateTimeOffset? due = null, params TaskDependencyView[] on) => new()
    {
        Id = Guid.CreateVersion7(),
        Workflow = Guid.CreateVersion7(),
        Title = title,
        Creator = "c",
        Assignee = "a",
        State = state,
        DependsOn = on,
        DueAt = due,
        Overdue = overdue,
        CreatedAt = At,
        SealedBody = [1],
        SealedResult = [2],
    };

    private static TaskDependencyView On(string key, TaskState state) => new(Guid.CreateVersion7(), OnDependencyFailure.Fail, key, "t", "other", state);

    private static string[] Titles(JsonElement tasks) => [.. tasks.EnumerateArray().Select(t => t.GetProperty("title").GetString()!)];

    [Fact]
    public async Task All_open_ends_of_a_team_stand_on_one_page()
    {
        (string name, HttpClient team) = await gateway.TeamAsync();
        Guid message = Guid.CreateVersion7(), ask = Guid.CreateVersion7();
        gateway.World.Open[name] = new OpenWork
        {
            Messages = [new OpenMessage(message, "x", MessageKind.Notice, "s", At, 2)],
            Asks = [new OpenAsk(ask, "y", "ready?", At, At.AddDays(1))],
            Tasks =
            [
                Task("ready", TaskState.Ready), Task("started", TaskState.Started, overdue: true), Task("due", TaskState.Ready, due: At.AddDays(1)),
                Task("blocked", TaskState.Blocked, false, null, On("open", TaskState.Started), On("over", TaskState.Done)), Task("later", TaskState.Blocked, due: DateTimeOffset.MaxValue),
            ],
        };
        foreach (HttpClient may in new[] { team, gateway.Operator })
        {
            JsonElement page = await GatewayFixture.ReadAsync(await may.GetAsync($"/v1/teams/{name}/open?limit=5"));
            Assert.Equal(name, page.GetProperty("team").GetString());
            Assert.Equal(0, page.GetProperty("unacknowledged").GetProperty("waiting").GetInt32());
            JsonElement messages = page.GetProperty("messages");
            Assert.Equal((0, 0, JsonValueKind.Null), (messages.GetProperty("waiting").GetInt32(), messages.GetProperty("leased").GetInt32(), messages.GetProperty("oldest").ValueKind));
            JsonElement item = messages.GetProperty("items")[0];
            Assert.Equal((message, "notice", "s", 2), (item.GetProperty("id").GetGuid(), item.GetProperty("kind").GetString(), item.GetProperty("subject").GetString(), item.GetProperty("attempts").GetInt32()));
            Assert.Equal((ask, "1970-01-02T00:00:00Z"), (page.GetProperty("asks")[0].GetProperty("id").GetGuid(), page.GetProperty("asks")[0].GetProperty("deadline").GetString()));
            JsonElement tasks = page.GetProperty("tasks");
            Assert.Equal(["ready", "started", "due"], Titles(tasks.GetProperty("open")));
            Assert.Equal(["blocked", "later"], Titles(tasks.GetProperty("blocked")));
            Assert.Equal(["started", "due"], Titles(tasks.GetProperty("overdue")));
            JsonElement blocked = tasks.GetProperty("blocked")[0];
            JsonElement by = Assert.Single(blocked.GetProperty("blockedBy").EnumerateArray());
            Assert.Equal(("open", "t", "other", "started"), (by.GetProperty("key").GetString(), by.GetProperty("title").GetString(), by.GetProperty("assignee").GetString(), by.GetProperty("state").GetString()));
            Assert.Equal(blocked.GetProperty("dependsOn")[0].GetProperty("task").GetGuid(), by.GetProperty("id").GetGuid());
            Assert.False(blocked.TryGetProperty("body", out _) || blocked.TryGetProperty("result", out _));
        }
        Assert.Contains($"Open {name} 5", gateway.World.Calls);
    }

    [Fact]
    public async Task It_is_for_the_team_itself_and_for_operators()
    {
        (string name, _) = await gateway.TeamAsync();
        (_, HttpClient other) = await gateway.TeamAsync();
        await GatewayFixture.ProblemAsync(await other.GetAsync($"/v1/teams/{name}/open"), 404, "not_found");
        await GatewayFixture.ProblemAsync(await gateway.Security.GetAsync($"/v1/teams/{name}/open"), 403, "forbidden");
        await GatewayFixture.ProblemAsync(await gateway.Operator.GetAsync($"/v1/teams/{name}/open?limit=1001"), 422, "out_of_range");
        await GatewayFixture.ProblemAsync(await gateway.Operator.GetAsync("/v1/teams/nobody-here/open"), 404, "not_found");
        Assert.Equal(HttpStatusCode.OK, (await gateway.Operator.GetAsync($"/v1/teams/{name}/open")).StatusCode);
    }
}
