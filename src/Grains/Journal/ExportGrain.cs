using Microsoft.Extensions.Logging;

namespace ShitOps.Grains.Journal;

/// <summary>Keeps one export running in the cluster, and tells it how the nodes are. Its place in the journal is in the database: a successor goes on there.</summary>
[Reentrant]
public sealed partial class ExportGrain(IJournalExport export, ILogger<ExportGrain> log) : Grain, IExportGrain, IDisposable
{
    private const int NodesPerCall = 1000;

    private static readonly TimeSpan Round = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _running = export.RunAsync(_stop.Token);
        if (export.IsOn)
            this.RegisterGrainTimer(MeasureAsync, Round, Round);
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

    private async Task MeasureAsync()
    {
        string tree = this.GetPrimaryKeyString();
        try
        {
            var nodes = new List<NodeStatus>();
            NodeStatus[] some;
            do
            {
                some = (await GrainFactory.GetGrain<IHealthGrain>(tree).Read(nodes.Count == 0 ? 0 : nodes[^1].Index + 1, NodesPerCall)).Value;
                nodes.AddRange(some);
            }
            while (some.Length > 0);
            export.Measured(tree, nodes);
        }
        catch (Exception error)
        {
            LogUnmeasured(tree, error);
        }
    }

    [LoggerMessage(1502, LogLevel.Warning, "How the nodes of tree {Tree} are is not known for this round")]
    private partial void LogUnmeasured(string tree, Exception error);

    public void Dispose() => _stop.Dispose();
}
