using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ShitOps.TestKit.Clamd;

/// <summary>
/// Speaks clamd's protocol as a test tells it to: honest until <see cref="Script"/> says otherwise. Honest is enough to
/// pass a self-test: it finds EICAR, entries marked as encrypted, and archives nested too deep.
/// </summary>
public sealed class ScriptedClamd : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;

    public ScriptedClamd()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Endpoint => $"tcp://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>What VERSION answers.</summary>
    public string Version { get; set; } = "ClamAV 9.9.9/1/Mon Nov 23 00:00:00 2026";

    /// <summary>What is done with each INSTREAM. Runs beside the reading of the next one.</summary>
    public Func<ScriptedScan, Task> Script { get; set; } = scan => scan.AnswerAsync();

    /// <summary>What is done when an INSTREAM's first bytes have come, up to 1,000 of them, and the others are not read yet.</summary>
    public Func<ScriptedScan, Task> Early { get; set; } = _ => Task.CompletedTask;

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
        }
        catch (Exception error) when (_stop.IsCancellationRequested && error is OperationCanceledException or SocketException or InvalidOperationException)
        {
            // Stopped.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using TcpClient owned = client;
        NetworkStream stream = client.GetStream();
        using var writing = new SemaphoreSlim(1);
        int number = 0;
        bool session = false;
        try
        {
            while (await ReadCommandAsync(stream) is { } command)
            {
                switch (command)
                {
                    case "zVERSION":
                        await stream.WriteAsync(Encoding.Latin1.GetBytes(Version + "\0"), _stop.Token);
                        return;
                    case "zIDSESSION":
                        session = true;
                        break;
                    case "zINSTREAM":
                        string prefix = session ? $"{++number}: " : "";
                        byte[] content = await ReadStreamAsync(stream, begun => Early(new ScriptedScan(client, writing, prefix, begun)));
                        Task script = Script(new ScriptedScan(client, writing, prefix, content));
                        if (!session)
                        {
                            await script;
                            return;
                        }
                        break;
                    default:
                        return;
                }
            }
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // The other side has gone, or the script hung up.
        }
    }

    private async Task<string?> ReadCommandAsync(NetworkStream stream)
    {
        var command = new StringBuilder();
        byte[] one = new byte[1];
        while (await stream.ReadAsync(one, _stop.Token) == 1)
        {
            if (one[0] == 0)
                return command.ToString();
            command.Append((char)one[0]);
        }
        return null;
    }

    private async Task<byte[]> ReadStreamAsync(NetworkStream stream, Func<byte[], Task> begun)
    {
        using var content = new MemoryStream();
        byte[] length = new byte[4];
        while (true)
        {
            await stream.ReadExactlyAsync(length, _stop.Token);
            byte[] chunk = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
            if (chunk.Length == 0)
                return content.ToArray();
            int first = content.Length == 0 ? Math.Min(chunk.Length, 1000) : 0;
            await stream.ReadExactlyAsync(chunk.AsMemory(0, first), _stop.Token);
            if (first > 0)
                await begun(chunk[..first]);
            await stream.ReadExactlyAsync(chunk.AsMemory(first), _stop.Token);
            content.Write(chunk);
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

/// <summary>One INSTREAM that a <see cref="ScriptedClamd"/> has read.</summary>
/// <param name="prefix">The number that goes in front of an answer in a session.</param>
public sealed class ScriptedScan(TcpClient client, SemaphoreSlim writing, string prefix, byte[] content)
{
    public string Prefix => prefix;

    public byte[] Content => content;

    /// <summary>True for a ZIP of several contents, as the silo sends them.</summary>
    public bool IsBatch => Count("PK\x03\x04"u8) > 1 && Count("PK\x05\x06"u8) == 1;

    /// <summary>What a real clamd would say.</summary>
    public string Honest =>
        content.AsSpan().IndexOf(Eicar.Plain) >= 0 ? "stream: Eicar-Test-Signature FOUND"
        : HasEncrypted() ? "stream: Heuristics.Encrypted.Zip FOUND"
        : Count("PK\x05\x06"u8) > 20 ? "stream: Heuristics.Limits.Exceeded.MaxRecursion FOUND"
        : "stream: OK";

    public Task AnswerAsync() => SendAsync($"{prefix}{Honest}\0");

    /// <summary>Sends these characters, one byte each.</summary>
    public async Task SendAsync(string bytes)
    {
        await writing.WaitAsync();
        try
        {
            await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(bytes));
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The other side has had enough, which is what a hostile script is for.
        }
        finally
        {
            writing.Release();
        }
    }

    public void HangUp() => client.Close();

    /// <summary>Hangs up with a reset: what was sent and not read yet is lost to the other side.</summary>
    public void Reset() => client.Client?.Close(0);

    /// <summary>False once the other side has hung up, or this one.</summary>
    public bool IsOpen
    {
        get
        {
            try
            {
                return client.Client is { } socket && !(socket.Poll(0, SelectMode.SelectRead) && socket.Available == 0);
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                return false;
            }
        }
    }

    private int Count(ReadOnlySpan<byte> mark) => content.AsSpan().Count(mark);

    private bool HasEncrypted()
    {
        ReadOnlySpan<byte> rest = content;
        while (rest.IndexOf("PK\x03\x04"u8) is >= 0 and int at)
        {
            if (at + 6 < rest.Length && (rest[at + 6] & 1) != 0)
                return true;
            rest = rest[(at + 4)..];
        }
        return false;
    }
}
