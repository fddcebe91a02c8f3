using System.Diagnostics;
using ShitOps.Chaos.Accounts;
using ShitOps.Client;

namespace ShitOps.Chaos.Traffic;

/// <summary>Posts one team's requests in turn: the next one goes when every message of the last has its answer.</summary>
internal sealed class Sender(Caller caller, Ledger ledger, int seed, DateTimeOffset began)
{
    private int _request;

    public async Task RunAsync(IReadOnlyList<Request> requests, Action<TimeSpan> accepted, CancellationToken stop)
    {
        long start = Stopwatch.GetTimestamp();
        foreach (Request request in requests)
        {
            TimeSpan left = request.At - Stopwatch.GetElapsedTime(start);
            if (left > TimeSpan.Zero)
                await Task.Delay(left, TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            IReadOnlyList<Post> open = request.Posts;
            while (open.Count > 0 && !stop.IsCancellationRequested)
                open = await PostAsync(open, accepted, stop);
        }
    }

    /// <summary>One request and its repeats; answers what must be posted once more.</summary>
    private async Task<IReadOnlyList<Post>> PostAsync(IReadOnlyList<Post> posts, Action<TimeSpan> accepted, CancellationToken stop)
    {
        int request = 0;
        long start = 0;
        NewMessage[] messages = [.. posts.Select(p => p.ToMessage(seed, began))];
        ApiAnswer? answer = await caller.AskAsync("POST /v1/messages", client =>
        {
            // A number for each attempt: an attempt that was not answered may have stored some of it.
            request = ++_request;
            start = Stopwatch.GetTimestamp();
            for (int line = 0; line < posts.Count; line++)
                ledger.Sent(posts[line], request, line);
            return posts.Count == 1 ? client.TrySendAsync(messages[0]) : client.TrySendBulkAsync(messages);
        }, stop);
        if (answer is null)
            return posts;
        if (posts.Count == 1 ? answer.Status is not (200 or 202) : answer.Status != 200)
        {
            foreach (Post post in posts)
                Refuse(post, answer.Problem, answer.Text);
            return [];
        }
        accepted(Stopwatch.GetElapsedTime(start));
        if (posts.Count == 1)
        {
            ledger.Accepted(posts[0], request, answer.Json.GetProperty("id").GetGuid());
            return [];
        }
        BulkResult[] results = ApiClient.BulkResults(answer);
        if (results.Length != posts.Count)
            ledger.Error($"{posts.Count} lines were answered by {results.Length}");
        return [.. posts.Zip(results).Where(pair => IsOpen(pair.First, pair.Second, request)).Select(pair => pair.First)];
    }

    private bool IsOpen(Post post, BulkResult result, int request)
    {
        if (result.Id is { } id)
        {
            ledger.Accepted(post, request, id);
            return false;
        }
        if (result.Problem is { Status: 429 or 503 })
        {
            ledger.Count($"line: {result.Problem.Code}");
            return true;
        }
        Refuse(post, result.Problem, result.Problem?.Text ?? "");
        return false;
    }

    /// <summary>Nothing that is posted deserves it.</summary>
    private void Refuse(Post post, Problem? problem, string text)
    {
        ledger.Refused(post, problem?.Code ?? "?");
        ledger.Error($"{post.Name} was refused: {Caller.Short(text)}");
    }
}
