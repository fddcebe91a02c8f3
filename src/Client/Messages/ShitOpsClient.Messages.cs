using System.Runtime.CompilerServices;
using System.Text.Json;
using ShitOps.Client.Http;

namespace ShitOps.Client;

public sealed partial class ShitOpsClient
{
    /// <summary>Sends one message. Returns once it is stored.</summary>
    /// <param name="traceparent">W3C trace context that goes with the message; by default the current activity's.</param>
    /// <exception cref="ShitOpsException">422 unknown_recipient, 429 hub_full or rate_limited, …</exception>
    public Task<Accepted> SendAsync(NewMessage message, string? traceparent = null, CancellationToken stop = default) =>
        _calls.ReadAsync(Posting(message, traceparent), ShitOpsJson.Default.Accepted, stop);

    /// <summary>Sends one message and waits until it settles, that long at most.</summary>
    /// <param name="wait">Whole seconds, 30 at most.</param>
    /// <returns>The message as it stands then: still queued if it took longer.</returns>
    public async Task<MessageInfo> SendAndWaitAsync(NewMessage message, TimeSpan wait, string? traceparent = null, CancellationToken stop = default)
    {
        Call call = Posting(message, traceparent) with { Header = ("Prefer", $"wait={Address.Seconds(wait)}") };
        JsonElement answer = await _calls.ReadAsync(call, ShitOpsJson.Default.JsonElement, stop).ConfigureAwait(false);
        // 202 says as much as there is to say of what has not settled.
        return answer.TryGetProperty("acceptedAt", out _)
            ? answer.Deserialize(ShitOpsJson.Default.MessageInfo)!
            : await GetMessageAsync(answer.GetProperty("id").GetGuid(), stop).ConfigureAwait(false);
    }

    /// <summary>The newest first: for a team what it sent or received, for operators all.</summary>
    public IAsyncEnumerable<MessageSummary> GetMessagesAsync(MessageFilter? filter = null, CancellationToken stop = default)
    {
        MessageFilter which = filter ?? new();
        return _calls.ReadAsync<MessagesPage, MessageSummary>(
            after => Address.Of("/v1/messages", ("team", which.Team), ("direction", which.Received ? "received" : null), ("state", which.State),
                ("since", which.Since?.ToString("O")), ("until", which.Until?.ToString("O")), ("after", after)),
            ShitOpsJson.Default.MessagesPage, stop);
    }

    private Call Posting(NewMessage message, string? traceparent)
    {
        ArgumentNullException.ThrowIfNull(message);
        // Alone the key is a header.
        return Call.Post("/v1/messages", message with { IdempotencyKey = null }, ShitOpsJson.Default.NewMessage) with
        {
            IdempotencyKey = message.IdempotencyKey ?? NewKey(),
            Traceparent = traceparent,
        };
    }

    /// <summary>
    /// Sends many messages, any number: 1,000 or 8 MiB to a request, the next one once the results of the one before have
    /// been read. A message that is refused does not stop the others. Those refused for now (429, 503) are sent again,
    /// which may put them behind later ones.
    /// </summary>
    /// <returns>One result a message, in order. An exception ends them; what was told before it holds.</returns>
    public async IAsyncEnumerable<BulkResult> SendManyAsync(IEnumerable<NewMessage> messages, [EnumeratorCancellation] CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var bulk = new Bulk(_calls);
        foreach (NewMessage message in messages)
        {
            byte[] line = Bulk.Line(message.IdempotencyKey is null ? message with { IdempotencyKey = NewKey() } : message);
            if (!bulk.Fits(line))
            {
                foreach (BulkResult result in await bulk.SendAsync(stop).ConfigureAwait(false))
                    yield return result;
                bulk = new Bulk(_calls);
            }
            bulk.Add(line);
        }
        foreach (BulkResult result in await bulk.SendAsync(stop).ConfigureAwait(false))
            yield return result;
    }

    /// <exception cref="ShitOpsException">404: there is none, or it is not this caller's to know.</exception>
    public Task<MessageInfo> GetMessageAsync(Guid id, CancellationToken stop = default) =>
        _calls.ReadAsync(Call.Get($"/v1/messages/{id}"), ShitOpsJson.Default.MessageInfo, stop);

    /// <summary>Everything that happened to a message, in order.</summary>
    public async Task<IReadOnlyList<JournalEvent>> TraceMessageAsync(Guid id, CancellationToken stop = default) =>
        (await _calls.ReadAsync(Call.Get($"/v1/messages/{id}/trace"), ShitOpsJson.Default.Trace, stop).ConfigureAwait(false)).Events;

    /// <summary>Cancels a message that has not left yet.</summary>
    /// <exception cref="ShitOpsException">409 not_cancellable: it has.</exception>
    public Task<Accepted> CancelMessageAsync(Guid id, CancellationToken stop = default) =>
        _calls.ReadAsync(Call.Delete($"/v1/messages/{id}"), ShitOpsJson.Default.Accepted, stop);

    /// <summary>Stores bytes that a message may name, 25 MiB at most. A lost answer may leave a second copy that nobody names.</summary>
    /// <exception cref="ShitOpsException">422 infected: it stands in quarantine.</exception>
    public Task<Attachment> AttachAsync(ReadOnlyMemory<byte> content, string contentType = "application/octet-stream", CancellationToken stop = default) =>
        _calls.ReadAsync(new Call(HttpMethod.Put, "/v1/attachments") { Body = content, ContentType = contentType }, ShitOpsJson.Default.Attachment, stop);

    public Task<byte[]> GetAttachmentAsync(Guid id, CancellationToken stop = default) => _calls.BytesAsync(Call.Get($"/v1/attachments/{id}"), stop);
}
