using System.Collections.Concurrent;

namespace ShitOps.Client;

/// <summary>Lease, handle, acknowledge, again.</summary>
internal sealed class ReceiveLoop(ShitOpsClient client, Func<Delivery, CancellationToken, Task> handle, ReceiveOptions options)
{
    private static readonly TimeSpan LongPoll = TimeSpan.FromSeconds(20), Farewell = TimeSpan.FromSeconds(5);

    public async Task RunAsync(CancellationToken stop)
    {
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            IReadOnlyList<Delivery> batch = await client.LeaseAsync(options.Max, LongPoll, options.Lease, stop).ConfigureAwait(false);
            if (batch.Count > 0)
                await HandleAsync(batch, stop).ConfigureAwait(false);
        }
    }

    private async Task HandleAsync(IReadOnlyList<Delivery> batch, CancellationToken stop)
    {
        var open = new ConcurrentDictionary<Guid, Delivery>(batch.Select(d => KeyValuePair.Create(d.DeliveryId, d)));
        using var done = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task renewing = RenewAsync(open, done.Token);
        try
        {
            await Parallel.ForEachAsync(
                batch, new ParallelOptions { MaxDegreeOfParallelism = options.Parallel, CancellationToken = stop },
                (delivery, until) => new ValueTask(OneAsync(delivery, open, until))).ConfigureAwait(false);
        }
        finally
        {
            await done.CancelAsync().ConfigureAwait(false);
            await renewing.ConfigureAwait(false);
            await GiveBackAsync([.. open.Keys]).ConfigureAwait(false);
        }
    }

    private async Task OneAsync(Delivery delivery, ConcurrentDictionary<Guid, Delivery> open, CancellationToken stop)
    {
        try
        {
            await handle(delivery, stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception error)
        {
            options.OnFailure?.Invoke(delivery, error);
            open.TryRemove(delivery.DeliveryId, out _);
            await client.NackAsync([delivery.DeliveryId], options.NackDelay, stop).ConfigureAwait(false);
            return;
        }
        // It is done whether or not we are told to stop just now; not saying so would have it done twice.
        open.TryRemove(delivery.DeliveryId, out _);
        await client.AckAsync([delivery.DeliveryId], CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>What is not finished stays ours.</summary>
    private async Task RenewAsync(ConcurrentDictionary<Guid, Delivery> open, CancellationToken stop)
    {
        using var pulse = new PeriodicTimer(options.Lease / 3, client.Options.Time);
        try
        {
            while (await pulse.WaitForNextTickAsync(stop).ConfigureAwait(false))
            {
                try
                {
                    if (!open.IsEmpty)
                        await client.ExtendAsync([.. open.Keys], options.Lease, stop).ConfigureAwait(false);
                }
                catch (Exception error) when (error is ShitOpsException or HttpRequestException or TimeoutException or IOException)
                {
                    // There are two more pulses in a lease.
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The batch is done.
        }
    }

    private async Task GiveBackAsync(Guid[] left)
    {
        if (left.Length == 0)
            return;
        using var limit = new CancellationTokenSource(Farewell, client.Options.Time);
        try
        {
            await client.NackAsync(left, TimeSpan.Zero, limit.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (error is ShitOpsException or HttpRequestException or TimeoutException or IOException or OperationCanceledException)
        {
            // Then their leases run out.
        }
    }
}
