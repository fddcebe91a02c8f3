using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace ShitOps.TestKit.Api;

public sealed partial class ApiClient
{
    private sealed record Leased(InboxDelivery[] Deliveries);

    /// <param name="wait">Seconds to wait for the first.</param>
    /// <param name="lease">Seconds.</param>
    public async Task<InboxDelivery[]> LeaseAsync(int max = 100, int wait = 20, int lease = 60) =>
        (await ReadAsync<Leased>("GET /v1/inbox", GetAsync($"/v1/inbox?max={max}&wait={wait}&lease={lease}"), 200)).Deliveries;

    /// <summary>Leases until that many came, and acknowledges them if asked to.</summary>
    /// <exception cref="TimeoutException">Fewer came; the message tells how many.</exception>
    public async Task<List<InboxDelivery>> ReceiveAsync(int count, bool acknowledge = true, TimeSpan? limit = null)
    {
        var received = new List<InboxDelivery>();
        await Eventually.UntilAsync(
            async () =>
            {
                InboxDelivery[] some = await LeaseAsync(Math.Clamp(count - received.Count, 1, 1000), wait: 2);
                received.AddRange(some);
                if (acknowledge && some.Length > 0)
                    await AckAsync([.. some.Select(d => d.DeliveryId)]);
                return received.Count;
            },
            n => n >= count, limit ?? TimeSpan.FromSeconds(30), $"{count} deliveries for '{Name}'");
        return received;
    }

    public Task<Acknowledgement> AckAsync(params Guid[] deliveries) =>
        ReadAsync<Acknowledgement>("POST /v1/inbox/ack", PostAsync("/v1/inbox/ack", new { deliveries }), 200);

    public Task<ApiAnswer> NackAsync(int delay, params Guid[] deliveries) =>
        ExpectAsync("POST /v1/inbox/nack", PostAsync("/v1/inbox/nack", new { deliveries, delay }), 200);

    public Task<ApiAnswer> ExtendAsync(int lease, params Guid[] deliveries) =>
        ExpectAsync("POST /v1/inbox/extend", PostAsync("/v1/inbox/extend", new { deliveries, lease }), 200);

    /// <summary>The inbox as server-sent events; breaking off the enumeration cuts the connection.</summary>
    public async IAsyncEnumerable<StreamedDelivery> StreamAsync(string? lastEventId = null, [EnumeratorCancellation] CancellationToken stop = default)
    {
        using HttpRequestMessage request = Request(
            HttpMethod.Get, "/v1/inbox/stream", null, lastEventId is null ? [] : [("Last-Event-ID", lastEventId)]);
        request.Headers.TryAddWithoutValidation("Accept", "text/event-stream");
        using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
        if (!response.IsSuccessStatusCode || response.Content.Headers.ContentType?.MediaType != "text/event-stream")
        {
            throw new ApiException(
                "GET /v1/inbox/stream",
                new((int)response.StatusCode, response.Headers, response.Content.Headers, await response.Content.ReadAsByteArrayAsync(stop)));
        }
        using Stream body = await response.Content.ReadAsStreamAsync(stop);
        await foreach (SseItem<string> item in SseParser.Create(body).EnumerateAsync(stop))
        {
            if (item.EventType != "delivery")
                continue;
            InboxDelivery delivery = JsonSerializer.Deserialize<InboxDelivery>(item.Data, JsonSerializerOptions.Web) ?? throw new JsonException("null delivery");
            yield return new(item.EventId ?? "", delivery);
        }
    }

    /// <summary>The next so many of a stream, within 30 s.</summary>
    public async Task<List<StreamedDelivery>> StreamAsync(int count, string? lastEventId = null)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var received = new List<StreamedDelivery>();
        try
        {
            await foreach (StreamedDelivery delivery in StreamAsync(lastEventId, limit.Token))
            {
                received.Add(delivery);
                if (received.Count == count)
                    return received;
            }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            // Told below.
        }
        throw new TimeoutException($"The stream of '{Name}' gave {received.Count} of {count} deliveries");
    }
}
