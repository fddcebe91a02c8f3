using System.Buffers;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace ShitOps.Bench;

/// <summary>A delivery as it came in.</summary>
/// <param name="PostedAt">The sender's time, a timestamp of <see cref="System.Diagnostics.Stopwatch"/>.</param>
internal readonly record struct Arrival(Guid Id, long PostedAt);

/// <summary>The few calls that carry load, with as little around them as can be: the load generator shares the machine.</summary>
internal sealed class BenchClient(HttpClient http)
{
    private const int LeaseAtOnce = 500, WaitSeconds = 20;

    /// <summary>The ids in the order of the lines.</summary>
    /// <exception cref="InvalidOperationException">A line was refused.</exception>
    public async Task<Guid[]> PostLinesAsync(string key, ReadOnlyMemory<byte> lines, int count, CancellationToken stop) =>
        ReadIds(await CallAsync(HttpMethod.Post, "/v1/messages", key, lines, "application/x-ndjson", null, [200], stop), count);

    /// <param name="untilSettled">The answer waits until the message is in every inbox.</param>
    public async Task<Guid[]> PostOneAsync(string key, ReadOnlyMemory<byte> message, bool untilSettled, CancellationToken stop) =>
        ReadIds(await CallAsync(HttpMethod.Post, "/v1/messages", key, message, "application/json", untilSettled ? "wait=30" : null, untilSettled ? [200] : [200, 202], stop), 1);

    public async Task<List<Arrival>> LeaseAsync(string key, CancellationToken stop)
    {
        byte[] answer = await CallAsync(HttpMethod.Get, string.Create(CultureInfo.InvariantCulture, $"/v1/inbox?max={LeaseAtOnce}&wait={WaitSeconds}"), key, null, null, null, [200], stop);
        var arrivals = new List<Arrival>();
        ReadArrivals(answer, arrivals.Add);
        return arrivals;
    }

    /// <summary>Begins when the stream stands, ends with <paramref name="stop"/>.</summary>
    /// <param name="stands">Called once.</param>
    public async IAsyncEnumerable<Arrival> StreamAsync(string key, Action stands, [EnumeratorCancellation] CancellationToken stop)
    {
        using HttpRequestMessage request = Request(HttpMethod.Get, "/v1/inbox/stream?max=1000", key);
        using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
        if (!response.IsSuccessStatusCode)
            throw new InvalidOperationException($"GET /v1/inbox/stream: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync(stop)}");
        stands();
        using Stream body = await response.Content.ReadAsStreamAsync(stop);
        await foreach (SseItem<Arrival> item in SseParser.Create(body, (_, json) => Read(json)).EnumerateAsync(stop))
        {
            if (item.EventType == "delivery")
                yield return item.Data;
        }
        stop.ThrowIfCancellationRequested();
        throw new InvalidOperationException("the stream was ended by the other side");
    }

    public async Task AcknowledgeAsync(string key, IReadOnlyList<Arrival> deliveries, CancellationToken stop)
    {
        var body = new ArrayBufferWriter<byte>(40 * deliveries.Count + 32);
        using (var writer = new Utf8JsonWriter(body))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("deliveries");
            foreach (Arrival delivery in deliveries)
                writer.WriteStringValue(delivery.Id);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        byte[] answer = await CallAsync(HttpMethod.Post, "/v1/inbox/ack", key, body.WrittenMemory, "application/json", null, [200], stop);
        using JsonDocument json = JsonDocument.Parse(answer);
        if (json.RootElement.GetProperty("acknowledged").GetInt32() != deliveries.Count)
            throw new InvalidOperationException($"of {deliveries.Count} deliveries not all were acknowledged: {Beginning(answer)}");
    }

    /// <summary>The message's state, as its sender sees it.</summary>
    public async Task<string> StateAsync(string key, Guid message, CancellationToken stop)
    {
        using JsonDocument json = JsonDocument.Parse(await CallAsync(HttpMethod.Get, $"/v1/messages/{message}", key, null, null, null, [200], stop));
        return json.RootElement.GetProperty("state").GetString()!;
    }

    private static Guid[] ReadIds(byte[] answer, int count)
    {
        var ids = new Guid[count];
        int n = 0;
        var reader = new Utf8JsonReader(answer, new JsonReaderOptions { AllowMultipleValues = true });
        while (reader.Read())
        {
            if (reader.CurrentDepth != 1 || reader.TokenType != JsonTokenType.PropertyName)
                continue;
            if (reader.ValueTextEquals("problem"u8) || (reader.ValueTextEquals("id"u8) && n == count))
                throw new InvalidOperationException($"not what was posted: {Beginning(answer)}");
            if (!reader.ValueTextEquals("id"u8))
                continue;
            reader.Read();
            ids[n++] = reader.GetGuid();
        }
        return n == count ? ids : throw new InvalidOperationException($"{n} of {count} messages were answered");
    }

    private static Arrival Read(ReadOnlySpan<byte> json)
    {
        Arrival arrival = default;
        ReadArrivals(json, found => arrival = found);
        return arrival;
    }

    private static void ReadArrivals(ReadOnlySpan<byte> json, Action<Arrival> found)
    {
        var reader = new Utf8JsonReader(json);
        Guid id = default;
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName)
                continue;
            if (reader.ValueTextEquals("deliveryId"u8))
            {
                reader.Read();
                id = reader.GetGuid();
            }
            else if (reader.ValueTextEquals("correlationId"u8))
            {
                reader.Read();
                found(new(id, long.Parse(reader.ValueSpan, CultureInfo.InvariantCulture)));
            }
        }
    }

    private static string Beginning(byte[] answer) => Encoding.UTF8.GetString(answer.AsSpan(0, Math.Min(answer.Length, 400)));

    private static HttpRequestMessage Request(HttpMethod method, string path, string key)
    {
        var request = new HttpRequestMessage(method, path);
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + key);
        return request;
    }

    private async Task<byte[]> CallAsync(
        HttpMethod method, string path, string key, ReadOnlyMemory<byte>? body, string? contentType, string? prefer, int[] expected, CancellationToken stop)
    {
        using HttpRequestMessage request = Request(method, path, key);
        if (prefer is not null)
            request.Headers.TryAddWithoutValidation("Prefer", prefer);
        if (body is { } bytes)
            request.Content = new ReadOnlyMemoryContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue(contentType!) } };
        using HttpResponseMessage response = await http.SendAsync(request, stop);
        byte[] answer = await response.Content.ReadAsByteArrayAsync(stop);
        return expected.Contains((int)response.StatusCode) ? answer
            : throw new InvalidOperationException($"{method} {path}: {(int)response.StatusCode} {Beginning(answer)}");
    }
}
