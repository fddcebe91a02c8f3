using ShitOps.Grains;

namespace ShitOps.Silo.Elastic;

/// <summary>
/// How the export goes, as health, meter and log see it. Trouble that lasts is logged when it is certain, again every five
/// minutes, and when it is over: nothing is tried again in silence.
/// </summary>
internal sealed partial class ExportState(TimeProvider time, ILogger log)
{
    /// <summary>Tries in a row after which trouble is more than a busy moment.</summary>
    private const int Lasting = 3;

    private static readonly TimeSpan Reminder = TimeSpan.FromMinutes(5);

    private readonly Lock _gate = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ExportLag _lag = new(0, null);
    private string? _trouble;
    private long? _told;
    private bool _toldPermanent;
    private long _sent, _rejected;

    /// <summary>Whether this process is the one that sends.</summary>
    public bool IsRunning { get; private set; }

    public ExportStatus Status
    {
        get
        {
            lock (_gate)
            {
                return new()
                {
                    LagEvents = _lag.Events,
                    LagSeconds = _lag.Oldest is { } oldest ? Math.Max(0, (time.GetUtcNow() - oldest).TotalSeconds) : 0,
                    Trouble = _trouble,
                    Sent = _sent,
                    Rejected = _rejected,
                };
            }
        }
    }

    public void Started() => Change(() =>
    {
        IsRunning = true;
        LogStarted();
    });

    /// <summary>Another goes on: what is behind is its to tell.</summary>
    public void Ended() => Change(() => (IsRunning, _trouble, _told, _lag) = (false, null, null, new(0, null)));

    public void Looked(ExportLag lag) => Change(() => _lag = lag);

    public void Stored(int events) => Change(() => _sent += events);

    public void Rejected(int events) => Change(() => _rejected += events);

    /// <param name="failures">In a row, this one among them.</param>
    /// <param name="permanent">Nobody but a person can put it right.</param>
    public void Failed(string reason, int failures, Exception? error = null, bool permanent = false) => Change(() =>
    {
        _trouble = reason;
        if (failures < Lasting && !permanent)
            return;
        if (_told is { } before && time.GetElapsedTime(before) < Reminder && (_toldPermanent || !permanent))
            return;
        (_told, _toldPermanent) = (time.GetTimestamp(), permanent);
        if (permanent)
            LogPermanent(reason, error);
        else
            LogTrouble(reason, error);
    });

    public void Goes() => Change(() =>
    {
        if (_told is not null)
            LogGoes();
        (_trouble, _told) = (null, null);
    });

    /// <summary>Waits until the status is as wanted; looks after every change.</summary>
    public async Task UntilAsync(Func<ExportStatus, bool> wanted, CancellationToken stop)
    {
        while (true)
        {
            Task changed = Volatile.Read(ref _changed).Task;
            if (wanted(Status))
                return;
            await changed.WaitAsync(stop);
        }
    }

    private void Change(Action change)
    {
        lock (_gate)
            change();
        Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }

    [LoggerMessage(2050, LogLevel.Warning, "The journal is not sent for now, and tried again: {Reason}")]
    private partial void LogTrouble(string reason, Exception? error);

    [LoggerMessage(2053, LogLevel.Error, "The journal is not sent, and will not be before someone puts this right: {Reason}")]
    private partial void LogPermanent(string reason, Exception? error);

    [LoggerMessage(2059, LogLevel.Information, "This process sends the journal to Elasticsearch from now on")]
    private partial void LogStarted();

    [LoggerMessage(2054, LogLevel.Information, "The journal is sent again")]
    private partial void LogGoes();
}
