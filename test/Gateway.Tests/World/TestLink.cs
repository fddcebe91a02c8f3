using ShitOps.Hosting.Cluster;

namespace ShitOps.Gateway.Tests.World;

/// <summary>A cluster that is reached, until a test loses a silo of it.</summary>
internal sealed class TestLink : IClusterLink, IDisposable
{
    private readonly CancellationTokenSource _lost = new();

    public bool IsConnected => true;
    public Task FirstConnected => Task.CompletedTask;
    public CancellationToken Lost => _lost.IsCancellationRequested ? CancellationToken.None : _lost.Token;

    public Task LoseAsync() => _lost.CancelAsync();
    public void Dispose() => _lost.Dispose();
}
