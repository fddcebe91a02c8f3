namespace ShitOps.TestKit;

/// <summary>Servers of a fixture: ended with it, the last first.</summary>
public sealed class Owned : IAsyncDisposable
{
    private readonly Stack<IAsyncDisposable> _servers = new();

    public T Add<T>(T server) where T : IAsyncDisposable
    {
        _servers.Push(server);
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        while (_servers.TryPop(out IAsyncDisposable? server))
            await server.DisposeAsync();
    }
}
