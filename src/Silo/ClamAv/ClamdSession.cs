using System.Net.Sockets;

namespace ShitOps.Silo.ClamAv;

/// <summary>
/// One connection under zIDSESSION. Scans are pipelined: each is written whole, answers come back numbered and in any
/// order. One fault of any kind ends the session and fails all that wait in it: after nonsense no later answer can be
/// believed.
/// </summary>
internal sealed class ClamdSession : IDisposable
{
    private readonly Socket _socket;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly Lock _lock = new();
    private readonly Dictionary<int, TaskCompletionSource<ClamdReply>> _pending = [];
    private ClamdException? _fault;
    private int _number;

    private ClamdSession(Socket socket) => _socket = socket;

    public bool IsOpen
    {
        get { lock (_lock) return _fault is null; }
    }

    public static async Task<ClamdSession> OpenAsync(ClamdAddress address, CancellationToken stop)
    {
        Socket socket = await address.ConnectAsync(stop);
        try
        {
            await socket.SendAllAsync("zIDSESSION\0"u8.ToArray(), stop);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
        var session = new ClamdSession(socket);
        _ = session.ReadAsync();
        return session;
    }

    /// <summary>Does not complete before the frame is no longer read; <see cref="Fail"/> makes it complete.</summary>
    /// <exception cref="ClamdException">The session broke.</exception>
    public async Task<ClamdReply> ScanAsync(Frame frame)
    {
        var reply = new TaskCompletionSource<ClamdReply>(TaskCreationOptions.RunContinuationsAsynchronously);
        await _writing.WaitAsync();
        try
        {
            lock (_lock)
            {
                if (_fault is not null)
                    throw new ClamdException(_fault.Message, _fault);
                _pending.Add(++_number, reply);
            }
            await _socket.SendAllAsync(frame.Bytes, CancellationToken.None);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // What clamd said before it hung up (that the stream is too large) is worth more than the broken pipe.
            await EndedAsync(reply.Task);
            Fail("the connection broke", error);
        }
        finally
        {
            _writing.Release();
        }
        return await reply.Task;
    }

    /// <summary>Gives the reader a moment to come to the end of what was sent.</summary>
    private static async Task EndedAsync(Task reply) =>
        await reply.WaitAsync(TimeSpan.FromMilliseconds(200)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private async Task ReadAsync()
    {
        byte[] buffer = new byte[4 * ClamdReply.MaxLength];
        int held = 0;
        try
        {
            while (true)
            {
                int read = await _socket.ReceiveAsync(buffer.AsMemory(held));
                if (read == 0)
                    throw new ClamdException(held == 0 ? "clamd closed the connection" : "clamd closed the connection amid a reply");
                held += read;
                held = Take(buffer.AsSpan(0, held));
                if (held > ClamdReply.MaxLength + 16)
                    throw new ClamdException("a reply without an end");
            }
        }
        catch (ClamdException error)
        {
            Fail(error.Message, error);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            Fail("the connection broke", error);
        }
    }

    /// <summary>Takes the whole replies and moves the rest to the front.</summary>
    /// <returns>Bytes of the rest.</returns>
    private int Take(Span<byte> bytes)
    {
        int at = 0;
        while (bytes[at..].IndexOf((byte)0) is >= 0 and int length)
        {
            (int number, ClamdReply reply) = ClamdReply.ParseNumbered(bytes.Slice(at, length));
            TaskCompletionSource<ClamdReply>? waiting;
            lock (_lock)
                _pending.Remove(number, out waiting);
            if (waiting is null)
                throw new ClamdException("an answer to what was not asked");
            waiting.SetResult(reply);
            at += length + 1;
        }
        bytes[at..].CopyTo(bytes);
        return bytes.Length - at;
    }

    public void Fail(string reason, Exception? error = null)
    {
        TaskCompletionSource<ClamdReply>[] pending;
        lock (_lock)
        {
            if (_fault is not null)
                return;
            _fault = new(reason, error);
            pending = [.. _pending.Values];
            _pending.Clear();
        }
        _socket.Dispose();
        foreach (TaskCompletionSource<ClamdReply> waiting in pending)
            waiting.TrySetException(new ClamdException(reason, error));
    }

    public void Dispose() => Fail("the scanner is shutting down");
}

internal static class SocketSending
{
    public static async ValueTask SendAllAsync(this Socket socket, ReadOnlyMemory<byte> bytes, CancellationToken stop)
    {
        while (bytes.Length > 0)
            bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None, stop)..];
    }
}
