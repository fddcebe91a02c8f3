using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using ShitOps.Gateway.RateLimits;
using ShitOps.Gateway.Tests.World;
using ShitOps.Grains;

namespace ShitOps.Gateway.Tests.Routes;

[Collection(nameof(GatewayCollection))]
public sealed class TaskTests(GatewayFixture gateway)
{
    private static string Task(string assignee, string more = "") => $$"""{"title":"test it","assignee":"{{assignee}}"{{more}}}""";

    private static async Task<HttpResponseMessage> PostAsync(HttpClient team, string path, string json, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = GatewayFixture.Json(json) };
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        return await team.SendAsync(request);
    }

    private static async Task<JsonElement> CreatedAsync(HttpClient team, string path, string json)
    {
        using HttpResponseMessage response = await PostAsync(team, path, json);
        Assert.True(response.StatusCode == HttpStatusCode.Created, await response.Content.ReadAsStringAsync());
        return await GatewayFixture.ReadAsync(response);
    }

    private static Task<HttpResponseMessage> ActAsync(HttpClient team, Guid task, string verb, string? body = null) =>
        team.PostAsync($"/v1/tasks/{task}/{verb}", body is null ? null : GatewayFixture.Json(body));

    [Fact]
    public async Task A_task_is_created_sealed_and_answered_as_it_stands()
    {
        (string creator, HttpClient team) = await gateway.TeamAsync();
        (string assignee, _) = await gateway.TeamAsync();
        Guid on = Guid.CreateVersion7();
        using HttpResponseMessage response = await PostAsync(team, "/v1/tasks",
            Task(assignee, $$""","body":{"secret": 1.50},"dependsOn":[{"task":"{{on}}"}],"onDependencyFailure":"ignore","dueAt":"{{TimeProvider.System.GetUtcNow().AddDays(9):O}}" """));
        string text = await response.Content.ReadAsStringAsync();
        JsonElement task = JsonDocument.Parse(text).RootElement;
        Guid id = task.GetProperty("id").GetGuid();
        Assert.Equal((HttpStatusCode.Created, $"/v1/tasks/{id}"), (response.StatusCode, response.Headers.Location?.ToString()));
        Assert.Contains("\"body\":{\"secret\": 1.50}", text, StringComparison.Ordinal);
        Assert.Equal((id, creator, assignee, "blocked"), (task.GetProperty("workflow").GetGuid(), task.GetProperty("creator").GetString(), task.GetProperty("assignee").GetString(), task.GetProperty("state").GetString()));
        Assert.Equal((on, "ignore"), (task.GetProperty("dependsOn")[0].GetProperty("task").GetGuid(), task.GetProperty("dependsOn")[0].GetProperty("onDependencyFailure").GetString()));
        NewWorkflow sent = gateway.World.Creates.Single(w => w.Id == id);
        Assert.Equal((null, creator, id, 16), (sent.Name, sent.Creator, sent.Tasks.Single().Id, sent.Tasks[0].Size));
        Assert.DoesNotContain("secret", Encoding.UTF8.GetString(sent.Tasks[0].SealedBody!), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_workflow_is_created_with_its_ids_by_key_and_its_progress()
    {
        (_, HttpClient team) = await gateway.TeamAsync();
        (string qa, _) = await gateway.TeamAsync();
        JsonElement workflow = await CreatedAsync(team, "/v1/workflows", $$"""
            {"name":"release","tasks":[{"key":"build","title":"b","assignee":"{{qa}}","body":1},
             {"key":"test","title":"t","assignee":"{{qa}}","dependsOn":["build",{"task":"lint","onDependencyFailure":"ignore"}]},{"key":"lint","title":"l","assignee":"{{qa}}"}]}
            """);
        Guid Id(string key) => workflow.GetProperty("ids").GetProperty(key).GetGuid();
        NewWorkflow sent = gateway.World.Creates.Single(w => w.Id == workflow.GetProperty("id").GetGuid());
        Assert.Equal([Id("build"), Id("test"), Id("lint")], sent.Tasks.Select(t => t.Id));
        Assert.Equal([new(Id("build"), OnDependencyFailure.Fail), new(Id("lint"), OnDependencyFailure.Ignore)], sent.Tasks[1].DependsOn);
        Assert.Equal("""{"total":3,"blocked":1,"ready":2,"started":0,"done":0,"failed":0,"cancelled":0,"overdue":0}""", workflow.GetProperty("progress").GetRawText());
        Assert.Equal(["build", "test", "lint"], workflow.GetProperty("tasks").EnumerateArray().Select(t => t.GetProperty("key").GetString()));
        Assert.False(workflow.GetProperty("tasks")[0].TryGetProperty("body", out _));
    }

    [Theory]
    [InlineData("/v1/tasks", "")]
    [InlineData("/v1/workflows", "/tasks/0")]
    public async Task The_same_key_gives_the_same_answer_and_another_request_a_conflict(string path, string at)
    {
        (_, HttpClient team) = await gateway.TeamAsync();
        (string assignee, _) = await gateway.TeamAsync();
        string Request(string more) => path == "/v1/tasks" ? Task(assignee, more) : $$"""{"name":"w","tasks":[{"key":"k",{{Task(assignee, more)[1..]}},{"key":"l","title":"t","assignee":"{{assignee}}","dependsOn":["k"]}]}""";
        string first = await (await PostAsync(team, path, Request(""), "task-1")).Content.ReadAsStringAsync();
        using HttpResponseMessage again = await PostAsync(team, path, Request(""), "task-1");
        Assert.Equal((HttpStatusCode.Created, first), (again.StatusCode, await again.Content.ReadAsStringAsync()));
        await GatewayFixture.ProblemAsync(await PostAsync(team, path, Request(""","onDependencyFailure":"ignore","body":1"""), "task-1"), 409, "idempotency_key_reused");
        Assert.NotEqual(first, await (await PostAsync(team, path, Request(""))).Content.ReadAsStringAsync());
        JsonElement problem = await GatewayFixture.ProblemAsync(await PostAsync(team, path, Request(""","dependsOn":["x"]""")), 422, "unknown_dependency");
        Assert.Equal($"{at}/dependsOn/0", problem.GetProperty("errors")[0].GetProperty("pointer").GetString());
        await GatewayFixture.ProblemAsync(await PostAsync(team, path, Request(""), "a b"), 400, "bad_idempotency_key");
    }

    [Fact]
    public async Task What_the_workflow_finds_wrong_is_told_with_its_place()
    {
        (_, HttpClient team) = await gateway.TeamAsync();
        (string assignee, _) = await gateway.TeamAsync();
        string two = $$"""{"name":"w","tasks":[{"key":"a","title":"t","assignee":"{{assignee}}"},{"key":"b","title":"t","assignee":"{{assignee}}"}]}""";
        CreateWorkflowReply Reply(CreateWorkflowStatus status, params TaskFault[] faults) => new(status, faults, null);
        gateway.World.NextCreates.Enqueue(() => Reply(CreateWorkflowStatus.Invalid, new TaskFault(1, "dependsOn", "cycle", "a → b → a")));
        JsonElement cycle = await GatewayFixture.ProblemAsync(await PostAsync(team, "/v1/workflows", two), 422, "cycle");
        Assert.Equal(("/tasks/1/dependsOn", "a → b → a"), (cycle.GetProperty("errors")[0].GetProperty("pointer").GetString(), cycle.GetProperty("detail").GetString()));
        gateway.World.NextCreates.Enqueue(() => Reply(CreateWorkflowStatus.Invalid, new TaskFault(-1, "tasks", "x", "d"), new TaskFault(0, "", "y", "d")));
        JsonElement many = await GatewayFixture.ProblemAsync(await PostAsync(team, "/v1/workflows", two), 422, "invalid_request");
        Assert.Equal(["/tasks", "/tasks/0"], many.GetProperty("errors").EnumerateArray().Select(e => e.GetProperty("pointer").GetString()));
        gateway.World.NextCreates.Enqueue(() => Reply(CreateWorkflowStatus.Invalid, new TaskFault(0, "dependsOn", "unknown_dependency", "d")));
        JsonElement single = await GatewayFixture.ProblemAsync(await PostAsync(team, "/v1/tasks", Task(assignee)), 422, "unknown_dependency");
        Assert.Equal("/dependsOn", single.GetProperty("errors")[0].GetProperty("pointer").GetString());
        gateway.World.NextCreates.Enqueue(() => Reply(CreateWorkflowStatus.Infected, new TaskFault(1, "body", "infected", "Eicar-Test")));
        JsonElement infected = await GatewayFixture.ProblemAsync(await PostAsync(team, "/v1/workflows", two), 422, "infected");
        Assert.Equal("/tasks/1/body", infected.GetProperty("errors")[0].GetProperty("pointer").GetString());
        gateway.World.NextCreates.Enqueue(() => Reply(CreateWorkflowStatus.ScannerUnavailable));
        using HttpResponseMessage away = await PostAsync(team, "/v1/tasks", Task(assignee));
        await GatewayFixture.ProblemAsync(away, 503, "scanner_unavailable");
        Assert.NotNull(away.Headers.RetryAfter);
    }

    [Fact]
    public async Task What_makes_no_sense_never_reaches_the_cluster()
    {
        (string own, HttpClient team) = await gateway.TeamAsync();
        await GatewayFixture.ProblemAsync(await PostAsync(team, "/v1/tasks", Task("nobody-here")), 422, "unknown_team");
        await GatewayFixture.ProblemAsync(await PostAsync(team, "/v1/tasks", "{}"), 422, "required");
        await GatewayFixture.ProblemAsync(await PostAsync(team, "/v1/tasks", "{"), 400, "malformed_json");
        await GatewayFixture.ProblemAsync(await PostAsync(team, "/v1/tasks", $"\"{new string('x', Limits.RequestBytes)}\""), 413, "too_large");
        await GatewayFixture.ProblemAsync(await PostAsync(team, "/v1/workflows", $"\"{new string('x', Limits.WorkflowBytes)}\""), 413, "too_large");
        using var text = new StringContent("{}", Encoding.UTF8, "text/plain");
        await GatewayFixture.ProblemAsync(await team.PostAsync("/v1/workflows", text), 415, "unsupported_media_type");
        Assert.DoesNotContain(gateway.World.Creates, w => w.Creator == own);
    }

    [Fact]
    public async Task A_team_that_joined_through_another_gateway_can_be_given_a_task_at_once()
    {
        (_, HttpClient team) = await gateway.TeamAsync();
        string name = $"late-{Guid.NewGuid():N}"[..20];
        gateway.World.Put(name, "QA", 1);
        await CreatedAsync(team, "/v1/tasks", Task(name));
    }

    [Fact]
    public async Task Ten_thousand_tasks_are_one_call()
    {
        (string own, HttpClient team) = await gateway.TeamAsync();
        JsonElement workflow = await CreatedAsync(team, "/v1/workflows",
            $$"""{"name":"w","tasks":[{{string.Join(',', Enumerable.Range(0, Limits.WorkflowTasks).Select(i => $$"""{"key":"k{{i}}","title":"t","assignee":"{{own}}","body":{{i}}{{(i > 0 ? $",\"dependsOn\":[\"k{i - 1}\"]" : "")}}}"""))}}]}""");
        Assert.Equal(Limits.WorkflowTasks, workflow.GetProperty("progress").GetProperty("total").GetInt32());
        Assert.Single(gateway.World.Creates, w => w.Creator == own);
    }

    [Fact]
    public async Task A_creation_whose_answer_was_lost_is_sent_again_under_the_same_ids()
    {
        (string own, HttpClient team) = await gateway.TeamAsync();
        gateway.World.NextCreates.Enqueue(() => throw new SiloUnavailableException("died"));
        await CreatedAsync(team, "/v1/tasks", Task(own));
        Assert.Single(gateway.World.Creates.Where(w => w.Creator == own).Select(w => w.Id).Distinct());
        Assert.Equal(2, gateway.World.Creates.Count(w => w.Creator == own));
    }

    /// <summary>Whether it stands already is known to its grain alone, which also tells a first one that it comes too late.</summary>
    [Fact]
    public async Task A_due_time_that_has_come_is_left_to_the_grain_if_the_creation_may_be_a_repeat()
    {
        (string own, HttpClient team) = await gateway.TeamAsync();
        const string past = ""","dueAt":"2001-01-01T00:00:00Z" """;
        await GatewayFixture.ProblemAsync(await team.PostAsync("/v1/tasks", GatewayFixture.Json(Task(own, past))), 422, "in_past");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/tasks") { Content = GatewayFixture.Json(Task(own, past)) };
        request.Headers.Add("Idempotency-Key", "due");
        Assert.Equal(HttpStatusCode.Created, (await team.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task A_task_goes_from_ready_to_done_and_its_content_is_for_creator_and_assignee_alone()
    {
        (string creator, HttpClient team) = await gateway.TeamAsync();
        (string assignee, HttpClient worker) = await gateway.TeamAsync();
        (_, HttpClient stranger) = await gateway.TeamAsync();
        Guid id = (await CreatedAsync(team, "/v1/tasks", Task(assignee, ""","body":{"do": "it"}"""))).GetProperty("id").GetGuid();
        Assert.Equal("started", (await GatewayFixture.ReadAsync(await ActAsync(worker, id, "start"))).GetProperty("state").GetString());
        using HttpResponseMessage done = await ActAsync(worker, id, "complete", """{"result":{"passed": 12},"reason":"all green"}""");
        Assert.Contains("\"result\":{\"passed\": 12}", await done.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        TaskCommand command = gateway.World.Commands.Last(c => c.Task == id);
        Assert.Equal((assignee, $"team:{assignee}", "all green", 14), (command.Caller, command.Actor, command.Reason, command.ResultSize));
        Assert.DoesNotContain("passed", Encoding.UTF8.GetString(command.SealedResult!), StringComparison.Ordinal);
        foreach (HttpClient may in new[] { team, worker })
        {
            string seen = await may.GetStringAsync($"/v1/tasks/{id}");
            Assert.Contains("\"body\":{\"do\": \"it\"},\"result\":{\"passed\": 12}", seen, StringComparison.Ordinal);
        }
        JsonElement metadata = await GatewayFixture.ReadAsync(await gateway.Operator.GetAsync($"/v1/tasks/{id}"));
        Assert.Equal(("done", creator), (metadata.GetProperty("state").GetString(), metadata.GetProperty("creator").GetString()));
        Assert.False(metadata.TryGetProperty("body", out _) || metadata.TryGetProperty("result", out _));
        foreach (string path in new[] { "", "/trace" })
            await GatewayFixture.ProblemAsync(await stranger.GetAsync($"/v1/tasks/{id}{path}"), 404, "not_found");
        await GatewayFixture.ProblemAsync(await ActAsync(stranger, id, "start"), 404, "not_found");
        await GatewayFixture.ProblemAsync(await stranger.GetAsync($"/v1/workflows/{id}"), 404, "not_found");
        await GatewayFixture.ProblemAsync(await gateway.Security.GetAsync($"/v1/tasks/{id}"), 403, "forbidden");
    }

    [Fact]
    public async Task Participants_of_a_workflow_know_its_tasks_but_neither_act_on_them_nor_read_them()
    {
        (_, HttpClient team) = await gateway.TeamAsync();
        (string one, HttpClient first) = await gateway.TeamAsync();
        (string two, HttpClient second) = await gateway.TeamAsync();
        JsonElement workflow = await CreatedAsync(team, "/v1/workflows",
            $$"""{"name":"w","tasks":[{"key":"a","title":"t","assignee":"{{one}}","body":"secret"},{"key":"b","title":"t","assignee":"{{two}}","dependsOn":["a"]}]}""");
        Guid id = workflow.GetProperty("ids").GetProperty("a").GetGuid();
        JsonElement seen = await GatewayFixture.ReadAsync(await second.GetAsync($"/v1/tasks/{id}"));
        Assert.Equal("ready", seen.GetProperty("state").GetString());
        Assert.False(seen.TryGetProperty("body", out _));
        JsonElement trace = await GatewayFixture.ReadAsync(await second.GetAsync($"/v1/tasks/{id}/trace"));
        Assert.Equal(JsonValueKind.Null, trace.GetProperty("events")[0].GetProperty("sha256").ValueKind);
        trace = await GatewayFixture.ReadAsync(await first.GetAsync($"/v1/tasks/{id}/trace"));
        Assert.Equal(("ab", id), (trace.GetProperty("events")[0].GetProperty("sha256").GetString(), trace.GetProperty("events")[0].GetProperty("reference").GetGuid()));
        foreach (string verb in new[] { "start", "complete", "fail", "cancel" })
            await GatewayFixture.ProblemAsync(await ActAsync(second, id, verb), 403, "not_allowed");
        foreach (HttpClient may in new[] { team, first, second, gateway.Operator })
            Assert.Equal(2, (await GatewayFixture.ReadAsync(await may.GetAsync($"/v1/workflows/{workflow.GetProperty("id").GetGuid()}"))).GetProperty("tasks").GetArrayLength());
        await GatewayFixture.ProblemAsync(await team.GetAsync($"/v1/workflows/{Guid.NewGuid()}"), 404, "not_found");
    }

    [Fact]
    public async Task A_wrong_transition_tells_the_state()
    {
        (string own, HttpClient team) = await gateway.TeamAsync();
        Guid id = (await CreatedAsync(team, "/v1/tasks", Task(own))).GetProperty("id").GetGuid();
        Assert.Equal("failed", (await GatewayFixture.ReadAsync(await ActAsync(team, id, "fail", """{"reason":"broken"}"""))).GetProperty("state").GetString());
        foreach (string verb in new[] { "start", "complete", "fail", "cancel" })
        {
            JsonElement problem = await GatewayFixture.ProblemAsync(await ActAsync(team, id, verb), 409, "wrong_transition");
            Assert.Equal("failed", problem.GetProperty("state").GetString());
            Assert.Contains("failed", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Operators_cancel_and_reassign_and_do_nothing_else()
    {
        (_, HttpClient team) = await gateway.TeamAsync();
        (string assignee, _) = await gateway.TeamAsync();
        (string other, HttpClient next) = await gateway.TeamAsync();
        Guid id = (await CreatedAsync(team, "/v1/tasks", Task(assignee, ""","body":"secret" """))).GetProperty("id").GetGuid();
        foreach (string verb in new[] { "start", "complete", "fail" })
            await GatewayFixture.ProblemAsync(await ActAsync(gateway.Operator, id, verb), 403, "forbidden");
        JsonElement moved = await GatewayFixture.ReadAsync(await ActAsync(gateway.Operator, id, "reassign", $$"""{"assignee":"{{other}}"}"""));
        Assert.Equal(other, moved.GetProperty("assignee").GetString());
        Assert.False(moved.TryGetProperty("body", out _));
        Assert.Equal("secret", (await GatewayFixture.ReadAsync(await next.GetAsync($"/v1/tasks/{id}"))).GetProperty("body").GetString());
        TaskCommand command = gateway.World.Commands.Last(c => c.Task == id);
        Assert.Null(command.Caller);
        Assert.StartsWith("operator:", command.Actor, StringComparison.Ordinal);
        Assert.Equal("cancelled", (await GatewayFixture.ReadAsync(await ActAsync(gateway.Operator, id, "cancel", """{"reason":"not needed"}"""))).GetProperty("state").GetString());
    }

    [Theory]
    [InlineData("start", """{"result":1}""", 422, "unknown_field")]
    [InlineData("complete", """{"results":1}""", 422, "unknown_field")]
    [InlineData("complete", """{"result":"\ud800"}""", 422, "invalid_text")]
    [InlineData("fail", """{"reason":""}""", 422, "bad_length")]
    [InlineData("fail", "[]", 400, "malformed_json")]
    [InlineData("cancel", """{"result":1}""", 422, "unknown_field")]
    [InlineData("reassign", "{}", 422, "required")]
    [InlineData("reassign", """{"assignee":"A B"}""", 422, "bad_name")]
    [InlineData("reassign", """{"assignee":"nobody-here"}""", 422, "unknown_team")]
    [InlineData("reassign", "", 400, "malformed_json")]
    public async Task An_action_that_makes_no_sense_is_refused(string verb, string body, int status, string code)
    {
        (string own, HttpClient team) = await gateway.TeamAsync();
        Guid id = (await CreatedAsync(team, "/v1/tasks", Task(own))).GetProperty("id").GetGuid();
        await GatewayFixture.ProblemAsync(await ActAsync(team, id, verb, body), status, code);
        Assert.Equal(TaskState.Ready, gateway.World.Workflows[id].View.Tasks[0].State);
    }

    [Fact]
    public async Task A_result_is_bounded_and_what_is_not_JSON_by_its_type_is_refused()
    {
        (string own, HttpClient team) = await gateway.TeamAsync();
        Guid id = (await CreatedAsync(team, "/v1/tasks", Task(own))).GetProperty("id").GetGuid();
        await GatewayFixture.ProblemAsync(await ActAsync(team, id, "complete", $$"""{"result":"{{new string('x', Limits.BodyBytes - 1)}}"}"""), 413, "result_too_large");
        using var text = new StringContent("done", Encoding.UTF8, "text/plain");
        await GatewayFixture.ProblemAsync(await team.PostAsync($"/v1/tasks/{id}/complete", text), 415, "unsupported_media_type");
        Assert.Equal(HttpStatusCode.OK, (await ActAsync(team, id, "complete", """{"result":null}""")).StatusCode);
        Assert.Null(gateway.World.Commands.Last(c => c.Task == id).SealedResult);
    }

    [Theory]
    [InlineData(TaskActStatus.Infected, 422, "infected")]
    [InlineData(TaskActStatus.ScannerUnavailable, 503, "scanner_unavailable")]
    [InlineData(TaskActStatus.NotFound, 404, "not_found")]
    public async Task What_the_workflow_refuses_is_a_problem(TaskActStatus status, int code, string word)
    {
        (string own, HttpClient team) = await gateway.TeamAsync();
        Guid id = (await CreatedAsync(team, "/v1/tasks", Task(own))).GetProperty("id").GetGuid();
        gateway.World.NextActs.Enqueue(() => new TaskActReply(status, null));
        await GatewayFixture.ProblemAsync(await ActAsync(team, id, "complete", """{"result":1}"""), code, word);
    }

    [Fact]
    public async Task An_action_whose_answer_was_lost_is_answered_as_done()
    {
        (string own, HttpClient team) = await gateway.TeamAsync();
        Guid id = (await CreatedAsync(team, "/v1/tasks", Task(own))).GetProperty("id").GetGuid();
        gateway.World.NextActs.Enqueue(() =>
        {
            (NewWorkflow asked, WorkflowView view) = gateway.World.Workflows[id];
            gateway.World.Workflows[id] = (asked, view with { Tasks = [view.Tasks[0] with { State = TaskState.Started }] });
            throw new SiloUnavailableException("died after it was stored");
        });
        using HttpResponseMessage response = await ActAsync(team, id, "start");
        Assert.Equal((HttpStatusCode.OK, "started"), (response.StatusCode, (await GatewayFixture.ReadAsync(response)).GetProperty("state").GetString()));
    }

    [Fact]
    public async Task A_task_that_was_given_away_in_a_lost_call_is_answered_as_given_away_and_nothing_else_is()
    {
        (string creator, HttpClient team) = await gateway.TeamAsync();
        (string worker, HttpClient first) = await gateway.TeamAsync();
        Guid id = (await CreatedAsync(team, "/v1/tasks", Task(worker))).GetProperty("id").GetGuid();
        void Lose(TaskActStatus then, Func<TaskView, TaskView> change)
        {
            gateway.World.NextActs.Enqueue(() =>
            {
                (NewWorkflow asked, WorkflowView view) = gateway.World.Workflows[id];
                gateway.World.Workflows[id] = (asked, view with { Tasks = [change(view.Tasks[0])] });
                throw new SiloUnavailableException("died after it was stored");
            });
            gateway.World.NextActs.Enqueue(() => new TaskActReply(then, null));
        }
        Lose(TaskActStatus.NotAllowed, task => task with { Assignee = creator });
        Assert.Equal(creator, (await GatewayFixture.ReadAsync(await ActAsync(first, id, "reassign", $$"""{"assignee":"{{creator}}"}"""))).GetProperty("assignee").GetString());
        await GatewayFixture.ProblemAsync(await first.GetAsync($"/v1/tasks/{id}"), 404, "not_found");
        Lose(TaskActStatus.NotAllowed, task => task with { Assignee = worker });
        Assert.Equal(worker, (await GatewayFixture.ReadAsync(await ActAsync(team, id, "reassign", $$"""{"assignee":"{{worker}}"}"""))).GetProperty("assignee").GetString());
        Lose(TaskActStatus.NotAllowed, task => task with { State = TaskState.Started });
        await GatewayFixture.ProblemAsync(await ActAsync(team, id, "start"), 403, "not_allowed");
    }

    [Fact]
    public async Task Posts_and_actions_count_against_the_teams_rate()
    {
        (string name, HttpClient team) = await gateway.TeamAsync();
        Guid id = (await CreatedAsync(team, "/v1/tasks", Task(name))).GetProperty("id").GetGuid();
        GatewayOptions options = gateway.Services.GetRequiredService<IOptions<GatewayOptions>>().Value;
        TeamRates rates = gateway.Services.GetRequiredService<TeamRates>();
        int usual = options.MessagesPerSecond;
        options.MessagesPerSecond = 1;
        try
        {
            foreach (string path in new[] { "/v1/asks", $"/v1/asks/{id}/reply", "/v1/tasks", "/v1/workflows", $"/v1/tasks/{id}/start", $"/v1/tasks/{id}/cancel" })
            {
                rates.Take(name, 100, out _);
                using HttpResponseMessage response = await team.PostAsync(path, GatewayFixture.Json("{}"));
                await GatewayFixture.ProblemAsync(response, 429, "rate_limited");
                Assert.NotNull(response.Headers.RetryAfter);
            }
            Assert.Equal("ready", (await GatewayFixture.ReadAsync(await team.GetAsync($"/v1/tasks/{id}"))).GetProperty("state").GetString());
        }
        finally
        {
            options.MessagesPerSecond = usual;
        }
    }

    [Fact]
    public async Task Workflows_and_actions_are_counted()
    {
        async Task<long> ReadAsync(string counter) => long.Parse(
            (await gateway.Operator.GetStringAsync("/metrics")).Split('\n').Single(l => l.StartsWith($"shitops_gateway_{counter}_total ", StringComparison.Ordinal)).Split(' ')[1],
            System.Globalization.CultureInfo.InvariantCulture);
        (string name, HttpClient team) = await gateway.TeamAsync();
        (long workflows, long actions) = (await ReadAsync("workflows_created"), await ReadAsync("task_actions"));
        Guid id = (await CreatedAsync(team, "/v1/tasks", Task(name))).GetProperty("id").GetGuid();
        await ActAsync(team, id, "start");
        await ActAsync(team, id, "start");
        Assert.Equal((workflows + 1, actions + 1), (await ReadAsync("workflows_created"), await ReadAsync("task_actions")));
        Assert.True(await ReadAsync("asks_accepted") >= 0 && await ReadAsync("replies_taken") >= 0);
    }

    [Fact]
    public async Task Lists_are_filtered_and_a_team_sees_what_it_created_or_is_to_do()
    {
        (string creator, HttpClient team) = await gateway.TeamAsync();
        (string assignee, HttpClient worker) = await gateway.TeamAsync();
        (_, HttpClient stranger) = await gateway.TeamAsync();
        Guid id = (await CreatedAsync(team, "/v1/tasks", Task(assignee, ""","body":"secret" """))).GetProperty("id").GetGuid();
        await CreatedAsync(team, "/v1/tasks", Task(creator));
        async Task<int> CountAsync(HttpClient caller, string query = "") =>
            (await GatewayFixture.ReadAsync(await caller.GetAsync($"/v1/tasks{query}"))).GetProperty("tasks").GetArrayLength();
        Assert.Equal((2, 1, 0), (await CountAsync(team), await CountAsync(worker), await CountAsync(stranger)));
        Assert.Equal((1, 1, 0), (await CountAsync(team, $"?team={assignee}"), await CountAsync(gateway.Operator, $"?team={assignee}"), await CountAsync(stranger, $"?team={assignee}")));
        Assert.Equal((2, 0), (await CountAsync(team, "?state=ready"), await CountAsync(team, "?state=done")));
        Assert.Equal((1, 0), (await CountAsync(team, $"?workflow={id}"), await CountAsync(team, "?overdue=true")));
        JsonElement page = await GatewayFixture.ReadAsync(await team.GetAsync("/v1/tasks?limit=1"));
        Assert.Equal("more", page.GetProperty("next").GetString());
        Assert.False(page.GetProperty("tasks")[0].TryGetProperty("body", out _));
        Assert.Contains($"List {creator} {assignee} Started {id} True 7", await CallsAsync(team, $"?team={assignee}&state=started&workflow={id}&overdue=true&limit=7"));
        await GatewayFixture.ProblemAsync(await team.GetAsync("/v1/tasks?state=open"), 422, "unknown_value");
        await GatewayFixture.ProblemAsync(await team.GetAsync("/v1/tasks?workflow=7"), 422, "bad_id");
        await GatewayFixture.ProblemAsync(await team.GetAsync("/v1/tasks?assignee=x"), 422, "unknown_parameter");
        await GatewayFixture.ProblemAsync(await team.GetAsync("/v1/tasks?after=nonsense"), 422, "bad_cursor");
    }

    private async Task<IEnumerable<string>> CallsAsync(HttpClient team, string query)
    {
        Assert.Equal(HttpStatusCode.OK, (await team.GetAsync($"/v1/tasks{query}")).StatusCode);
        return gateway.World.Calls;
    }
}
