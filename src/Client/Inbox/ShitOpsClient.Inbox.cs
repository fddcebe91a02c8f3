using ShitOps.Client.Http;

namespace ShitOps.Client;

public sealed partial class ShitOpsClient
{
    /// <summary>Leases the oldest deliveries of the team's inbox. A lost answer leaves some leased to nobody; they come when the lease is over.</summary>
    /// <param name="max">1 to 1,000.</param>
    /// <param name="wait">For the first of them, 30 s at most; 20 s by default.</param>
    /// <param name="lease">60 s by default.</param>
    /// <returns>None if nothing came in time.</returns>
    public async Task<IReadOnlyList<Delivery>> LeaseAsync(int max = 100, TimeSpan? wait = null, TimeSpan? lease = null, CancellationToken stop = default)
    {
        string path = Address.Of("/v1/inbox", ("max", max), ("wait", Address.Seconds(wait ?? TimeSpan.FromSeconds(20))), ("lease", lease is { } time ? Address.Seconds(time) : null));
        return (await _calls.ReadAsync(Call.Get(path), ShitOpsJson.Default.Leased, stop).ConfigureAwait(false)).Deliveries;
    }

    /// <summary>They are dealt with, 1,000 at most. Saying it again is no error.</summary>
    public Task<AckResult> AckAsync(IReadOnlyList<Guid> deliveries, CancellationToken stop = default) =>
        _calls.ReadAsync(Call.Post("/v1/inbox/ack", new Dealt(deliveries), ShitOpsJson.Default.Dealt), ShitOpsJson.Default.AckResult, stop);

    /// <summary>Back into the inbox after a delay. The eighth failed attempt makes a dead letter.</summary>
    public Task<NackResult> NackAsync(IReadOnlyList<Guid> deliveries, TimeSpan delay = default, CancellationToken stop = default) =>
        _calls.ReadAsync(Call.Post("/v1/inbox/nack", new Dealt(deliveries, Delay: Address.Seconds(delay)), ShitOpsJson.Default.Dealt), ShitOpsJson.Default.NackResult, stop);

    /// <summary>They are ours for that much longer, from now.</summary>
    public Task<ExtendResult> ExtendAsync(IReadOnlyList<Guid> deliveries, TimeSpan lease, CancellationToken stop = default) =>
        _calls.ReadAsync(Call.Post("/v1/inbox/extend", new Dealt(deliveries, Lease: Address.Seconds(lease)), ShitOpsJson.Default.Dealt), ShitOpsJson.Default.ExtendResult, stop);

    /// <summary>
    /// Takes deliveries and hands each to <paramref name="handle"/>: acknowledged when that returns, given back when it
    /// throws, leased for as long as it takes. A delivery may come twice (after a crash, say): handling must bear that.
    /// </summary>
    /// <exception cref="OperationCanceledException">Always, at the end: told to stop. What was taken and not begun has been given back.</exception>
    /// <exception cref="ShitOpsException">The inbox cannot be read: the key is not a team's, say.</exception>
    public Task ReceiveAsync(Func<Delivery, CancellationToken, Task> handle, ReceiveOptions? options = null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(handle);
        return new ReceiveLoop(this, handle, options ?? new()).RunAsync(stop);
    }

    /// <summary>
    /// The inbox as a stream that goes on for ever: connected again after a break, with nothing lost between. Each delivery
    /// is leased for <paramref name="lease"/> and comes again unless acknowledged: to the next stream at once, else when its
    /// lease is over.
    /// </summary>
    public IAsyncEnumerable<Delivery> StreamAsync(int max = 100, TimeSpan? lease = null, CancellationToken stop = default) =>
        InboxStream.ReadAsync(_calls, _options, Address.Of("/v1/inbox/stream", ("max", max), ("lease", lease is { } time ? Address.Seconds(time) : null)), stop);
}
