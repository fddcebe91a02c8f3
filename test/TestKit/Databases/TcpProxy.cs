using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ShitOps.TestKit.Databases;

/// <summary>Passes bytes between clients and a server, and can cut or hold up a connection at the worst moment.</summary>
public sealed class TcpProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly int _target;
    private readonly Task _accepting;
    private byte[]? _cutAt, _holdAt;
    private int _cuts;
    private TaskCompletionSource _held = new(), _released = new();

    public TcpProxy(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Connections cut so far.</summary>
    public int Cuts => Volatile.Read(ref _cuts);

    /// <summary>The next time a client says this, the server hears it and answers, and the client never gets the answer.</summary>
    public void CutAnswerTo(string text) => Volatile.Write(ref _cutAt, Encoding.ASCII.GetBytes(text));

    /// <summary>The next time a client says this, the server does not hear it, nor what follows on that connection, before <see cref="Release"/>.</summary>
    /// <returns>Done when the client has said it.</returns>
    public Task HoldAt(string text)
    {
        (_held, _released) = (new(TaskCreationOptions.RunContinuationsAsynchronously), new(TaskCreationOptions.RunContinuationsAsynchronously));
        Volatile.Write(ref _holdAt, Encoding.ASCII.GetBytes(text));
        return _held.Task;
    }

    public void Release() => _released.TrySetResult();

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                _ = PassAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
            }
            catch (Exception) when (_stop.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task PassAsync(TcpClient client)
    {
        using var server = new TcpClient();
        using (client)
        {
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, _target, _stop.Token);
                NetworkStream near = client.GetStream(), far = server.GetStream();
                var cut = new TaskCompletionSource();
                await Task.WhenAny(ToServerAsync(near, far, cut), ToClientAsync(far, near, cut.Task));
            }
            catch (Exception error) when (error is IOException or SocketException or OperationCanceledException)
            {
                // A side is gone: the other goes with it.
            }
        }
    }

    private async Task ToServerAsync(NetworkStream near, NetworkStream far, TaskCompletionSource cut)
    {
        byte[] buffer = new byte[1 << 16];
        while (await near.ReadAsync(buffer, _stop.Token) is > 0 and int read)
        {
            if (Volatile.Read(ref _cutAt) is { } text && buffer.AsSpan(0, read).IndexOf(text) >= 0
                && Interlocked.CompareExchange(ref _cutAt, null, text) == text)
                cut.SetResult();
            if (Volatile.Read(ref _holdAt) is { } hold && buffer.AsSpan(0, read).IndexOf(hold) >= 0
                && Interlocked.CompareExchange(ref _holdAt, null, hold) == hold)
            {
                _held.SetResult();
                await _released.Task.WaitAsync(_stop.Token);
            }
            await far.WriteAsync(buffer.AsMemory(0, read), _stop.Token);
        }
    }

    private async Task ToClientAsync(NetworkStream far, NetworkStream near, Task cut)
    {
        byte[] buffer = new byte[1 << 16];
        while (await far.ReadAsync(buffer, _stop.Token) is > 0 and int read)
        {
            if (cut.IsCompleted)
            {
                Interlocked.Increment(ref _cuts);
                return;
            }
            await near.WriteAsync(buffer.AsMemory(0, read), _stop.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }
}
