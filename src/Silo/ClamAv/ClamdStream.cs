using System.Buffers.Binary;
using System.Net.Sockets;
using ShitOps.Grains.Scanning;

namespace ShitOps.Silo.ClamAv;

/// <summary>
/// One large content, sent to clamd piece by piece as it comes, on a connection of its own: a slow sender must not stand
/// in the way of a session's scans.
/// </summary>
internal sealed class ClamdStream : IStreamScan
{
    private readonly Socket _socket;
    private readonly ClamdVersion? _version;
    private readonly CancellationToken _wellness;
    private readonly AntivirusOptions _options;
    private readonly TimeProvider _time;
    private readonly byte[] _length = new byte[4];
    private long _sent;
    private Verdict? _verdict;
    private bool _broken;

    private ClamdStream(Socket socket, ClamdEndpoint endpoint, AntivirusOptions options, TimeProvider time)
    {
        _socket = socket;
        _version = endpoint.Well?.Version;
        _wellness = endpoint.Wellness;
        _options = options;
        _time = time;
    }

    /// <exception cref="ClamdException">No connection.</exception>
    public static async Task<ClamdStream> OpenAsync(ClamdEndpoint endpoint, AntivirusOptions options, TimeProvider time, CancellationToken stop)
    {
        Socket socket = await endpoint.ConnectedAsync(endpoint.Address.ConnectAsync).WaitAsync(stop);
        var stream = new ClamdStream(socket, endpoint, options, time);
        await stream.TryAsync(limit => socket.SendAllAsync(Frame.Command.ToArray(), limit), stop);
        return stream;
    }

    public async ValueTask AppendAsync(ReadOnlyMemory<byte> piece, CancellationToken stop = default)
    {
        // An empty chunk would end the stream.
        if (piece.Length == 0 || _verdict is not null || _broken)
            return;
        _sent += piece.Length;
        if (_sent > _options.MaxContentBytes)
        {
            _verdict = new(VerdictKind.Unscannable, $"larger than {_options.MaxContentBytes} bytes");
            return;
        }
        BinaryPrimitives.WriteInt32BigEndian(_length, piece.Length);
        await TryAsync(
            async limit =>
            {
                await _socket.SendAllAsync(_length, limit);
                await _socket.SendAllAsync(piece, limit);
            },
            stop);
    }

    public async Task<ScanReport> CompleteAsync(CancellationToken stop = default)
    {
        if (_verdict is null && !_broken)
        {
            BinaryPrimitives.WriteInt32BigEndian(_length, 0);
            await TryAsync(limit => _socket.SendAllAsync(_length, limit), stop);
        }
        // Broken too: clamd may have said why before it hung up.
        if (_verdict is null)
            await TryAsync(async limit => _verdict = ClamdReply.Parse(
                (await ClamdEndpoint.ReadLineAsync(_socket, new byte[ClamdReply.MaxLength], limit)).Span).ToVerdict(), stop);
        Verdict verdict = _verdict ?? new(VerdictKind.Unavailable, "the scanner went away amid the stream");
        // An answer that came before all was sent speaks of a part.
        if (_broken && verdict.Kind == VerdictKind.Clean || _version is null)
            verdict = new(VerdictKind.Unavailable, "the scanner went away amid the stream");
        return new(verdict.Kind == VerdictKind.Unavailable ? null : _version?.Text, [verdict]);
    }

    /// <summary>Runs one step; a clamd that breaks, hangs or goes away makes the verdict unavailable.</summary>
    private async Task TryAsync(Func<CancellationToken, ValueTask> step, CancellationToken stop)
    {
        using var timeout = new CancellationTokenSource(_options.Timeout, _time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _wellness, stop);
        try
        {
            await step(limit.Token);
        }
        catch (Exception error) when (error is SocketException or ClamdException or ObjectDisposedException
            || (error is OperationCanceledException && !stop.IsCancellationRequested))
        {
            _broken = true;
        }
    }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <summary>What is opened when no scanner is well.</summary>
internal sealed class NoStream(string reason) : IStreamScan
{
    public ValueTask AppendAsync(ReadOnlyMemory<byte> piece, CancellationToken stop = default) => ValueTask.CompletedTask;

    public Task<ScanReport> CompleteAsync(CancellationToken stop = default) =>
        Task.FromResult(new ScanReport(null, [new(VerdictKind.Unavailable, reason)]));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
