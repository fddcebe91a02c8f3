namespace ShitOps.Hosting.Cluster;

/// <summary>Whether this process can reach the cluster now. A gateway answers 503 while it cannot.</summary>
public interface IClusterLink
{
    bool IsConnected { get; }

    /// <summary>Completes when the cluster was reached for the first time.</summary>
    Task FirstConnected { get; }
}

/// <summary>Follows the client of a gateway, or the silo that runs in the same process.</summary>
internal sealed class ClusterLink : IClusterLink, IClusterConnectionStatusObserver,
    ILifecycleParticipant<IClusterClientLifecycle>, ILifecycleParticipant<ISiloLifecycle>
{
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _connected;

    public bool IsConnected => _connected;

    public Task FirstConnected => _first.Task;

    public void Participate(IClusterClientLifecycle lifecycle) => Subscribe(lifecycle);

    public void Participate(ISiloLifecycle lifecycle) => Subscribe(lifecycle);

    public void NotifyGatewayCountChanged(int currentNumberOfGateways, int previousNumberOfGateways, bool connectionRecovered)
    {
        // Before the first connect the count tells nothing: calls cannot be sent yet.
        if (_first.Task.IsCompleted)
            _connected = currentNumberOfGateways > 0;
    }

    public void NotifyClusterConnectionLost() => _connected = false;

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
