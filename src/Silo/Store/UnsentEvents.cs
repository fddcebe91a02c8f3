using System.Globalization;
using ShitOps.Grains.Archive;

namespace ShitOps.Silo.Store;

/// <summary>What retention saw of events that wait to be sent: told before any is lost, and for a day after.</summary>
internal sealed partial class UnsentEvents(TimeProvider time, ILogger<UnsentEvents> log) : IDegradation
{
    private const int WarnPercent = 80;

    private static readonly TimeSpan Remembered = TimeSpan.FromDays(1);

    private readonly Lock _gate = new();
    private long _percent, _lost;
    private DateTimeOffset _lostAt = DateTimeOffset.MinValue;

    public string? Reason
    {
        get
        {
            lock (_gate)
            {
                if (_lost > 0 && time.GetUtcNow() - _lostAt < Remembered)
                    return string.Create(CultureInfo.InvariantCulture, $"journal export: {_lost} events were deleted before they were sent, for Journal:MaxBytes");
                return _percent >= WarnPercent
                    ? string.Create(CultureInfo.InvariantCulture, $"journal export: events that were not sent fill {_percent} % of Journal:MaxBytes; beyond it the oldest are deleted")
                    : null;
            }
        }
    }

    public void Saw(long bytes, long maxBytes)
    {
        long percent = (long)((double)bytes / maxBytes * 100);
        lock (_gate)
            _percent = percent;
        if (percent >= WarnPercent)
            LogFilling(bytes, percent);
    }

    public void Lost(long events)
    {
        lock (_gate)
            (_lost, _lostAt) = (_lost + events, time.GetUtcNow());
        LogLost(events);
    }

    [LoggerMessage(2057, LogLevel.Warning, "Events that were not sent to Elasticsearch hold {Bytes} bytes, {Percent} % of Journal:MaxBytes; beyond it the oldest are deleted")]
    private partial void LogFilling(long bytes, long percent);

    [LoggerMessage(2058, LogLevel.Error, "{Events} events were deleted before they were sent to Elasticsearch: the journal reached Journal:MaxBytes")]
    private partial void LogLost(long events);
}
