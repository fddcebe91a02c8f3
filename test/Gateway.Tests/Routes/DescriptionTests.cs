using System.Text.Json;
using ShitOps.Gateway.Tests.World;

namespace ShitOps.Gateway.Tests.Routes;

/// <summary>What the OpenAPI document says of asks and tasks is what the routes answer.</summary>
[Collection(nameof(GatewayCollection))]
public sealed class DescriptionTests(GatewayFixture gateway)
{
    private const string Problem = "application/problem+json";

    private async Task<JsonElement> DocumentAsync()
    {
        using HttpClient anyone = gateway.With(null);
        return JsonDocument.Parse(await anyone.GetStringAsync("/openapi/v1.json")).RootElement;
    }

    [Theory]
    [InlineData("post", "/v1/asks", "PostAsk", "202", "AcceptedAsk", "400 401 403 409 413 415 422 429 503")]
    [InlineData("post", "/v1/asks/{id}/reply", "PostReply", "202", "AcceptedReply", "400 401 403 404 409 410 413 415 422 429 503")]
    [InlineData("get", "/v1/asks/{id}", null, "200", "AskResource", "401 403 404 503")]
    [InlineData("get", "/v1/asks/{id}/replies", null, "200", "RepliesPage", "401 403 404 422 503")]
    [InlineData("get", "/v1/asks/{id}/trace", null, "200", "TraceResource", "401 403 404 503")]
    [InlineData("post", "/v1/tasks", "PostTask", "201", "TaskResource", "400 401 403 409 413 415 422 429 503")]
    [InlineData("get", "/v1/tasks", null, "200", "TasksPage", "401 403 422 503")]
    [InlineData("get", "/v1/tasks/{id}", null, "200", "TaskResource", "401 403 404 503")]
    [InlineData("get", "/v1/tasks/{id}/trace", null, "200", "TraceResource", "401 403 404 503")]
    [InlineData("post", "/v1/tasks/{id}/start", null, "200", "TaskResource", "401 403 404 409 503")]
    [InlineData("post", "/v1/tasks/{id}/complete", "EndTask", "200", "TaskResource", "401 403 404 409 413 415 422 503")]
    [InlineData("post", "/v1/tasks/{id}/fail", "EndTask", "200", "TaskResource", "401 403 404 409 413 415 422 503")]
    [InlineData("post", "/v1/tasks/{id}/cancel", "CancelTask", "200", "TaskResource", "401 403 404 409 422 503")]
    [InlineData("post", "/v1/tasks/{id}/reassign", "ReassignTask", "200", "TaskResource", "401 403 404 409 422 503")]
    [InlineData("post", "/v1/workflows", "PostWorkflow", "201", "WorkflowResource", "400 401 403 409 413 415 422 429 503")]
    [InlineData("get", "/v1/workflows/{id}", null, "200", "WorkflowResource", "401 403 404 503")]
    [InlineData("get", "/v1/teams/{name}/open", null, "200", "OpenEnds", "401 403 404 503")]
    public async Task A_route_is_described_with_what_it_takes_and_answers(string method, string path, string? takes, string status, string answers, string problems)
    {
        JsonElement route = (await DocumentAsync()).GetProperty("paths").GetProperty(path).GetProperty(method);
        Assert.Equal(takes is not null, route.TryGetProperty("requestBody", out JsonElement body));
        if (takes is not null)
            Assert.Equal($"#/components/schemas/{takes}", Reference(body, "application/json"));
        JsonElement responses = route.GetProperty("responses");
        Assert.Equal($"#/components/schemas/{answers}", Reference(responses.GetProperty(status), "application/json"));
        Assert.All(problems.Split(' '), p => Assert.Equal("#/components/schemas/ProblemResource", Reference(responses.GetProperty(p), Problem)));
        Assert.Equal(1, route.GetProperty("security").GetArrayLength());
        Assert.NotEmpty(route.GetProperty("summary").GetString()!);
    }

    private static string? Reference(JsonElement of, string mediaType) =>
        of.GetProperty("content").GetProperty(mediaType).GetProperty("schema").GetProperty("$ref").GetString();

    [Fact]
    public async Task What_is_answered_has_the_fields_that_are_described_and_no_others()
    {
        JsonElement schemas = (await DocumentAsync()).GetProperty("components").GetProperty("schemas");
        (string name, HttpClient team) = await gateway.TeamAsync();
        (string to, _) = await gateway.TeamAsync();
        JsonElement ask = await PostAsync(team, "/v1/asks", $$"""{"to":"{{to}}","body":1,"deadline":"{{TimeProvider.System.GetUtcNow().AddHours(1):O}}"}""");
        JsonElement task = await PostAsync(team, "/v1/tasks", $$"""{"title":"t","assignee":"{{name}}","dependsOn":["{{Guid.NewGuid()}}"]}""");
        JsonElement workflow = await PostAsync(team, "/v1/workflows", $$"""{"name":"w","tasks":[{"key":"k","title":"t","assignee":"{{name}}"}]}""");
        Matches(schemas, "AcceptedAsk", ask);
        Matches(schemas, "AskResource", await GetAsync(team, $"/v1/asks/{ask.GetProperty("id").GetGuid()}"));
        Matches(schemas, "RepliesPage", await GetAsync(team, $"/v1/asks/{ask.GetProperty("id").GetGuid()}/replies"));
        Matches(schemas, "TaskResource", task);
        Matches(schemas, "TasksPage", await GetAsync(team, "/v1/tasks"));
        Matches(schemas, "WorkflowResource", workflow);
        Matches(schemas, "OpenEnds", await GetAsync(team, $"/v1/teams/{name}/open"));
    }

    private static async Task<JsonElement> GetAsync(HttpClient team, string path) => await GatewayFixture.ReadAsync(await team.GetAsync(path));

    private static async Task<JsonElement> PostAsync(HttpClient team, string path, string json) => await GatewayFixture.ReadAsync(await team.PostAsync(path, GatewayFixture.Json(json)));

    /// <summary>Every field answered is described, down to what schemas are named; every field required is answered.</summary>
    private static void Matches(JsonElement schemas, string name, JsonElement answer)
    {
        JsonElement schema = schemas.GetProperty(name);
        JsonElement properties = schema.GetProperty("properties");
        foreach (JsonProperty field in answer.EnumerateObject())
        {
            Assert.True(properties.TryGetProperty(field.Name, out JsonElement described), $"{name}.{field.Name} is not described");
            string text = described.GetRawText();
            string? inner = schemas.EnumerateObject().Select(s => s.Name).FirstOrDefault(s => text.Contains($"\"#/components/schemas/{s}\"", StringComparison.Ordinal));
            if (inner is null || !schemas.GetProperty(inner).TryGetProperty("properties", out _))
                continue;
            foreach (JsonElement item in field.Value.ValueKind == JsonValueKind.Array ? field.Value.EnumerateArray().ToArray() : [field.Value])
            {
                if (item.ValueKind == JsonValueKind.Object)
                    Matches(schemas, inner, item);
            }
        }
        if (schema.TryGetProperty("required", out JsonElement required))
            Assert.All(required.EnumerateArray(), r => Assert.True(answer.TryGetProperty(r.GetString()!, out _), $"{name}.{r} is required and not answered"));
    }
}
