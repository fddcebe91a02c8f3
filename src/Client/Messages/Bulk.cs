using System.Buffers;
using System.Text.Json;
using ShitOps.Client.Http;

namespace ShitOps.Client;

/// <summary>One request's worth of messages, a line each (application/x-ndjson).</summary>
internal sealed class Bulk(Calls calls)
{
    private const int MaxLines = 1_000, MaxBytes = 8 * 1024 * 1024;
    private readonly List<byte[]> _lines = [];
    private int _bytes;

    public static byte[] Line(NewMessage message) => [.. JsonSerializer.SerializeToUtf8Bytes(message, ShitOpsJson.Default.NewMessage), (byte)'\n'];

    /// <summary>An empty bulk takes any line: the API says best what is wrong with one that is too long.</summary>
    public bool Fits(byte[] line) => _lines.Count == 0 || (_lines.Count < MaxLines && _bytes + line.Length <= MaxBytes);

    public void Add(byte[] line)
    {
        _lines.Add(line);
        _bytes += line.Length;
    }

    /// <summary>One result a line. Lines refused for now are sent again, alone, each with its own idempotency key.</summary>
    public async Task<BulkResult[]> SendAsync(CancellationToken stop)
    {
        var results = new BulkResult[_lines.Count];
        int[] open = [.. Enumerable.Range(0, _lines.Count)];
        try
        {
            await calls.RetryAsync(
                async until =>
                {
                    await OnceAsync(open, results, until).ConfigureAwait(false);
                    open = [.. open.Where(at => results[at].Problem is { IsTransient: true })];
                    return open.Length == 0 ? true : throw new LinesRefusedException(open.Max(at => results[at].Problem!.RetryAfter) is { } s ? TimeSpan.FromSeconds(s) : null);
                },
                stop).ConfigureAwait(false);
        }
        catch (LinesRefusedException)
        {
            // Their problems stand among the results.
        }
        catch (Exception error) when (error is not OperationCanceledException && open.Length < results.Length)
        {
            // Some are accepted, which must not be lost with what happened to the rest: that keeps the problem it had.
        }
        return results;
    }

    private async Task OnceAsync(int[] open, BulkResult[] results, CancellationToken stop)
    {
        if (open.Length == 0)
            return;
        var body = new ArrayBufferWriter<byte>(_bytes);
        foreach (int at in open)
            body.Write(_lines[at]);
        byte[] answer = await calls.OnceAsync(
            Call.Post("/v1/messages") with { Body = body.WrittenMemory, ContentType = "application/x-ndjson" },
            static (response, until) => response.Content.ReadAsByteArrayAsync(until), null, stop).ConfigureAwait(false);
        int next = 0;
        for (int start = 0; start < answer.Length;)
        {
            int length = answer.AsSpan(start).IndexOf((byte)'\n');
            int end = length < 0 ? answer.Length : start + length;
            if (next == open.Length)
                break;
            results[open[next++]] = JsonSerializer.Deserialize(answer.AsSpan(start, end - start), ShitOpsJson.Default.BulkResult)!;
            start = end + 1;
        }
        if (next < open.Length)
            throw new IOException($"{next} answers to {open.Length} lines");
    }
}
