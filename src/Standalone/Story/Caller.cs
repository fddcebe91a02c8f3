using System.Net.Http.Headers;
using System.Text.Json;

namespace ShitOps.Standalone.Story;

/// <summary>Someone with a key, speaking to the HTTP API as any client would.</summary>
/// <param name="name">The team's name, or the role.</param>
internal sealed class Caller(string url, string key, string name, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Pulse = TimeSpan.FromMilliseconds(100);

    private readonly HttpClient _http = new()
    {
        BaseAddress = new Uri(url),
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", key) },
    };

    public string Name { get; } = name;
    public string Url { get; } = url;

    public Caller As(string otherKey, string otherName) => new(Url, otherKey, otherName, time);

    /// <exception cref="InvalidOperationException">The API refused; the message tells why.</exception>
    public async Task<JsonElement> GetAsync(string path, CancellationToken stop) => await ReadAsync(await _http.GetAsync(path, stop), stop);

    /// <exception cref="InvalidOperationException">The API refused; the message tells why.</exception>
    public async Task<JsonElement> PostAsync(string path, object body, CancellationToken stop) =>
        await ReadAsync(await _http.PostAsJsonAsync(path, body, stop), stop);

    /// <exception cref="InvalidOperationException">The API refused; the message tells why.</exception>
    public async Task<JsonElement> PutAsync(string path, object body, CancellationToken stop) =>
        await ReadAsync(await _http.PutAsJsonAsync(path, body, stop), stop);

    /// <summary>The next message that satisfies; every one on the way to it is acknowledged.</summary>
    public async Task<JsonElement> ReceiveAsync(Func<JsonElement, bool> isWanted, CancellationToken stop)
    {
        while (true)
        {
            JsonElement inbox = await GetAsync("/v1/inbox?max=1&wait=20", stop);
            foreach (JsonElement delivery in inbox.GetProperty("deliveries").EnumerateArray())
            {
                await PostAsync("/v1/inbox/ack", new { deliveries = new[] { delivery.GetProperty("deliveryId").GetGuid() } }, stop);
                if (delivery.GetProperty("message") is var message && isWanted(message))
                    return message;
            }
        }
    }

    /// <summary>Reads again and again until what it reads satisfies.</summary>
    public async Task<JsonElement> UntilAsync(string path, Func<JsonElement, bool> satisfies, CancellationToken stop)
    {
        using var pulse = new PeriodicTimer(Pulse, time);
        while (true)
        {
            JsonElement seen = await GetAsync(path, stop);
            if (satisfies(seen))
                return seen;
            await pulse.WaitForNextTickAsync(stop);
        }
    }

    public async Task UntilReadyAsync(CancellationToken stop)
    {
        using var pulse = new PeriodicTimer(Pulse, time);
        do
        {
            using HttpResponseMessage ready = await _http.GetAsync("/health/ready", stop);
            if (ready.IsSuccessStatusCode)
                return;
        }
        while (await pulse.WaitForNextTickAsync(stop));
    }

    public void Dispose() => _http.Dispose();

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response, CancellationToken stop)
    {
        using (response)
        {
            string text = await response.Content.ReadAsStringAsync(stop);
            return response.IsSuccessStatusCode
                ? JsonSerializer.Deserialize<JsonElement>(text)
                : throw new InvalidOperationException($"{response.RequestMessage!.RequestUri!.AbsolutePath}: {(int)response.StatusCode} {text}");
        }
    }
}

internal static class Reading
{
    public static string Text(this JsonElement json, string field) => json.GetProperty(field).GetString()!;

    public static Guid Id(this JsonElement json, string field = "id") => json.GetProperty(field).GetGuid();
}
