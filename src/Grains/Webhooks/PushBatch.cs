using ShitOps.Grains.Storage;

namespace ShitOps.Grains.Webhooks;

/// <summary>
/// Pushes what was leased in one go: lanes beside each other, within a lane one after the other, so that the order is the
/// inbox's. A failure ends its lane until the delay is over. Whatever an exception leaves leased is leased again, in order.
/// </summary>
internal sealed class PushBatch(WebhookServices services, ITeamGrain inbox, WebhookRow row, HashSet<Guid> accepted, Func<bool> mayGoOn, CancellationToken stop) : IDisposable
{
    /// <summary>Requests to one receiver at a time.</summary>
    private const int LanesAtOnce = 8;

    /// <summary>What remains of a lease after the last push it is good for.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _room = new(LanesAtOnce);
    private IReadOnlyList<byte[]> _secrets = [];

    /// <summary>The receiver wants no more.</summary>
    public bool IsGone { get; private set; }

    public PushView? Last { get; private set; }

    public async Task RunAsync(IReadOnlyList<Delivery> leased)
    {
        _secrets = await services.SecretsAsync(row);
        await Task.WhenAll(leased.GroupBy(d => (d.From, d.OrderingKey, d.Priority)).Select(lane => LaneAsync([.. lane])));
    }

    public void Dispose() => _room.Dispose();

    private async Task LaneAsync(Delivery[] lane)
    {
        await _room.WaitAsync(stop);
        try
        {
            for (int i = 0; i < lane.Length; i++)
            {
                if (!mayGoOn() || IsGone || lane[i].LeasedUntil - services.Now < services.Sender.Timeout + Margin)
                {
                    await ReleaseAsync(lane[i..]);
                    return;
                }
                PushResult result = await PushAsync(lane[i]);
                if (result.IsAccepted)
                {
                    await inbox.Ack(new([lane[i].Id]));
                    accepted.Remove(lane[i].Id);
                    continue;
                }
                IsGone |= result.IsGone;
                // First what follows, then what failed: if the second call is lost, the lane still begins with what failed.
                await ReleaseAsync(IsGone ? lane[i..] : lane[(i + 1)..]);
                if (!IsGone)
                    await FailAsync(lane[i], result);
                return;
            }
        }
        finally
        {
            _room.Release();
        }
    }

    private async Task<PushResult> PushAsync(Delivery delivery)
    {
        // Accepted before, but it could not be stored then.
        if (accepted.Contains(delivery.Id))
            return new(null, null);
        if (await services.OpenAsync(delivery) is not { } body)
            return new(null, "unreadable");
        PushResult result;
        (result, Last) = await AttemptAsync(services, row, WebhookEvent.IdOf(delivery.Id, row.Team.Name), WebhookEvent.Of(delivery, body), _secrets, stop);
        if (result.IsAccepted)
            accepted.Add(delivery.Id);
        return result;
    }

    public static async Task<(PushResult Result, PushView View)> AttemptAsync(
        WebhookServices services, WebhookRow row, string id, ReadOnlyMemory<byte> body, IReadOnlyList<byte[]> secrets, CancellationToken stop)
    {
        long start = services.Time.GetTimestamp();
        PushResult result = await services.Sender.SendAsync(new(new Uri(row.Url), id, body, secrets), stop);
        TimeSpan time = services.Time.GetElapsedTime(start);
        services.Metrics.Pushed(result.IsAccepted, time);
        return (result, new(services.Now, result.Status, result.Reason, time.TotalMilliseconds));
    }

    private Task FailAsync(Delivery delivery, PushResult result)
    {
        TimeSpan delay = services.Sender.RetryAfter(delivery.Attempt);
        if (result.RetryAfter > delay)
            delay = result.RetryAfter.Value < Limits.MaxLease ? result.RetryAfter.Value : Limits.MaxLease;
        return inbox.Fail(new([delivery.Id]), delay, $"webhook_{result.Reason}");
    }

    private Task ReleaseAsync(Delivery[] deliveries) =>
        deliveries.Length == 0 ? Task.CompletedTask : inbox.Release(new([.. deliveries.Select(d => d.Id)]));
}
