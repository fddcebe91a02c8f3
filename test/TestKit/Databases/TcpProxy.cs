using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ShitOps.TestKit.Databases;

/// <summary>Passes bytes between clients and a server, and can cut, slow, hold up or garble a connection at the worst moment.</summary>
public sealed class TcpProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<TcpClient, TcpClient> _open = new();
    private readonly int _target;
    private readonly Task _accepting;
    private byte[]? _cutAt, _holdAt;
    private int _cuts;
    private TaskCompletionSource _held = new(), _released = new(), _speaks = Spoken();

    public TcpProxy(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Connections cut so far.</summary>
    public int Cuts => Volatile.Read(ref _cuts);

    /// <summary>How long whatever a client says is kept back before the server hears it.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>What becomes of the server's bytes on their way to a client; null: they pass as they are.</summary>
    public Action<Memory<byte>>? Garble { get; set; }

    /// <summary>The next time a client says this, the server hears it and answers, and the client never gets the answer.</summary>
    public void CutAnswerTo(string text) => Volatile.Write(ref _cutAt, Encoding.ASCII.GetBytes(text));

    /// <summary>Ends every connection there is; new ones are served.</summary>
    public void CutAll()
    {
        foreach ((TcpClient client, TcpClient server) in _open)
        {
            Interlocked.Increment(ref _cuts);
            server.Close();
            client.Close();
        }
    }

    /// <summary>From now on nothing passes in either direction, and connections stay open, until <see cref="Speak"/>.</summary>
    public void FallSilent()
    {
        if (_speaks.Task.IsCompleted)
            _speaks = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    public void Speak() => _speaks.TrySetResult();

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
                client.NoDelay = server.NoDelay = true;
                _open[client] = server;
                NetworkStream near = client.GetStream(), far = server.GetStream();
                var cut = new TaskCompletionSource();
                await Task.WhenAny(ToServerAsync(near, far, cut), ToClientAsync(far, near, cut.Task));
            }
            catch (Exception error) when (error is IOException or SocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
            {
                // A side is gone: the other goes with it.
            }
            finally
            {
                _open.TryRemove(client, out _);
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
            if (Delay > TimeSpan.Zero)
                await Task.Delay(Delay, TimeProvider.System, _stop.Token);
            await _speaks.Task.WaitAsync(_stop.Token);
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
            Garble?.Invoke(buffer.AsMemory(0, read));
            await _speaks.Task.WaitAsync(_stop.Token);
            await near.WriteAsync(buffer.AsMemory(0, read), _stop.Token);
        }
    }

    private static TaskCompletionSource Spoken()
    {
        var speaks = new TaskCompletionSource();
        speaks.SetResult();
        return speaks;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }
}
