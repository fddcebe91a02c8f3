using System.Text;
using System.Text.Json;

namespace ShitOps.TestKit.Api;

public sealed partial class ApiClient
{
    private sealed record Replied(string State);

    /// <summary>Posts one question and gives the answer, whatever it is.</summary>
    public Task<ApiAnswer> TryAskAsync(Question question)
    {
        var headers = new List<(string, string)>();
        if (question.IdempotencyKey is { } key)
            headers.Add(("Idempotency-Key", key));
        if (question.Traceparent is { } parent)
            headers.Add(("traceparent", parent));
        return CallAsync(HttpMethod.Post, "/v1/asks", BytesContent(question.ToJson(), "application/json"), [.. headers]);
    }

    /// <summary>The ask's id.</summary>
    public async Task<Guid> AskAsync(Question question) => (await ReadAsync<Sent>("POST /v1/asks", TryAskAsync(question), 202)).Id;

    /// <param name="body">JSON text.</param>
    public Task<ApiAnswer> TryReplyAsync(Guid ask, string body) =>
        PostRawAsync($"/v1/asks/{ask}/reply", Encoding.UTF8.GetBytes($$"""{"body":{{body}}}"""), "application/json");

    /// <param name="body">JSON text.</param>
    /// <returns>answered, held or quarantined.</returns>
    public async Task<string> ReplyAsync(Guid ask, string body) =>
        (await ReadAsync<Replied>("POST reply", TryReplyAsync(ask, body), 202)).State;

    public Task<AskInfo> AskInfoAsync(Guid ask) => ReadAsync<AskInfo>("GET ask", GetAsync($"/v1/asks/{ask}"), 200);

    /// <summary>Waits until the ask has ended.</summary>
    public Task<AskInfo> UntilEndedAsync(Guid ask, TimeSpan? limit = null) =>
        Eventually.UntilAsync(() => AskInfoAsync(ask), info => info.State != "open", limit ?? TimeSpan.FromSeconds(30), $"ask {ask} ends");

    /// <summary>Every clean reply in order, read in pages of that size.</summary>
    public Task<List<JsonElement>> RepliesAsync(Guid ask, string? pageSize = null) => AllAsync($"/v1/asks/{ask}/replies", ("limit", pageSize));

    public async Task<TraceEvent[]> AskTraceAsync(Guid ask) =>
        Events((await ExpectAsync("GET trace", GetAsync($"/v1/asks/{ask}/trace"), 200)).Json.Items());

    /// <summary>Takes the question out of the inbox, and leaves nothing else there.</summary>
    public async Task<InboxMessage> TakeQuestionAsync(Guid ask, TimeSpan? limit = null)
    {
        InboxMessage message = await TakeAsync("ask", limit);
        return message.Ask == ask && message.Id == ask ? message : throw new InvalidOperationException($"'{Name}' was asked {message.Ask}, not {ask}");
    }

    /// <summary>Takes the collation of that ask out of the inbox.</summary>
    public async Task<Collation> TakeCollationAsync(Guid ask, TimeSpan? limit = null)
    {
        InboxMessage message = await TakeAsync("collation", limit);
        Collation collation = message.Body.Deserialize<Collation>(JsonSerializerOptions.Web) ?? throw new JsonException("null collation");
        return message.Ask == ask && collation.Ask == ask && message.From == Name
            ? collation : throw new InvalidOperationException($"'{Name}' got the collation {collation.Ask} of the ask {message.Ask} from '{message.From}', not of {ask}");
    }

    /// <summary>The next delivery, acknowledged; it must be of that kind.</summary>
    public async Task<InboxMessage> TakeAsync(string kind, TimeSpan? limit = null)
    {
        InboxMessage message = (await ReceiveAsync(1, limit: limit))[0].Message;
        return message.Kind == kind ? message : throw new InvalidOperationException($"'{Name}' got a {message.Kind} '{message.Subject}' instead of a {kind}");
    }
}
