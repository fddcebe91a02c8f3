using System.Net.Http.Headers;

namespace ShitOps.Silo.Elastic;

/// <summary>
/// Sends documents until each is stored or rejected for good; nothing later is sent before. Ids do not change between tries, so a
/// document that was stored without our learning of it is answered 409 and counts as done.
/// </summary>
internal sealed class BulkSender(ElasticHttp http, string stream, BulkPace pace, TimeProvider time, ExportState? state = null)
{
    /// <summary>Lost answers in a row after which a request is halved: a server may end the connection of one that is too long.</summary>
    private const int LossesToHalve = 3;

    private static readonly MediaTypeHeaderValue Lines = new("application/x-ndjson");

    private readonly string _path =
        $"{Uri.EscapeDataString(stream)}/_bulk?require_data_stream=true&filter_path=errors,items.*.status,items.*.error,items.*.failure_store";

    /// <summary>Why it does not go on, in a few words; null while it does.</summary>
    public string? Trouble { get; private set; }

    public Task<IReadOnlyList<RejectedDocument>> SendAsync(IReadOnlyList<BulkDocument> documents, Func<CancellationToken, Task> repair, CancellationToken stop) =>
        SendAsync(documents, Pack(documents), repair, stop);

    /// <param name="packed">All documents as the body of a request.</param>
    /// <param name="repair">Called before each new try, for what the trouble may come from (templates).</param>
    /// <returns>Those that will never be stored.</returns>
    public async Task<IReadOnlyList<RejectedDocument>> SendAsync(IReadOnlyList<BulkDocument> documents, ReadOnlyMemory<byte> packed, Func<CancellationToken, Task> repair, CancellationToken stop)
    {
        var rejected = new List<RejectedDocument>();
        var open = new Stack<IReadOnlyList<BulkDocument>>();
        if (documents.Count > 0)
            open.Push(documents);
        int failures = 0, losses = 0;
        while (open.TryPop(out IReadOnlyList<BulkDocument>? next))
        {
            TimeSpan? wait = null;
            string? trouble = null;
            BulkOutcome outcome = await PostAsync(next, next == documents ? packed : Pack(next), stop);
            losses = outcome is BulkOutcome.Lost ? losses + 1 : 0;
            switch (outcome)
            {
                case BulkOutcome.Answered answered:
                    rejected.AddRange(answered.Rejected);
                    if (answered.Again.Count == 0)
                        break;
                    open.Push(answered.Again);
                    // Some went through: the pause begins anew.
                    failures = answered.Again.Count < next.Count ? 0 : failures;
                    trouble = answered.Trouble;
                    break;
                case BulkOutcome.TooLarge or BulkOutcome.Unreadable when next.Count == 1:
                    rejected.Add(outcome is BulkOutcome.Unreadable { Reason: var reason }
                        ? new(next[0], 400, "request", reason) : new(next[0], 413, "too_large", $"{next[0].Source.Length} bytes"));
                    break;
                case BulkOutcome.TooLarge or BulkOutcome.Unreadable:
                    Halve(open, next);
                    break;
                case BulkOutcome.Refused refused:
                    open.Push(next);
                    (trouble, wait) = (refused.Trouble, refused.RetryAfter);
                    break;
                case BulkOutcome.Lost lost:
                    if (losses % LossesToHalve == 0 && next.Count > 1)
                        Halve(open, next);
                    else
                        open.Push(next);
                    trouble = lost.Trouble;
                    break;
            }
            if (trouble is null)
            {
                if (Trouble is not null)
                    state?.Goes();
                (failures, Trouble) = (0, null);
                continue;
            }
            Trouble = trouble;
            TimeSpan pause = pace.Pause(++failures, Random.Shared.NextDouble());
            state?.Failed(trouble, failures);
            await Task.Delay(wait > pause ? wait < pace.LongestPause ? wait.Value : pace.LongestPause : pause, time, stop);
            await repair(stop);
        }
        return rejected;
    }

    private static void Halve(Stack<IReadOnlyList<BulkDocument>> open, IReadOnlyList<BulkDocument> documents)
    {
        int half = documents.Count / 2;
        open.Push([.. documents.Skip(half)]);
        open.Push([.. documents.Take(half)]);
    }

    private async Task<BulkOutcome> PostAsync(IReadOnlyList<BulkDocument> documents, ReadOnlyMemory<byte> body, CancellationToken stop)
    {
        try
        {
            ElasticAnswer answer = await http.SendAsync(HttpMethod.Post, _path, () => Content(body), stop);
            return BulkAnswers.Read(documents, answer.Status, answer.RetryAfter, answer.Body);
        }
        catch (HttpRequestException error)
        {
            return new BulkOutcome.Lost(error.Message);
        }
    }

    private static ReadOnlyMemoryContent Content(ReadOnlyMemory<byte> body)
    {
        var content = new ReadOnlyMemoryContent(body);
        content.Headers.ContentType = Lines;
        content.Headers.ContentEncoding.Add("gzip");
        return content;
    }

    private static ReadOnlyMemory<byte> Pack(IReadOnlyList<BulkDocument> documents)
    {
        var packed = new MemoryStream();
        ExportBatch.Pack(documents, packed);
        return packed.GetBuffer().AsMemory(0, (int)packed.Length);
    }
}
