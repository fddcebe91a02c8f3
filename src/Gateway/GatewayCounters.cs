namespace ShitOps.Gateway;

/// <summary>What <c>/metrics</c> shows of this process.</summary>
internal sealed class GatewayCounters
{
    private long _accepted, _refused, _batches, _batched, _leased, _acknowledged, _asks, _replies, _workflows, _taskActions;

    public long Accepted => Interlocked.Read(ref _accepted);
    public long Refused => Interlocked.Read(ref _refused);
    public long Batches => Interlocked.Read(ref _batches);
    public long Batched => Interlocked.Read(ref _batched);
    public long Leased => Interlocked.Read(ref _leased);
    public long Acknowledged => Interlocked.Read(ref _acknowledged);

    public long Asks => Interlocked.Read(ref _asks);
    public long Replies => Interlocked.Read(ref _replies);
    public long Workflows => Interlocked.Read(ref _workflows);
    public long TaskActions => Interlocked.Read(ref _taskActions);

    public void Post(bool accepted) => Interlocked.Increment(ref accepted ? ref _accepted : ref _refused);

    public void Batch(int messages)
    {
        Interlocked.Increment(ref _batches);
        Interlocked.Add(ref _batched, messages);
    }

    public void Ask() => Interlocked.Increment(ref _asks);

    public void Reply() => Interlocked.Increment(ref _replies);

    public void Workflow() => Interlocked.Increment(ref _workflows);

    public void TaskAction() => Interlocked.Increment(ref _taskActions);

    public void Lease(int deliveries) => Interlocked.Add(ref _leased, deliveries);

    public void Ack(int deliveries) => Interlocked.Add(ref _acknowledged, deliveries);
}
