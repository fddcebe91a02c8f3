namespace ShitOps.Grains.Health;

/// <summary>Keeps the silo's copy of the tree current from the moment the silo is active.</summary>
public sealed class TreeWatcher(TreeWatch tree) : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    public void Dispose() => _stop.Dispose();

    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(TreeWatcher), ServiceLifecycleStage.Active,
        _ =>
        {
            _running = tree.RunAsync(_stop.Token);
            return Task.CompletedTask;
        },
        async _ =>
        {
            await _stop.CancelAsync();
            await _running;
        });
}
