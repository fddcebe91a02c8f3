using System.Net.Sockets;

namespace ShitOps.Silo.ClamAv;

/// <summary>
/// One clamd: asked for its version every second, tested whenever its signatures change, used only while both are well.
/// The probe has a connection of its own, which clamd answers even while all its scanning threads are busy: no answer
/// means that it hangs, and everything under way there is broken off.
/// </summary>
internal sealed partial class ClamdEndpoint(ClamdAddress address, AntivirusOptions options, TimeProvider time, ILogger logger) : IDisposable
{
    private static readonly TimeSpan MaxBackOff = TimeSpan.FromSeconds(4);

    /// <summary>
    /// Scans under way at once. Enough to keep clamd's threads busy, and so few that each is answered in time even if all
    /// of them are archives that take seconds.
    /// </summary>
    private const int MaxPending = 8;

    private readonly SemaphoreSlim _places = new(MaxPending);
    private readonly SemaphoreSlim _opening = new(1);
    private readonly TaskCompletionSource _probed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile ClamdSession? _session;
    private volatile State? _well;
    private volatile CancellationTokenSource _wellness = new();
    private string? _reason;
    private int _load;

    /// <summary>Completes when the first probe has ended, well or not.</summary>
    public Task Probed => _probed.Task;

    /// <summary>Null while this clamd is not to be used.</summary>
    public State? Well => _well;

    /// <summary>Scans under way.</summary>
    public int Load => Volatile.Read(ref _load);

    public ClamdAddress Address => address;

    /// <summary>Cancelled when this clamd stops being well.</summary>
    public CancellationToken Wellness => _wellness.Token;

    /// <param name="CanBatch">False: planted samples were missed in a batch, contents go one by one.</param>
    internal sealed record State(ClamdVersion Version, bool CanBatch);

    /// <param name="timeout">Counts from when clamd is asked, not while others are before it.</param>
    /// <exception cref="ClamdException">No answer, or none that can be believed.</exception>
    public async Task<ClamdReply> ScanAsync(Frame frame, TimeSpan timeout)
    {
        Interlocked.Increment(ref _load);
        await _places.WaitAsync();
        try
        {
            // Whoever waited for a place while this clamd went away must not wait for it once more.
            if (_wellness.IsCancellationRequested)
                throw new ClamdException($"{address} went away");
            return await SendAsync(frame, timeout);
        }
        finally
        {
            _places.Release();
            Interlocked.Decrement(ref _load);
        }
    }

    private async Task<ClamdReply> SendAsync(Frame frame, TimeSpan timeout)
    {
        ClamdSession session = await SessionAsync();
        Task<ClamdReply> scan = session.ScanAsync(frame);
        try
        {
            return await scan.WaitAsync(timeout, time);
        }
        catch (TimeoutException error)
        {
            session.Fail("no answer in time", error);
            // The frame's buffer may be reused only when nobody reads it any more.
            await ((Task)scan).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw new ClamdTimeoutException($"{address} gave no answer within {timeout.TotalSeconds:0.#} s", error);
        }
        catch (ClamdException error)
        {
            throw new ClamdBrokeException(error.Message, error);
        }
    }

    private async Task<ClamdSession> SessionAsync()
    {
        if (_session is { IsOpen: true } open)
            return open;
        await _opening.WaitAsync();
        try
        {
            if (_session is { IsOpen: true } opened)
                return opened;
            return _session = await ConnectedAsync(stop => ClamdSession.OpenAsync(address, stop));
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <summary>Connects within the probe's time.</summary>
    public async Task<T> ConnectedAsync<T>(Func<CancellationToken, Task<T>> connect)
    {
        using var limit = new CancellationTokenSource(options.ProbeTimeout, time);
        try
        {
            return await connect(limit.Token);
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException)
        {
            string reason = error is SocketException socket ? socket.SocketErrorCode.ToString() : "no connection in time";
            throw new ClamdException($"{address}: {reason}", error);
        }
    }

    /// <summary>Probes until stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        TimeSpan pause = options.ProbeInterval;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await ProbeAsync();
                pause = options.ProbeInterval;
            }
            catch (ClamdException error)
            {
                SetAway(error.Message);
                pause = pause * 2 < MaxBackOff ? pause * 2 : MaxBackOff;
            }
            _probed.TrySetResult();
            await Task.Delay(pause, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ProbeAsync()
    {
        ClamdVersion version = await VersionAsync();
        if (_well?.Version == version)
            return;
        // Signatures have changed. Until the test is over the old version stays in force: verdicts then claim less than
        // they are worth, never more.
        bool canBatch = await SelfTest.RunAsync(frame => SendAsync(frame, options.ProbeTimeout * 2));
        if (!canBatch)
            LogCannotBatch(logger, address, version.Text);
        LogWell(logger, address, version.Text);
        _reason = null;
        if (_wellness.IsCancellationRequested)
            _wellness = new();
        _well = new(version, canBatch);
    }

    /// <exception cref="ClamdException">It does not answer now.</exception>
    public Task AskAsync() => VersionAsync();

    private async Task<ClamdVersion> VersionAsync()
    {
        using Socket socket = await ConnectedAsync(address.ConnectAsync);
        using var limit = new CancellationTokenSource(options.ProbeTimeout, time);
        byte[] buffer = new byte[ClamdReply.MaxLength];
        try
        {
            await socket.SendAllAsync("zVERSION\0"u8.ToArray(), limit.Token);
            return ClamdVersion.Parse((await ReadLineAsync(socket, buffer, limit.Token)).Span);
        }
        catch (OperationCanceledException error)
        {
            throw new ClamdException($"{address} hangs: no answer to a probe within {options.ProbeTimeout.TotalSeconds:0.#} s", error);
        }
        catch (SocketException error)
        {
            throw new ClamdException($"{address}: {error.SocketErrorCode}", error);
        }
    }

    /// <summary>Reads the one reply of a connection without a session.</summary>
    public static async ValueTask<ReadOnlyMemory<byte>> ReadLineAsync(Socket socket, byte[] buffer, CancellationToken stop)
    {
        for (int held = 0; held < buffer.Length;)
        {
            int read = await socket.ReceiveAsync(buffer.AsMemory(held), stop);
            if (read == 0)
                throw new ClamdException("clamd closed the connection without a whole reply");
            held += read;
            int end = buffer.AsSpan(0, held).IndexOf((byte)0);
            if (end >= 0)
                return end == held - 1 ? buffer.AsMemory(0, end) : throw new ClamdException("more than one reply");
        }
        throw new ClamdException("a reply without an end");
    }

    private void SetAway(string reason)
    {
        _well = null;
        _wellness.Cancel();
        _session?.Fail(reason);
        if (_reason != reason)
            LogAway(logger, address, reason);
        _reason = reason;
    }

    /// <summary>A scan found out before the probe did.</summary>
    public void Suspect(ClamdException error)
    {
        if (error.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused or SocketError.AddressNotAvailable })
            SetAway(error.Message);
    }

    public void Dispose()
    {
        _session?.Dispose();
        _wellness.Cancel();
    }

    [LoggerMessage(3001, LogLevel.Information, "Scanner {Address} is well: {Version}")]
    private static partial void LogWell(ILogger logger, ClamdAddress address, string version);

    [LoggerMessage(3002, LogLevel.Warning, "Scanner {Address} is not used: {Reason}")]
    private static partial void LogAway(ILogger logger, ClamdAddress address, string reason);

    [LoggerMessage(3003, LogLevel.Warning, "Scanner {Address} ({Version}) missed a planted sample in a batch; contents go one by one, which is slower")]
    private static partial void LogCannotBatch(ILogger logger, ClamdAddress address, string version);
}

/// <summary>The answer did not come in time: not worth another try at the same clamd.</summary>
internal sealed class ClamdTimeoutException(string message, Exception inner) : ClamdBrokeException(message, inner);

/// <summary>The content had been handed over, wholly or in part, when clamd broke off.</summary>
internal class ClamdBrokeException(string message, Exception inner) : ClamdException(message, inner);
