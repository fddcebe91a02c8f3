namespace ShitOps.Grains.Journal;

/// <summary>Keeps one export running in the cluster. Its place in the journal is in the database: a successor goes on there.</summary>
[Reentrant]
public sealed class ExportGrain(IJournalExport export) : Grain, IExportGrain, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _running = export.RunAsync(_stop.Token);
        return Task.CompletedTask;
    }

    public Task<ExportStatus> Ping()
    {
        // It ends only when told to; whatever ended it else, it goes on.
        if (_running.IsCompleted && export.IsOn && !_stop.IsCancellationRequested)
            _running = export.RunAsync(_stop.Token);
        return Task.FromResult(export.Status);
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    public void Dispose() => _stop.Dispose();
}
