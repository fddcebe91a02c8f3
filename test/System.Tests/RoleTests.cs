using System.Globalization;
using System.Text;
using System.Text.Json;
using ShitOps.System.Tests.Fixtures;

namespace ShitOps.System.Tests;

/// <summary>Every role on every route.</summary>
public sealed class RoleTests(SharedCluster source, ITestOutputHelper output) : ClusterTest(source, output)
{
    // What a caller gets: its status, or "no" for 403 or 404: not its business.
    // Columns: the team concerned (as recipient, or itself), another team, operator, security. Without a key, or with a
    // wrong one, every line is 401, unless the route is open.
    private static readonly (string Route, string? Body, string Team, string Other, string Operator, string Security)[] Table =
    [
        ("PUT /v1/teams/{new}", """{"function":"QA"}""", "no", "no", "201", "no"),
        ("GET /v1/teams", null, "no", "no", "200", "no"),
        ("GET /v1/teams/{team}", null, "*", "no", "200", "no"),
        ("DELETE /v1/teams/{team}", null, "no", "no", "409", "no"),
        ("POST /v1/teams/{team}/keys", "{}", "no", "no", "201", "no"),
        ("DELETE /v1/teams/{team}/keys/{unknown}", null, "no", "no", "404", "no"),
        ("GET /v1/teams/{team}/open", null, "200", "no", "200", "no"),
        ("PUT /v1/teams/{team}/webhook", """{"url":"https://hooks.invalid/in"}""", "201", "no", "no403", "no403"),
        ("GET /v1/teams/{team}/webhook", null, "404", "no", "404", "no403"),
        ("GET /v1/teams/{sender}/webhook", null, "no", "no", "404", "no403"),
        ("DELETE /v1/teams/{team}/webhook", null, "404", "no", "404", "no403"),
        ("POST /v1/teams/{team}/webhook/test", "{}", "404", "no", "no403", "no403"),
        ("GET /v1/tree", null, "no", "no", "200", "no"),
        ("POST /v1/tree/rebalance?dryRun=true", null, "no", "no", "200", "no"),
        ("POST /v1/messages", """{"to":"{sender}","body":1}""", "202", "202", "no", "no"),
        ("GET /v1/messages", null, "200", "200", "200", "no"),
        ("GET /v1/messages?team={team}&direction=received", null, "200", "no", "200", "no"),
        ("GET /v1/messages/{message}", null, "200", "no", "200", "no"),
        ("GET /v1/messages/{message}/trace", null, "200", "no", "200", "no"),
        ("DELETE /v1/messages/{message}", null, "no", "no", "no", "no"),
        ("PUT /v1/attachments", "some bytes", "201", "201", "no", "no"),
        ("GET /v1/attachments/{attachment}", null, "200", "no", "no", "no"),
        ("GET /v1/inbox?wait=0&lease=1", null, "200", "200", "no", "no"),
        ("POST /v1/inbox/ack", """{"deliveries":["{unknown}"]}""", "200", "200", "no", "no"),
        ("POST /v1/inbox/nack", """{"deliveries":["{unknown}"],"delay":1}""", "200", "200", "no", "no"),
        ("POST /v1/inbox/extend", """{"deliveries":["{unknown}"],"lease":1}""", "200", "200", "no", "no"),
        ("GET /v1/inbox/stream", null, "stream", "stream", "no", "no"),
        ("GET /v1/quarantine", null, "no", "no", "200", "200"),
        ("GET /v1/quarantine/{entry}", null, "no", "no", "200", "200"),
        ("POST /v1/quarantine/{unknown}/release", """{"reason":"test"}""", "no", "no", "no403", "404"),
        ("POST /v1/quarantine/{unknown}/purge", """{"reason":"test"}""", "no", "no", "no403", "404"),
        ("GET /v1/dead-letters", null, "200", "200", "200", "no"),
        ("GET /v1/dead-letters?team={team}", null, "200", "no", "200", "no"),
        ("POST /v1/dead-letters/replay", """{"ids":["{unknown}"]}""", "no", "no", "200", "no"),
        ("POST /v1/dead-letters/discard", """{"ids":["{unknown}"]}""", "no", "no", "200", "no"),
        ("POST /v1/asks", """{"to":"{sender}","body":1,"deadline":"{later}"}""", "202", "202", "no", "no"),
        ("GET /v1/asks", null, "200", "200", "200", "no"),
        ("GET /v1/asks?team={team}", null, "200", "no", "200", "no"),
        ("POST /v1/asks/{ask}/reply", """{"body":1}""", "202", "no", "no", "no"),
        ("GET /v1/asks/{ask}", null, "200", "no", "200", "no"),
        ("GET /v1/asks/{ask}/replies", null, "no", "no", "no", "no"),
        ("GET /v1/asks/{asked}", null, "200", "no", "200", "no"),
        ("GET /v1/asks/{asked}/replies", null, "200", "no", "no", "no"),
        ("GET /v1/asks/{asked}/trace", null, "200", "no", "200", "no"),
        ("POST /v1/tasks", """{"title":"x","assignee":"{sender}"}""", "201", "201", "no", "no"),
        ("POST /v1/workflows", """{"name":"w","tasks":[{"key":"a","title":"x","assignee":"{sender}"}]}""", "201", "201", "no", "no"),
        ("GET /v1/tasks", null, "200", "200", "200", "no"),
        ("GET /v1/tasks?team={team}", null, "200", "*", "200", "no"),
        ("GET /v1/tasks/{task}", null, "200", "no", "200", "no"),
        ("GET /v1/tasks/{task}/trace", null, "200", "no", "200", "no"),
        ("GET /v1/workflows/{workflow}", null, "200", "no", "200", "no"),
        ("POST /v1/tasks/{task}/start", "{}", "200", "no", "no", "no"),
        ("POST /v1/tasks/{task}/complete", """{"result":1}""", "200", "no", "no", "no"),
        ("POST /v1/tasks/{task}/fail", """{"result":1}""", "200", "no", "no", "no"),
        ("POST /v1/tasks/{task}/cancel", "{}", "200", "no", "409", "no"),
        ("POST /v1/tasks/{task}/reassign", """{"assignee":"{sender}"}""", "200", "no", "*", "no"),
        ("GET /v1/nodes", null, "no", "no", "200", "no"),
        ("GET /v1/nodes/0", null, "no", "no", "200", "no"),
        ("GET /v1/events", null, "no", "no", "200", "no"),
        ("GET /v1/events/verification", null, "no", "no", "200", "200"),
    ];

    public static TheoryData<string> Routes() => [.. Table.Select(line => line.Route)];

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Every_role_gets_what_is_its_own_and_nothing_else(string route)
    {
        (_, string? body, string team, string other, string operatorGets, string security) = Table.Single(line => line.Route == route);
        (ApiClient sender, ApiClient recipient) = await NewPairAsync();
        ApiClient stranger = await NewTeamAsync("stranger");
        Dictionary<string, string> names = await PrepareAsync(sender, recipient, stranger);
        (string Caller, ApiClient Client, string Expected)[] cases =
        [
            ("nobody", Anonymous, "401"), ("an unknown key", Anonymous.As("sho_" + new string('x', 43)), "401"),
            ("an empty key", Anonymous.As(""), "401"), ("the other team", stranger, other), ("security", Security, security),
            ("the team", recipient, team), ("operator", Operator, operatorGets),
        ];
        var wrong = new List<string>();
        foreach ((string caller, ApiClient client, string expected) in cases)
        {
            string got = await CallAsync(client, Fill(route, names), Fill(body, names));
            if (!Fits(got, expected))
                wrong.Add($"{caller} expects {expected}, got {got}");
        }
        Assert.Empty(wrong);
    }

    [Theory]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    [InlineData("/openapi/v1.json")]
    public async Task Anyone_may_read_what_holds_no_secret(string path) => Assert.Equal(200, (await Anonymous.GetAsync(path)).Status);

    [Fact]
    public async Task A_new_key_stands_beside_the_old_until_that_is_revoked_and_then_at_once_opens_nothing()
    {
        ApiClient team = await NewTeamAsync("rotates");
        ApiAnswer made = await Operator.PostAsync($"/v1/teams/{team.Name}/keys", new { });
        Assert.Equal(201, made.Status);
        ApiClient rotated = team.As(made.Json.Text("key"), team.Name);
        string newId = KeyId(made.Json);
        Assert.Equal(200, (await team.GetAsync("/v1/inbox?wait=0")).Status);
        Assert.Equal(200, (await rotated.GetAsync("/v1/inbox?wait=0")).Status);

        JsonElement described = (await Operator.GetAsync($"/v1/teams/{team.Name}")).Json;
        string oldId = described.GetProperty("keys").EnumerateArray().Select(KeyId).Single(id => id != newId);
        Assert.InRange((await Operator.CallAsync(HttpMethod.Delete, $"/v1/teams/{team.Name}/keys/{oldId}")).Status, 200, 204);
        Assert.Null((await team.GetAsync("/v1/inbox?wait=0")).NotAProblem(401));
        Assert.Equal(200, (await rotated.GetAsync("/v1/inbox?wait=0")).Status);
    }

    private async Task<Dictionary<string, string>> PrepareAsync(ApiClient sender, ApiClient recipient, ApiClient stranger)
    {
        Attachment attachment = await sender.AttachAsync(Encoding.UTF8.GetBytes("to read"));
        MessageInfo sent = await sender.SendAsync(NewMessage.Text(recipient.Name, "seen by two") with { Attachments = [attachment.Id] }, wait: 10);
        Assert.Null((await sender.TryAttachAsync(Eicar.Plain)).NotAProblem(422));
        QuarantineEntry entry = (await Security.QuarantineAsync()).First(e => e.From == sender.Name);
        // One ask of another team, one of its own, and a task of a workflow given to it.
        WorkflowInfo workflow = await sender.CreateWorkflowAsync("w", NewTask.Of("a", recipient));
        return new()
        {
            ["ask"] = (await sender.AskAsync(NewAsk.Of(recipient.Name))).ToString(),
            ["asked"] = (await recipient.AskAsync(NewAsk.Of(sender.Name))).ToString(),
            ["task"] = workflow.IdOf("a").ToString(),
            ["workflow"] = workflow.Id.ToString(),
            ["later"] = TimeProvider.System.GetUtcNow().AddHours(1).ToString("O"),
            ["team"] = recipient.Name,
            ["sender"] = sender.Name,
            ["stranger"] = stranger.Name,
            ["new"] = NewName("new"),
            ["message"] = sent.Id.ToString(),
            ["attachment"] = attachment.Id.ToString(),
            ["entry"] = entry.Id.ToString(),
            ["unknown"] = Guid.CreateVersion7().ToString(),
        };
    }

    private static async Task<string> CallAsync(ApiClient client, string route, string? body)
    {
        string[] parts = route.Split(' ');
        if (parts[1].EndsWith("/stream", StringComparison.Ordinal))
            return await StreamAsync(client);
        HttpContent? content = body is null
            ? null : ApiClient.BytesContent(Encoding.UTF8.GetBytes(body), body.StartsWith('{') ? "application/json" : "application/octet-stream");
        ApiAnswer answer = await client.CallAsync(new(parts[0]), parts[1], content);
        string status = answer.Status.ToString(CultureInfo.InvariantCulture);
        return answer.Status >= 400 && answer.NotAProblem(answer.Status) is { } fault ? $"{status} that is no problem: {fault}" : status;
    }

    // An open stream has no end: its first event, or the refusal, is the answer.
    private static async Task<string> StreamAsync(ApiClient client)
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        try
        {
            await foreach (StreamedDelivery _ in client.StreamAsync(stop: stop.Token))
                break;
            return "stream";
        }
        catch (OperationCanceledException)
        {
            return "stream";
        }
        catch (ApiException error)
        {
            return error.Status.ToString(CultureInfo.InvariantCulture);
        }
    }

    private static bool Fits(string got, string expected) => expected switch
    {
        "*" => true,
        "no" => got is "403" or "404",
        "no403" => got == "403",
        _ => got == expected,
    };

    private static string KeyId(JsonElement json) => json.Text("keyId") ?? json.Text("id") ?? throw new JsonException($"no key id in {json}");

    [return: global::System.Diagnostics.CodeAnalysis.NotNullIfNotNull(nameof(text))]
    private static string? Fill(string? text, Dictionary<string, string> names) =>
        text is null ? null : names.Aggregate(text, (filled, name) => filled.Replace($"{{{name.Key}}}", name.Value, StringComparison.Ordinal));
}
