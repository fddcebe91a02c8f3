using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace ShitOps.System.Tests;

/// <summary>
/// Traffic between teams that is checked to the end: every sender posts numbered messages in bulk, repeating what was
/// refused or not answered under the same idempotency keys; every recipient leases and acknowledges until all that was
/// accepted has come. Then each lane (sender, recipient, ordering key) must have arrived once and in order.
/// </summary>
public sealed class Flow(IReadOnlyList<ApiClient> senders, IReadOnlyList<ApiClient> recipients, int batch = 50, int keys = 2, int lease = 30)
{
    private readonly ConcurrentDictionary<string, List<Guid>> _accepted = new();
    private readonly ConcurrentDictionary<string, List<(Guid Id, int Attempt)>> _arrived = new();
    private readonly ConcurrentDictionary<string, HashSet<Guid>> _seen = new();
    private readonly ConcurrentQueue<string> _faults = new();
    /// <summary>So that the messages of two flows between the same teams are not taken for the same.</summary>
    private readonly Guid _name = Guid.CreateVersion7();
    private readonly TaskCompletionSource _underWay = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _posted, _received, _refused, _again;
    private volatile string _lastRefusal = "none";
    private volatile bool _postingDone;

    /// <summary>Done when a fifth of the messages were accepted: the moment to break something.</summary>
    public Task UnderWay => _underWay.Task;

    public int Posted => _posted;

    /// <summary>Deliveries that came more than once, as they may after a crash.</summary>
    public int Again => _again;

    /// <param name="perSender">Messages of each sender, dealt to all recipients and keys in turn.</param>
    /// <param name="disturb">Runs beside the traffic.</param>
    /// <exception cref="TimeoutException">Not everything came in time.</exception>
    public async Task<string> RunAsync(int perSender, TimeSpan limit, Func<Task>? disturb = null)
    {
        var clock = Stopwatch.StartNew();
        using var stop = new CancellationTokenSource();
        Task[] receiving = [.. recipients.Select(r => ReceiveAsync(r, stop.Token))];
        Task[] posting = [.. senders.Select(s => PostAsync(s, perSender, perSender * senders.Count / 5, stop.Token))];
        try
        {
            // What fails beside the traffic is told at once: it may be what the traffic waits for.
            Task disturbing = disturb?.Invoke() ?? Task.CompletedTask, all = Task.WhenAll(posting);
            if (await Task.WhenAny(disturbing, all).WaitAsync(limit) == disturbing)
                await disturbing;
            await Task.WhenAll(all, disturbing).WaitAsync(limit);
            TimeSpan posted = clock.Elapsed;
            _postingDone = true;
            await Task.WhenAll(receiving).WaitAsync(limit - posted < TimeSpan.FromSeconds(10) ? TimeSpan.FromSeconds(10) : limit - posted);
            return string.Create(CultureInfo.InvariantCulture,
                $"{_posted} messages posted in {posted.TotalSeconds:0.0} s ({_posted / posted.TotalSeconds:0}/s), delivered and acknowledged after "
                + $"{clock.Elapsed.TotalSeconds:0.0} s ({_posted / clock.Elapsed.TotalSeconds:0}/s); {_refused} posts repeated, {_again} deliveries came again");
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"Not within {limit.TotalSeconds} s: posted {_posted} of {perSender * senders.Count}, received {_received}; "
                + $"{_refused} posts refused, the last by: {_lastRefusal}. {string.Join("; ", _faults)}");
        }
        finally
        {
            await stop.CancelAsync();
        }
    }

    /// <summary>Fails if anything was lost, doubled, out of order or answered with an undocumented error.</summary>
    /// <param name="answersMayBeLost">
    /// An answer to a lease was lost with its connection: those deliveries come again when the lease is over. A lane
    /// with an ordering key waits for them; without one order is asked of first attempts alone.
    /// </param>
    public void Check(bool answersMayBeLost = false)
    {
        Assert.Empty(_faults);
        foreach ((string lane, List<Guid> accepted) in _accepted)
        {
            List<(Guid Id, int Attempt)> arrived = _arrived.GetValueOrDefault(lane) ?? [];
            Dictionary<Guid, int> place = accepted.Index().ToDictionary(a => a.Item, a => a.Index);
            Guid[] lost = [.. accepted.Except(arrived.Select(a => a.Id))], unknown = [.. arrived.Select(a => a.Id).Where(id => !place.ContainsKey(id))];
            if (lost.Length + unknown.Length > 0)
                Assert.Fail($"{lane}: {accepted.Count} accepted, {arrived.Count} arrived; lost {string.Join(" ", lost.Take(5))}; unknown {string.Join(" ", unknown.Take(5))}");
            (int Place, int Attempt)[] order = [.. arrived.Where(a => !answersMayBeLost || IsKeyed(lane) || a.Attempt == 1).Select(a => (place[a.Id], a.Attempt))];
            int wrong = Enumerable.Range(1, Math.Max(0, order.Length - 1)).FirstOrDefault(i => order[i].Place < order[i - 1].Place, -1);
            if (wrong > 0)
                Assert.Fail($"{lane}: out of order, they came as {string.Join(" ", order.Skip(wrong - 1).Take(20).Select(o => $"{o.Place} (attempt {o.Attempt})"))}");
        }
        Assert.Empty(_arrived.Keys.Except(_accepted.Keys));
    }

    /// <summary>Ids of some accepted messages, for a closer look.</summary>
    public IEnumerable<Guid> Some(int count) => _accepted.Values.SelectMany(ids => ids.Take(3).Concat(ids.TakeLast(2))).Take(count);

    private async Task PostAsync(ApiClient sender, int count, int underWayAt, CancellationToken stop)
    {
        int lanes = recipients.Count * keys;
        foreach (int[] numbers in Enumerable.Range(0, count).Chunk(batch))
        {
            List<(string Lane, NewMessage Message)> open = [.. numbers.Select(n => Numbered(sender, n, n % lanes))];
            while (open.Count > 0 && !stop.IsCancellationRequested)
            {
                BulkResult[]? results = await TryPostAsync(sender, [.. open.Select(o => o.Message)], stop);
                if (results is null)
                    continue;
                var refused = new List<(string, NewMessage)>();
                foreach (((string Lane, NewMessage Message) post, BulkResult result) in open.Zip(results))
                {
                    if (result.Id is { } id)
                        _accepted.GetOrAdd(post.Lane, _ => []).Add(id);
                    else if (result.Problem!.Status is 429 or 503)
                        refused.Add(post);
                    else
                        _faults.Enqueue($"a line was answered {result.Problem.Text}");
                    _lastRefusal = result.Problem?.Text ?? _lastRefusal;
                }
                if (Interlocked.Add(ref _posted, open.Count - refused.Count) >= underWayAt)
                    _underWay.TrySetResult();
                open = refused;
                if (refused.Count > 0)
                {
                    Interlocked.Increment(ref _refused);
                    await PauseAsync(stop);
                }
            }
        }
    }

    private (string Lane, NewMessage Message) Numbered(ApiClient sender, int number, int lane)
    {
        string recipient = recipients[lane / keys].Name;
        string? key = lane % keys == 0 ? null : $"key-{lane % keys}";
        return (Lane(sender.Name, recipient, key), NewMessage.Of(recipient, new { sender = sender.Name, number }) with
        {
            OrderingKey = key,
            IdempotencyKey = string.Create(CultureInfo.InvariantCulture, $"{_name}-{number}"),
        });
    }

    private async Task<BulkResult[]?> TryPostAsync(ApiClient sender, NewMessage[] messages, CancellationToken stop)
    {
        try
        {
            ApiAnswer answer = await sender.TrySendBulkAsync(messages);
            if (answer.Status == 200)
            {
                BulkResult[] results = ApiClient.BulkResults(answer);
                if (results.Length == messages.Length)
                    return results;
                _faults.Enqueue($"{messages.Length} lines were answered by {results.Length}");
            }
            else if (answer.NotAProblem(429, 503) is { } fault)
            {
                _faults.Enqueue(fault);
            }
            else
            {
                _lastRefusal = $"{answer.Status} {answer.Text}";
            }
        }
        catch (Exception error) when (IsTransport(error))
        {
            // No answer: it is not known whether they were stored. The keys tell.
            _lastRefusal = $"{error.GetType().Name}: {error.Message}";
        }
        Interlocked.Increment(ref _refused);
        await PauseAsync(stop);
        return null;
    }

    private async Task ReceiveAsync(ApiClient recipient, CancellationToken stop)
    {
        HashSet<Guid> seen = _seen.GetOrAdd(recipient.Name, _ => []);
        while (!stop.IsCancellationRequested && !(_postingDone && seen.Count >= AcceptedFor(recipient.Name)))
        {
            try
            {
                IReadOnlyList<Delivery> leased = await recipient.LeaseAsync(max: 200, wait: 2, lease: lease);
                foreach (Delivery delivery in leased)
                {
                    if (seen.Add(delivery.Message.Id))
                    {
                        _arrived.GetOrAdd(Lane(delivery.Message.From, recipient.Name, delivery.Message.OrderingKey), _ => []).Add((delivery.Message.Id, delivery.Attempt));
                        Interlocked.Increment(ref _received);
                    }
                    else
                    {
                        Interlocked.Increment(ref _again);
                    }
                }
                if (leased.Count > 0)
                    await recipient.AckAsync([.. leased.Select(d => d.DeliveryId)]);
            }
            catch (ShitOpsException error) when (error.Status is 429 or 503)
            {
                await PauseAsync(stop);
            }
            catch (ShitOpsException error)
            {
                _faults.Enqueue(error.Message);
                await PauseAsync(stop);
            }
            catch (Exception error) when (IsTransport(error))
            {
                await PauseAsync(stop);
            }
        }
    }

    private int AcceptedFor(string recipient) => _accepted.Where(l => l.Key.Split('>')[1] == recipient).Sum(l => l.Value.Count);

    private static string Lane(string sender, string recipient, string? key) => $"{sender}>{recipient}>{key}";

    private static bool IsKeyed(string lane) => !lane.EndsWith('>');

    private static bool IsTransport(Exception error) => error is HttpRequestException or TaskCanceledException or TimeoutException or IOException or SocketException;

    private static async Task PauseAsync(CancellationToken stop) =>
        await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
