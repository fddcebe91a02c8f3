using HdrHistogram;

namespace ShitOps.Bench;

/// <summary>Times in microseconds, gathered by many tasks; three significant digits, one hour at most.</summary>
public sealed class Latencies
{
    private readonly IntConcurrentHistogram _times = new(1, 3_600_000_000, 3);

    public long Count => _times.TotalCount;

    public void Add(TimeSpan time) => _times.RecordValue(Math.Max(1, (long)time.TotalMicroseconds));

    /// <summary>Milliseconds; null if there is nothing.</summary>
    public double? Percentile(double percent) => Count == 0 ? null : _times.GetValueAtPercentile(percent) / 1000.0;
}
