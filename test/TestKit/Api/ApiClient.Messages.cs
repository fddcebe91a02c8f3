using System.Text;
using ShitOps.Client;

namespace ShitOps.TestKit.Api;

public sealed partial class ApiClient
{
    /// <summary>Posts one message and gives the answer, whatever it is.</summary>
    /// <param name="wait">Seconds of <c>Prefer: wait</c>.</param>
    public Task<ApiAnswer> TrySendAsync(NewMessage message, int? wait = null) => CallAsync(
        HttpMethod.Post, "/v1/messages", JsonContent(message with { IdempotencyKey = null }), Headers(("Idempotency-Key", message.IdempotencyKey), ("Prefer", wait is null ? null : $"wait={wait}")));

    public Task<Accepted> SendAsync(NewMessage message) => Api.SendAsync(message);

    /// <summary>Sends a message and waits until it has settled, so many seconds at most.</summary>
    public Task<MessageInfo> SendAsync(NewMessage message, int wait) => Api.SendAndWaitAsync(message, TimeSpan.FromSeconds(wait));

    public Task<ApiAnswer> TrySendBulkAsync(IEnumerable<NewMessage> messages) =>
        PostRawAsync("/v1/messages", [.. messages.SelectMany(message => (byte[])[.. Json.Bytes(message), (byte)'\n'])], "application/x-ndjson");

    /// <summary>One result a line, in order.</summary>
    public async Task<BulkResult[]> SendBulkAsync(IEnumerable<NewMessage> messages) => await Api.SendManyAsync(messages).ToArrayAsync();

    public static BulkResult[] BulkResults(ApiAnswer answer) => [.. answer.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Json.Read<BulkResult>)];

    public Task<MessageInfo> MessageAsync(Guid id) => Api.GetMessageAsync(id);

    public Task<ApiAnswer> CancelAsync(Guid id) => CallAsync(HttpMethod.Delete, $"/v1/messages/{id}");

    public Task<IReadOnlyList<JournalEvent>> TraceAsync(Guid id) => Api.TraceMessageAsync(id);

    /// <summary>Waits until the message is in one of the states (words divided by |).</summary>
    public Task<MessageInfo> UntilStateAsync(Guid id, string states, TimeSpan? limit = null) =>
        Eventually.UntilAsync(
            () => MessageAsync(id), message => states.Split('|').Contains(message.State), limit ?? TimeSpan.FromSeconds(20), $"message {id} is {states}");

    public Task<ApiAnswer> TryAttachAsync(byte[] content, string contentType = "application/octet-stream") =>
        CallAsync(HttpMethod.Put, "/v1/attachments", BytesContent(content, contentType));

    public Task<Attachment> AttachAsync(byte[] content) => Api.AttachAsync(content);

    public Task<byte[]> AttachmentAsync(Guid id) => Api.GetAttachmentAsync(id);

    /// <summary>That many UTF-8 bytes of JSON text: a string of the letter a.</summary>
    public static string JsonTextOf(int bytes) => new StringBuilder(bytes).Append('"').Append('a', bytes - 2).Append('"').ToString();
}
