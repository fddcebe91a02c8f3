using System.Text;
using System.Text.Json;
using ShitOps.Client;

namespace ShitOps.TestKit.Api;

public sealed partial class ApiClient
{
    /// <summary>Posts one question and gives the answer, whatever it is.</summary>
    public Task<ApiAnswer> TryAskAsync(NewAsk question, string? traceparent = null) =>
        CallAsync(HttpMethod.Post, "/v1/asks", JsonContent(question), Headers(("Idempotency-Key", question.IdempotencyKey), ("traceparent", traceparent)));

    /// <summary>The ask's id.</summary>
    public async Task<Guid> AskAsync(NewAsk question) => (await Api.AskAsync(question)).Id;

    /// <param name="body">JSON text.</param>
    public Task<ApiAnswer> TryReplyAsync(Guid ask, string body) =>
        PostRawAsync($"/v1/asks/{ask}/reply", Encoding.UTF8.GetBytes($$"""{"body":{{body}}}"""), "application/json");

    /// <param name="body">JSON text.</param>
    /// <returns>answered, held or quarantined.</returns>
    public async Task<string> ReplyAsync(Guid ask, string body) => (await Api.ReplyAsync(ask, NewReply.Json(body))).State;

    public Task<AskInfo> AskInfoAsync(Guid ask) => Api.GetAskAsync(ask);

    /// <summary>Waits until the ask has ended.</summary>
    public Task<AskInfo> UntilEndedAsync(Guid ask, TimeSpan? limit = null) =>
        Eventually.UntilAsync(() => AskInfoAsync(ask), info => info.State != "open", limit ?? TimeSpan.FromSeconds(30), $"ask {ask} ends");

    /// <summary>Every clean reply in order, read in pages of that size.</summary>
    public Task<List<JsonElement>> RepliesAsync(Guid ask, string? pageSize = null) => AllAsync($"/v1/asks/{ask}/replies", ("limit", pageSize));

    public Task<IReadOnlyList<JournalEvent>> AskTraceAsync(Guid ask) => Api.TraceAskAsync(ask);

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
        Collation collation = Json.Read<Collation>(message.BodyText);
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

/// <summary>The body of the message that ends an ask.</summary>
public sealed record Collation
{
    public required Guid Ask { get; init; }
    public required string State { get; init; }
    public required int Asked { get; init; }
    public required int Answered { get; init; }
    public required MissingTeam[] Missing { get; init; }
    public required string[] Unmatched { get; init; }
    public required Collate Collate { get; init; }
    public required JsonElement Result { get; init; }

    /// <summary>The teams of a list, in its order.</summary>
    public IEnumerable<string> Teams => Result.EnumerateArray().Select(item => item.Text("team")!);
}
