using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace ShitOps.Bench;

/// <summary>
/// Loads the HTTP API as clients would: posts, receives, acknowledges, and keeps account, so that a run in which a message
/// is lost or comes twice is no result.
/// </summary>
internal sealed class Load(HttpClient http, IReadOnlyList<(string Name, string Key)> teams, BenchOptions options)
{
    private const int LeaseAtOnce = 500;
    private int _rounds;
    private readonly byte[] _alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ."u8.ToArray();

    public sealed record Result(int Accepted, int Delivered, TimeSpan AcceptTime, TimeSpan AcknowledgeTime, Latencies Accept, Latencies Receive, Latencies Acknowledge);

    /// <exception cref="InvalidOperationException">Something was refused, lost or doubled.</exception>
    public async Task<Result> RunAsync(int messages, CancellationToken stop)
    {
        // Other texts in every round: what was scanned once is known.
        int round = ++_rounds;
        Latencies accept = new(), receive = new(), acknowledge = new();
        int copies = options.Traffic == Traffic.Broadcast ? teams.Count - 1 : 1, expected = messages * copies;
        int batches = (messages + options.Bulk - 1) / options.Bulk, next = 0, received = 0;
        long start = Stopwatch.GetTimestamp(), lastAck = start;
        using var done = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task receiving = Task.WhenAll(teams.Select(team => OrEndAsync(ReceiveAsync(team.Key))));
        TimeSpan acceptTime = default;
        await Task.WhenAll(SendAllAsync(), receiving);
        return new(messages, received, acceptTime, Stopwatch.GetElapsedTime(start, lastAck), accept, receive, acknowledge);

        async Task SendAllAsync()
        {
            await Task.WhenAll(Enumerable.Range(0, options.Senders).Select(sender => OrEndAsync(SendAsync(sender))));
            acceptTime = Stopwatch.GetElapsedTime(start);
        }

        // Where one fails the others have nothing to wait for.
        async Task OrEndAsync(Task work)
        {
            try
            {
                await work;
            }
            catch
            {
                await done.CancelAsync();
                throw;
            }
        }

        async Task SendAsync(int sender)
        {
            var random = new Random((round * 1000) + sender);
            for (int batch = Interlocked.Increment(ref next) - 1; batch < batches; batch = Interlocked.Increment(ref next) - 1)
            {
                int count = Math.Min(options.Bulk, messages - (batch * options.Bulk));
                if (options.Rate > 0)
                    await AtAsync(start, TimeSpan.FromSeconds((double)batch * options.Bulk / options.Rate), done.Token);
                await PostAsync(random, count, accept, done.Token);
            }
        }

        async Task ReceiveAsync(string key)
        {
            var seen = new HashSet<Guid>();
            while (Volatile.Read(ref received) < expected)
            {
                List<(Guid Id, long PostedAt)> leased = await LeaseAsync(key, done.Token);
                foreach ((Guid id, long postedAt) in leased)
                {
                    if (!seen.Add(id))
                        throw new InvalidOperationException($"{id} came twice");
                    receive.Add(Stopwatch.GetElapsedTime(postedAt));
                }
                if (leased.Count == 0)
                    continue;
                await AcknowledgeAsync(key, leased, done.Token);
                foreach ((_, long postedAt) in leased)
                    acknowledge.Add(Stopwatch.GetElapsedTime(postedAt));
                Volatile.Write(ref lastAck, Stopwatch.GetTimestamp());
                Interlocked.Add(ref received, leased.Count);
            }
        }
    }

    /// <summary>Fills an inbox that nobody reads.</summary>
    public async Task FillAsync(string recipient, int messages, CancellationToken stop)
    {
        var random = new Random(0);
        for (int sent = 0; sent < messages; sent += 1000)
            await SendLinesAsync(teams[random.Next(teams.Count)].Key, Lines(random, Math.Min(1000, messages - sent), _ => recipient), stop);
    }

    private async Task PostAsync(Random random, int count, Latencies accept, CancellationToken stop)
    {
        int from = options.Traffic == Traffic.Hot ? 0 : random.Next(teams.Count);
        string To(Random r)
        {
            if (options.Traffic == Traffic.Broadcast)
                return "all";
            if (options.Traffic == Traffic.Hot)
                return teams[^1].Name;
            int to = r.Next(teams.Count - 1);
            return teams[to < from ? to : to + 1].Name;
        }
        byte[] body = Lines(random, count, To);
        long start = Stopwatch.GetTimestamp();
        if (options.Bulk > 1)
            await SendLinesAsync(teams[from].Key, body, stop);
        else
            await SendOneAsync(teams[from].Key, body, stop);
        TimeSpan took = Stopwatch.GetElapsedTime(start);
        for (int i = 0; i < count; i++)
            accept.Add(took);
    }

    /// <summary>One message a line. The time of posting travels as the correlation id.</summary>
    private byte[] Lines(Random random, int count, Func<Random, string> to)
    {
        var lines = new StringBuilder(count * (options.Body + 100));
        Span<byte> body = options.Body <= 4096 ? stackalloc byte[options.Body] : new byte[options.Body];
        for (int i = 0; i < count; i++)
        {
            random.GetItems<byte>(_alphabet, body);
            lines.Append(CultureInfo.InvariantCulture, $"{{\"to\":\"{to(random)}\",\"correlationId\":\"{Stopwatch.GetTimestamp()}\",\"body\":\"{Encoding.ASCII.GetString(body)}\"}}\n");
        }
        return Encoding.ASCII.GetBytes(lines.ToString());
    }

    private async Task SendLinesAsync(string key, byte[] lines, CancellationToken stop)
    {
        byte[] answer = await CallAsync(HttpMethod.Post, "/v1/messages", key, lines, "application/x-ndjson", 200, stop);
        if (answer.AsSpan().IndexOf("\"problem\""u8) >= 0)
            throw new InvalidOperationException($"a line was refused: {Encoding.UTF8.GetString(answer)}");
    }

    private Task SendOneAsync(string key, byte[] body, CancellationToken stop) => CallAsync(HttpMethod.Post, "/v1/messages", key, body, "application/json", 202, stop);

    private async Task<List<(Guid Id, long PostedAt)>> LeaseAsync(string key, CancellationToken stop)
    {
        byte[] answer = await CallAsync(HttpMethod.Get, $"/v1/inbox?max={LeaseAtOnce}&wait=1", key, null, null, 200, stop);
        var leased = new List<(Guid, long)>();
        var reader = new Utf8JsonReader(answer);
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
                leased.Add((id, long.Parse(reader.GetString()!, CultureInfo.InvariantCulture)));
            }
        }
        return leased;
    }

    private Task AcknowledgeAsync(string key, List<(Guid Id, long)> leased, CancellationToken stop) => CallAsync(
        HttpMethod.Post, "/v1/inbox/ack", key, JsonSerializer.SerializeToUtf8Bytes(new { deliveries = leased.Select(l => l.Id) }), "application/json", 200, stop);

    private async Task<byte[]> CallAsync(HttpMethod method, string path, string key, byte[]? body, string? contentType, int expected, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + key);
        if (body is not null)
            request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(contentType!) } };
        using HttpResponseMessage response = await http.SendAsync(request, stop);
        byte[] answer = await response.Content.ReadAsByteArrayAsync(stop);
        return (int)response.StatusCode == expected ? answer
            : throw new InvalidOperationException($"{method} {path}: {(int)response.StatusCode} {Encoding.UTF8.GetString(answer)}");
    }

    private static async Task AtAsync(long start, TimeSpan due, CancellationToken stop)
    {
        TimeSpan left = due - Stopwatch.GetElapsedTime(start);
        if (left > TimeSpan.Zero)
            await Task.Delay(left, TimeProvider.System, stop);
    }
}
