using System.Globalization;

namespace ShitOps.Deploy.Tests.Docs;

/// <summary>
/// One team sends numbers to another, by whichever gateway answers, and repeats under the same key what was not answered.
/// Whatever happens meanwhile, they must come once and in order.
/// </summary>
internal sealed class Traffic(ShitOpsClient[] senders, ShitOpsClient[] recipients, string to)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50), Limit = TimeSpan.FromMinutes(2);
    private const int Least = 10;
    private readonly List<int> _received = [];
    private readonly string _name = Guid.NewGuid().ToString("N");
    private int _sent, _repeats;

    public int Sent => _sent;

    /// <summary>Calls that had to be made again, by those who send.</summary>
    public int Repeats => _repeats;

    /// <summary>Runs for as long as something else does, then until everything sent has come.</summary>
    public async Task DuringAsync(Func<Task> happening)
    {
        using var end = new CancellationTokenSource();
        Task sending = SendAsync(end.Token);
        using var patience = new CancellationTokenSource();
        Task receiving = ReceiveAsync(() => end.IsCancellationRequested && sending.IsCompleted && _received.Count >= _sent, patience.Token);
        try
        {
            await happening();
        }
        finally
        {
            await end.CancelAsync();
            await sending;
            patience.CancelAfter(Limit);
            await receiving;
        }
        Assert.Equal(Enumerable.Range(0, _sent), _received);
    }

    private async Task SendAsync(CancellationToken end)
    {
        while (!end.IsCancellationRequested || _sent < Least)
        {
            string number = _sent.ToString(CultureInfo.InvariantCulture);
            NewMessage message = NewMessage.Json(to, number) with { OrderingKey = "numbers", IdempotencyKey = $"{_name}-{number}" };
            await AgainAsync(senders, client => client.SendAsync(message), () => _repeats++, CancellationToken.None);
            _sent++;
            await Task.Delay(Pause, TimeProvider.System, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ReceiveAsync(Func<bool> isAll, CancellationToken stop)
    {
        while (!isAll())
        {
            IReadOnlyList<Delivery> some = await AgainAsync(recipients, client => client.LeaseAsync(100, TimeSpan.FromSeconds(1), stop: stop), null, stop);
            if (some.Count == 0)
                continue;
            _received.AddRange(some.Select(d => d.Message.Body.GetInt32()));
            await AgainAsync(recipients, client => client.AckAsync([.. some.Select(d => d.DeliveryId)], stop), null, stop);
        }
    }

    private static async Task<T> AgainAsync<T>(ShitOpsClient[] gateways, Func<ShitOpsClient, Task<T>> call, Action? again, CancellationToken stop)
    {
        for (int i = 0; ; i++)
        {
            try
            {
                return await call(gateways[i % gateways.Length]);
            }
            catch (Exception error) when (error is HttpRequestException or TimeoutException or ShitOpsException { IsTransient: true } && !stop.IsCancellationRequested)
            {
                again?.Invoke();
                await Task.Delay(Pause, TimeProvider.System, stop);
            }
        }
    }
}
