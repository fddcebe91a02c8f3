using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using ShitOps.Client;

namespace ShitOps.TestKit.Api;

public sealed partial class ApiClient
{
    /// <param name="wait">Seconds to wait for the first.</param>
    /// <param name="lease">Seconds.</param>
    public Task<IReadOnlyList<Delivery>> LeaseAsync(int max = 100, int wait = 20, int lease = 60) =>
        Api.LeaseAsync(max, TimeSpan.FromSeconds(wait), TimeSpan.FromSeconds(lease));

    /// <summary>Leases until that many came, and acknowledges them if asked to.</summary>
    /// <exception cref="TimeoutException">Fewer came; the message tells how many.</exception>
    public async Task<List<Delivery>> ReceiveAsync(int count, bool acknowledge = true, TimeSpan? limit = null)
    {
        var received = new List<Delivery>();
        await Eventually.UntilAsync(
            async () =>
            {
                IReadOnlyList<Delivery> some = await LeaseAsync(Math.Clamp(count - received.Count, 1, 1000), wait: 2);
                received.AddRange(some);
                if (acknowledge && some.Count > 0)
                    await AckAsync([.. some.Select(d => d.DeliveryId)]);
                return received.Count;
            },
            n => n >= count, limit ?? TimeSpan.FromSeconds(30), $"{count} deliveries for '{Name}'");
        return received;
    }

    public Task<AckResult> AckAsync(params Guid[] deliveries) => Api.AckAsync(deliveries);

    /// <summary>
    /// One connection to the inbox stream, with the ids of its events; breaking off the enumeration cuts the connection.
    /// </summary>
    public async IAsyncEnumerable<StreamedDelivery> StreamAsync(string? lastEventId = null, [EnumeratorCancellation] CancellationToken stop = default)
    {
        using HttpRequestMessage request = Request(HttpMethod.Get, "/v1/inbox/stream", null, Headers(("Last-Event-ID", lastEventId), ("Accept", "text/event-stream")));
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
            if (item.EventType == "delivery")
                yield return new(item.EventId ?? "", Json.Read<Delivery>(item.Data));
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

/// <summary>A server-sent event of the inbox stream.</summary>
public sealed record StreamedDelivery(string EventId, Delivery Delivery);
