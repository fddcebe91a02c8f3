using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using ShitOps.Client.Http;

namespace ShitOps.Client;

/// <summary>
/// Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html) over any number of connections:
/// Last-Event-ID tells the API what arrived, and it sends the rest again.
/// </summary>
internal static class InboxStream
{
    /// <summary>The API says something every 15 s; who is silent for so long is gone.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(45);

    public static async IAsyncEnumerable<Delivery> ReadAsync(Calls calls, ShitOpsClientOptions options, string path, [EnumeratorCancellation] CancellationToken stop)
    {
        string? last = null;
        while (true)
        {
            bool any = false;
            using (HttpResponseMessage response = await calls.OpenAsync(
                Call.Get(path) with { Header = last is null ? null : ("Last-Event-ID", last) }, stop).ConfigureAwait(false))
            {
                if (response.Content.Headers.ContentType?.MediaType != "text/event-stream")
                    throw new InvalidDataException($"GET {path} answered {response.Content.Headers.ContentType} instead of a stream");
                Stream content = await response.Content.ReadAsStreamAsync(stop).ConfigureAwait(false);
                await using var body = new ImpatientStream(content, Silence, options.Time);
                await using IAsyncEnumerator<SseItem<string>> events = SseParser.Create(body).EnumerateAsync(stop).GetAsyncEnumerator(stop);
                while (await NextAsync(events).ConfigureAwait(false))
                {
                    if (events.Current is not { EventType: "delivery", EventId: { } id } item)
                        continue;
                    any = true;
                    yield return JsonSerializer.Deserialize(item.Data, ShitOpsJson.Default.Delivery) ?? throw new InvalidDataException("A delivery is null");
                    // Only now: whoever broke off in between has not dealt with it.
                    last = id;
                }
            }
            // A gateway that takes connections and drops them is not asked without a pause.
            if (!any)
                await Task.Delay(options.FirstDelay, options.Time, stop).ConfigureAwait(false);
        }
    }

    /// <summary>False when the connection is over, however it ended.</summary>
    private static async Task<bool> NextAsync(IAsyncEnumerator<SseItem<string>> events)
    {
        try
        {
            return await events.MoveNextAsync().ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or HttpRequestException or TimeoutException)
        {
            return false;
        }
    }
}
