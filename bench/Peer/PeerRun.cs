using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace ShitOps.Bench.Peers;

/// <summary>
/// One run through the broker. Queues are durable, messages persistent, every publish confirmed, every message
/// acknowledged by itself and only when it is safe where it goes next.
/// </summary>
internal sealed class PeerRun(PeerKind kind, PeerOptions options, int rabbitPort, int clamdPort, MessageRows rows)
{
    private const string Intake = "intake", Inbox = "inbox";
    private readonly ConcurrentDictionary<int, bool> _arrived = new();
    private int _count;
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <returns>From the first publish until the last message is acknowledged by its recipient; and until the last publish was confirmed.</returns>
    /// <exception cref="InvalidOperationException">A message was lost, doubled, or not clean.</exception>
    public async Task<(TimeSpan EndToEnd, TimeSpan Published)> RunAsync(int round, CancellationToken stop)
    {
        var factory = new ConnectionFactory { HostName = "127.0.0.1", Port = rabbitPort, ConsumerDispatchConcurrency = options.Concurrency };
        // The limiter begins to slow publishers down at half of its number: with twice as many as there are it never does.
        var confirmed = new CreateChannelOptions(
            publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true, new ThrottlingRateLimiter(2 * options.Outstanding));
        // A connection each for who sends, who passes on and who receives, as if they were three processes.
        await using IConnection sending = await factory.CreateConnectionAsync(stop), passing = await factory.CreateConnectionAsync(stop),
            receiving = await factory.CreateConnectionAsync(stop);
        await using IChannel publisher = await sending.CreateChannelAsync(confirmed, stop), intake = await passing.CreateChannelAsync(cancellationToken: stop),
            forward = await passing.CreateChannelAsync(confirmed, stop), inbox = await receiving.CreateChannelAsync(cancellationToken: stop);
        foreach (string queue in new[] { Intake, Inbox })
        {
            await publisher.QueueDeleteAsync(queue, cancellationToken: stop);
            await publisher.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, cancellationToken: stop);
        }
        if (kind != PeerKind.Broker)
            await ConsumeAsync(intake, Intake, e => ServeAsync(e, intake, forward, stop), stop);
        await ConsumeAsync(inbox, kind == PeerKind.Broker ? Intake : Inbox, e => TakeAsync(e, inbox, stop), stop);

        long start = Stopwatch.GetTimestamp();
        int next = -1;
        Task publishing = Task.WhenAll(Enumerable.Range(0, options.Outstanding).Select(async sender =>
        {
            var random = new Random((round * 100_000) + sender);
            for (int i = Interlocked.Increment(ref next); i < options.Messages; i = Interlocked.Increment(ref next))
                await publisher.BasicPublishAsync("", Intake, mandatory: true, Persistent(i), RandomText.Make(random, options.Body), stop);
        }));
        await await Task.WhenAny(publishing, _done.Task);
        await publishing;
        TimeSpan published = Stopwatch.GetElapsedTime(start);
        await _done.Task.WaitAsync(stop);
        return (Stopwatch.GetElapsedTime(start), published);
    }

    /// <summary>What the service between the queues does.</summary>
    private async Task ServeAsync(BasicDeliverEventArgs message, IChannel intake, IChannel forward, CancellationToken stop)
    {
        // The client's buffer is its own again when this returns, and lives until then.
        if (kind == PeerKind.Pipeline)
        {
            await ScanConnection.ScanAsync(clamdPort, message.Body, stop);
            await rows.InsertAsync(message.Body, stop);
        }
        await forward.BasicPublishAsync("", Inbox, mandatory: true, Persistent(Number(message)), message.Body, stop);
        await intake.BasicAckAsync(message.DeliveryTag, multiple: false, stop);
    }

    /// <summary>What the recipient does.</summary>
    private async Task TakeAsync(BasicDeliverEventArgs message, IChannel inbox, CancellationToken stop)
    {
        await inbox.BasicAckAsync(message.DeliveryTag, multiple: false, stop);
        if (!_arrived.TryAdd(Number(message), true))
            throw new InvalidOperationException($"message {Number(message)} came twice");
        if (Interlocked.Increment(ref _count) == options.Messages)
            _done.TrySetResult();
    }

    private async Task ConsumeAsync(IChannel channel, string queue, Func<BasicDeliverEventArgs, Task> handle, CancellationToken stop)
    {
        await channel.BasicQosAsync(0, options.Prefetch, global: false, stop);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, message) =>
        {
            try
            {
                await handle(message);
            }
            catch (Exception error)
            {
                // The client would keep it to itself.
                _done.TrySetException(error);
            }
        };
        await channel.BasicConsumeAsync(queue, autoAck: false, consumer, stop);
    }

    private static BasicProperties Persistent(int number) => new() { Persistent = true, MessageId = number.ToString(CultureInfo.InvariantCulture) };

    private static int Number(BasicDeliverEventArgs message) => int.Parse(message.BasicProperties.MessageId!, CultureInfo.InvariantCulture);
}
