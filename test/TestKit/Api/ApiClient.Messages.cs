using System.Text;
using System.Text.Json;

namespace ShitOps.TestKit.Api;

public sealed partial class ApiClient
{
    /// <summary>Posts one message and gives the answer, whatever it is.</summary>
    public Task<ApiAnswer> TrySendAsync(Outgoing message)
    {
        var headers = new List<(string, string)>();
        if (message.IdempotencyKey is { } key)
            headers.Add(("Idempotency-Key", key));
        if (message.Traceparent is { } parent)
            headers.Add(("traceparent", parent));
        if (message.Wait is { } wait)
            headers.Add(("Prefer", $"wait={wait}"));
        return CallAsync(HttpMethod.Post, "/v1/messages", BytesContent(message.ToJson(), "application/json"), [.. headers]);
    }

    public Task<Sent> SendAsync(Outgoing message) => ReadAsync<Sent>("POST /v1/messages", TrySendAsync(message), 200, 202);

    public Task<ApiAnswer> TrySendBulkAsync(IEnumerable<Outgoing> messages) =>
        PostRawAsync("/v1/messages", Outgoing.ToLines(messages), "application/x-ndjson");

    /// <summary>One result a line, in order.</summary>
    public async Task<BulkResult[]> SendBulkAsync(IEnumerable<Outgoing> messages) =>
        BulkResults(await ExpectAsync("POST /v1/messages (bulk)", TrySendBulkAsync(messages), 200));

    public static BulkResult[] BulkResults(ApiAnswer answer) =>
        [.. answer.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(ToBulkResult)];

    private static BulkResult ToBulkResult(string line)
    {
        JsonElement json = JsonSerializer.Deserialize<JsonElement>(line);
        return json.TryGetProperty("problem", out JsonElement problem)
            ? new(null, null, Problem.From(problem) ?? throw new JsonException($"a problem without a code: {line}"))
            : new(json.GetProperty("id").GetGuid(), json.Text("state"), null);
    }

    public Task<MessageInfo> MessageAsync(Guid id) => ReadAsync<MessageInfo>("GET message", GetAsync($"/v1/messages/{id}"), 200);

    public Task<ApiAnswer> CancelAsync(Guid id) => CallAsync(HttpMethod.Delete, $"/v1/messages/{id}");

    public async Task<TraceEvent[]> TraceAsync(Guid id)
    {
        ApiAnswer answer = await ExpectAsync("GET trace", GetAsync($"/v1/messages/{id}/trace"), 200);
        return Events(answer.Json.Items());
    }

    /// <summary>Waits until the message is in one of the states (words divided by |).</summary>
    public Task<MessageInfo> UntilStateAsync(Guid id, string states, TimeSpan? limit = null) =>
        Eventually.UntilAsync(
            () => MessageAsync(id), message => states.Split('|').Contains(message.State), limit ?? TimeSpan.FromSeconds(20), $"message {id} is {states}");

    public Task<ApiAnswer> TryAttachAsync(byte[] content, string contentType = "application/octet-stream") =>
        CallAsync(HttpMethod.Put, "/v1/attachments", BytesContent(content, contentType));

    public Task<StoredAttachment> AttachAsync(byte[] content, string contentType = "application/octet-stream") =>
        ReadAsync<StoredAttachment>("PUT /v1/attachments", TryAttachAsync(content, contentType), 201);

    public async Task<byte[]> AttachmentAsync(Guid id) => (await ExpectAsync("GET attachment", GetAsync($"/v1/attachments/{id}"), 200)).Bytes;

    private static TraceEvent[] Events(JsonElement[] items) =>
        [.. items.Select(item => item.Deserialize<TraceEvent>(JsonSerializerOptions.Web) ?? throw new JsonException("null event"))];

    /// <summary>That many UTF-8 bytes of JSON text: a string of the letter a.</summary>
    public static string JsonTextOf(int bytes) => new StringBuilder(bytes).Append('"').Append('a', bytes - 2).Append('"').ToString();
}
