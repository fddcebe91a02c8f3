using ShitOps.Grains;
using ShitOps.Silo.Elastic;

namespace ShitOps.Elastic.Tests.Export;

/// <summary>An exporter that runs until this is disposed.</summary>
internal sealed class RunningExporter : IAsyncDisposable
{
    private readonly JournalExporter _exporter;
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly Task _running;

    public RunningExporter(JournalExporter exporter)
    {
        _exporter = exporter;
        _running = exporter.RunAsync(_stop.Token);
    }

    public Task UntilAsync(Func<ExportStatus, bool> wanted) => _exporter.UntilAsync(wanted, _stop.Token);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }
}
