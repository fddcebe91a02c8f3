using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace ShitOps.System.Tests;

/// <summary>
/// A steady beat: every sender posts one message after the other to its recipients in turn, each after the answer to the
/// one before. What is told afterwards: every answer that was not 202, how long posts took, how long a message was on
/// its way, and whether each pair's came once and in order.
/// </summary>
/// <param name="from">The first number: the same senders may beat again with others.</param>
public sealed class Heartbeats(IReadOnlyList<ApiClient> senders, IReadOnlyList<ApiClient> recipients, TimeSpan pause, int from = 0)
{
    private sealed record Beat(int Number, long Posted);

    private readonly ConcurrentDictionary<(string From, string To), ConcurrentQueue<int>> _accepted = new(), _arrived = new();
    private readonly ConcurrentQueue<double> _posts = new(), _ways = new();
    private readonly ConcurrentQueue<string> _refused = new(), _faults = new();
    private readonly ConcurrentDictionary<Guid, bool> _seen = new();
    /// <summary>What is under way when posting is to end may still be accepted: only then is it known what is due.</summary>
    private volatile bool _posting = true, _allPosted;

    /// <summary>Answers other than 202, and calls without an answer.</summary>
    public IReadOnlyCollection<string> Refused => _refused;

    /// <summary>Milliseconds from the beginning of a post until its recipient had it, in order of size.</summary>
    public double[] Ways => [.. _ways.Order()];

    /// <summary>Milliseconds from the beginning of a post to its answer, in order of size.</summary>
    public double[] Posts => [.. _posts.Order()];

    /// <summary>Beats while <paramref name="disturb"/> runs; ends when all that was accepted has come.</summary>
    public async Task<string> RunAsync(Func<Task> disturb, TimeSpan limit)
    {
        using var stop = new CancellationTokenSource(limit);
        Task[] receiving = [.. recipients.Select(r => ReceiveAsync(r, stop.Token))];
        Task[] posting = [.. senders.Select(s => PostAsync(s, stop.Token))];
        try
        {
            await disturb();
        }
        finally
        {
            _posting = false;
        }
        await Task.WhenAll(posting);
        _allPosted = true;
        await Task.WhenAll(receiving);
        return string.Create(CultureInfo.InvariantCulture,
            $"{_posts.Count} beats, {_refused.Count} refused; posts p50 {At(Posts, .5):0} ms, p99 {At(Posts, .99):0} ms, longest {At(Posts, 1):0} ms; "
            + $"on the way p50 {At(Ways, .5):0} ms, p99 {At(Ways, .99):0} ms, longest {At(Ways, 1):0} ms");
    }

    /// <summary>Fails if anything was lost, doubled or out of order.</summary>
    public void Check()
    {
        Assert.Empty(_faults);
        Assert.NotEmpty(_accepted);
        foreach (((string From, string To) pair, ConcurrentQueue<int> accepted) in _accepted)
            Assert.True(accepted.SequenceEqual(_arrived.GetValueOrDefault(pair) ?? []), $"{pair}: accepted {string.Join(' ', accepted)}; came {string.Join(' ', _arrived.GetValueOrDefault(pair) ?? [])}");
    }

    public static double At(double[] sorted, double part) => sorted.Length == 0 ? 0 : sorted[(int)((sorted.Length - 1) * part)];

    private async Task PostAsync(ApiClient sender, CancellationToken stop)
    {
        for (int number = from; _posting; number++)
        {
            ApiClient to = recipients[number % recipients.Count];
            long start = Stopwatch.GetTimestamp();
            NewMessage message = NewMessage.Of(to.Name, new Beat(number, start)) with { IdempotencyKey = $"beat-{number}" };
            while (!stop.IsCancellationRequested && !await TryAsync(sender, to, message, number))
                await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, stop);
            _posts.Enqueue(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            await Task.Delay(pause, TimeProvider.System, stop);
        }
    }

    private async Task<bool> TryAsync(ApiClient sender, ApiClient to, NewMessage message, int number)
    {
        try
        {
            ApiAnswer answer = await sender.TrySendAsync(message);
            if (answer.Status == 202)
            {
                _accepted.GetOrAdd((sender.Name, to.Name), _ => []).Enqueue(number);
                return true;
            }
            _refused.Enqueue($"{number} of {sender.Name}: {answer.Status} {answer.Text}");
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException or IOException)
        {
            _refused.Enqueue($"{number} of {sender.Name}: {error.Message}");
        }
        return false;
    }

    private async Task ReceiveAsync(ApiClient recipient, CancellationToken stop)
    {
        while (!_allPosted || Came(recipient.Name) < Due(recipient.Name))
        {
            if (stop.IsCancellationRequested)
            {
                _faults.Enqueue($"{recipient.Name} got {Came(recipient.Name)} of {Due(recipient.Name)} in time");
                return;
            }
            try
            {
                IReadOnlyList<Delivery> leased = await recipient.LeaseAsync(wait: 1, lease: 20);
                foreach (Delivery delivery in leased)
                    Book(recipient, delivery);
                if (leased.Count > 0)
                    await recipient.AckAsync([.. leased.Select(d => d.DeliveryId)]);
            }
            catch (Exception error) when (Eventually.IsPassing(error))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, CancellationToken.None);
            }
        }
    }

    // A lease whose answer or ack was lost comes again: that is no second message.
    private void Book(ApiClient recipient, Delivery delivery)
    {
        if (!_seen.TryAdd(delivery.Message.Id, true))
            return;
        Beat beat = delivery.Message.Body.Deserialize<Beat>(JsonSerializerOptions.Web)!;
        _ways.Enqueue(Stopwatch.GetElapsedTime(beat.Posted).TotalMilliseconds);
        _arrived.GetOrAdd((delivery.Message.From, recipient.Name), _ => []).Enqueue(beat.Number);
    }

    private int Came(string recipient) => _arrived.Where(a => a.Key.To == recipient).Sum(a => a.Value.Count);

    private int Due(string recipient) => _accepted.Where(a => a.Key.To == recipient).Sum(a => a.Value.Count);
}
