namespace ShitOps.Hosting.Cluster;

/// <summary>Whether this process can reach the cluster now. A gateway answers 503 while it cannot.</summary>
public interface IClusterLink
{
    bool IsConnected { get; }

    /// <summary>Completes when the cluster was reached for the first time.</summary>
    Task FirstConnected { get; }

    /// <summary>
    /// Ends when the connection to a silo is lost. Answers to calls that were under way then may be lost with it, whichever
    /// silo they went through, so who waits for one had better ask again. To be read before the call is made.
    /// </summary>
    CancellationToken Lost { get; }
}

/// <summary>Follows the client of a gateway, or the silo that runs in the same process.</summary>
internal sealed class ClusterLink : IClusterLink, IClusterConnectionStatusObserver, IDisposable,
    ILifecycleParticipant<IClusterClientLifecycle>, ILifecycleParticipant<ISiloLifecycle>
{
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _connected;
    private CancellationTokenSource _lost = new();

    public bool IsConnected => _connected;

    public Task FirstConnected => _first.Task;

    public CancellationToken Lost => Volatile.Read(ref _lost).Token;

    public void Participate(IClusterClientLifecycle lifecycle) => Subscribe(lifecycle);

    public void Participate(ISiloLifecycle lifecycle) => Subscribe(lifecycle);

    public void NotifyGatewayCountChanged(int currentNumberOfGateways, int previousNumberOfGateways, bool connectionRecovered)
    {
        // Before the first connect the count tells nothing: calls cannot be sent yet.
        if (_first.Task.IsCompleted)
            _connected = currentNumberOfGateways > 0;
        if (currentNumberOfGateways < previousNumberOfGateways)
            Interlocked.Exchange(ref _lost, new()).CancelAsync().Ignore();
    }

    public void NotifyClusterConnectionLost() => _connected = false;

    public void Dispose() => _lost.Dispose();

    private void Subscribe(ILifecycleObservable lifecycle) => lifecycle.Subscribe(
        nameof(ClusterLink), ServiceLifecycleStage.Active,
        _ =>
        {
            _connected = true;
            _first.TrySetResult();
            return Task.CompletedTask;
        },
        _ =>
        {
            _connected = false;
            return Task.CompletedTask;
        });
}
