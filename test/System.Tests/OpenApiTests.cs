using System.Text.Json;
using ShitOps.System.Tests.Fixtures;

namespace ShitOps.System.Tests;

/// <summary>The published description of the API.</summary>
public sealed class OpenApiTests(SharedCluster source, ITestOutputHelper output) : ClusterTest(source, output)
{
    private static readonly string[] Calls =
    [
        "get /v1/teams", "put /v1/teams/{}", "get /v1/teams/{}", "delete /v1/teams/{}", "get /v1/teams/{}/open", "post /v1/teams/{}/keys",
        "delete /v1/teams/{}/keys/{}", "get /v1/tree", "post /v1/tree/rebalance", "post /v1/messages", "get /v1/messages/{}", "get /v1/messages/{}/trace", "delete /v1/messages/{}",
        "put /v1/attachments", "get /v1/attachments/{}", "get /v1/inbox", "post /v1/inbox/ack", "post /v1/inbox/nack", "post /v1/inbox/extend",
        "get /v1/inbox/stream", "get /v1/quarantine", "get /v1/quarantine/{}", "post /v1/quarantine/{}/release", "post /v1/quarantine/{}/purge",
        "get /v1/dead-letters", "post /v1/dead-letters/replay", "post /v1/dead-letters/discard", "get /v1/nodes", "get /v1/nodes/{}", "get /v1/events",
        "post /v1/asks", "get /v1/asks/{}", "post /v1/asks/{}/reply", "get /v1/asks/{}/replies", "get /v1/asks/{}/trace",
        "post /v1/tasks", "get /v1/tasks", "get /v1/tasks/{}", "get /v1/tasks/{}/trace", "post /v1/tasks/{}/start", "post /v1/tasks/{}/complete",
        "post /v1/tasks/{}/fail", "post /v1/tasks/{}/cancel", "post /v1/tasks/{}/reassign", "post /v1/workflows", "get /v1/workflows/{}",
        "get /health/live", "get /health/ready",
    ];

    [Fact]
    public async Task The_document_is_openapi_3_1_and_covers_every_call_that_there_is()
    {
        ApiAnswer answer = await Anonymous.GetAsync("/openapi/v1.json");
        Assert.Equal(200, answer.Status);
        Assert.StartsWith("3.1", answer.Json.Text("openapi"), StringComparison.Ordinal);
        string[] described =
        [
            .. answer.Json.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(call => $"{call.Name} {WithoutNames(path.Name)}")),
        ];
        Assert.Empty(Calls.Except(described));
    }

    [Fact]
    public async Task Every_call_is_described_with_its_answers_and_its_key()
    {
        JsonElement document = (await Anonymous.GetAsync("/openapi/v1.json")).Json;
        Assert.True(document.GetProperty("components").TryGetProperty("securitySchemes", out JsonElement schemes) && schemes.EnumerateObject().Any());
        Assert.Empty(
            from path in document.GetProperty("paths").EnumerateObject()
            from call in path.Value.EnumerateObject()
            where !call.Value.TryGetProperty("responses", out JsonElement responses) || !responses.EnumerateObject().Any() || !call.Value.Has("summary")
            select $"{call.Name} {path.Name}");
    }

    [Fact]
    public async Task A_browsable_reference_is_served() => Assert.Contains((await Anonymous.GetAsync("/docs")).Status, (int[])[200, 301, 302, 308]);

    private static string WithoutNames(string path) =>
        string.Join('/', path.Split('/').Select(part => part.StartsWith('{') ? "{}" : part));
}
