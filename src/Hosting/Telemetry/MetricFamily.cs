using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace ShitOps.Hosting.Telemetry;

/// <summary>One instrument's series, by their labels.</summary>
internal sealed class MetricFamily(Instrument instrument)
{
    private enum Kind { Counter, Gauge, Histogram }

    private static readonly double[] NoBounds = [];

    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, Series> _series = new(StringComparer.Ordinal);
    private readonly double[] _bounds = Bounds(instrument);

    private sealed class Series(int buckets)
    {
        public double Sum { get; set; }
        public long Count { get; set; }
        public long[] Buckets { get; } = new long[buckets];
    }

    /// <summary>With the unit at its end, as OpenMetrics wants it.</summary>
    public string Name { get; } = NameOf(instrument.Name, instrument.Unit);

    private readonly Kind _kind = instrument.GetType().Name switch
    {
        "Counter`1" or "ObservableCounter`1" => Kind.Counter,
        "Histogram`1" => Kind.Histogram,
        _ => Kind.Gauge,
    };

    public static string NameOf(string name, string? unit) => name.Replace('.', '_') + unit switch
    {
        "s" => "_seconds",
        "By" => "_bytes",
        _ => "",
    };

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string labels = Labels(tags);
        lock (_lock)
        {
            if (!_series.TryGetValue(labels, out Series? series))
                _series[labels] = series = new(_kind == Kind.Histogram ? _bounds.Length + 1 : 0);
            if (_kind == Kind.Histogram)
            {
                int bucket = Array.BinarySearch(_bounds, value);
                series.Buckets[bucket < 0 ? ~bucket : bucket]++;
            }
            series.Count++;
            series.Sum = instrument.IsObservable || _kind == Kind.Gauge ? value : series.Sum + value;
        }
    }

    /// <summary>Forgets what was observed before: a series that is no longer observed is gone.</summary>
    public void Observe()
    {
        if (!instrument.IsObservable)
            return;
        lock (_lock)
            _series.Clear();
    }

    public void Write(StringBuilder text)
    {
        text.Append(CultureInfo.InvariantCulture, $"# TYPE {Name} {_kind switch { Kind.Counter => "counter", Kind.Histogram => "histogram", _ => "gauge" }}\n");
        if (instrument.Unit is "s" or "By")
            text.Append(CultureInfo.InvariantCulture, $"# UNIT {Name} {(instrument.Unit == "s" ? "seconds" : "bytes")}\n");
        text.Append(CultureInfo.InvariantCulture, $"# HELP {Name} {Escaped(instrument.Description ?? "")}\n");
        lock (_lock)
        {
            // What has not happened yet is 0, not absent: a rate needs a value before the first.
            if (_series.Count == 0 && _kind == Kind.Counter)
                text.Append(CultureInfo.InvariantCulture, $"{Name}_total 0\n");
            foreach ((string labels, Series series) in _series)
                Write(text, labels, series);
        }
    }

    private void Write(StringBuilder text, string labels, Series series)
    {
        if (_kind != Kind.Histogram)
        {
            text.Append(CultureInfo.InvariantCulture, $"{Name}{(_kind == Kind.Counter ? "_total" : "")}{Braced(labels)} {series.Sum}\n");
            return;
        }
        long below = 0;
        for (int i = 0; i <= _bounds.Length; i++)
        {
            below += series.Buckets[i];
            string bound = i == _bounds.Length ? "+Inf" : _bounds[i].ToString(CultureInfo.InvariantCulture);
            text.Append(CultureInfo.InvariantCulture, $"{Name}_bucket{Braced((labels.Length > 0 ? labels + "," : "") + $"le=\"{bound}\"")} {below}\n");
        }
        text.Append(CultureInfo.InvariantCulture, $"{Name}_sum{Braced(labels)} {series.Sum}\n{Name}_count{Braced(labels)} {series.Count}\n");
    }

    private static string Braced(string labels) => labels.Length == 0 ? "" : "{" + labels + "}";

    private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.Length == 0)
            return "";
        var text = new StringBuilder();
        foreach ((string name, object? value) in tags)
        {
            text.Append(text.Length > 0 ? "," : "").Append(name.Replace('.', '_')).Append("=\"")
                .Append(Escaped(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "")).Append('"');
        }
        return text.ToString();
    }

    private static string Escaped(string text) => text.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n");

    private static double[] Bounds(Instrument instrument) => instrument switch
    {
        Histogram<double> seconds => [.. seconds.Advice?.HistogramBucketBoundaries ?? NoBounds],
        Histogram<long> counts => [.. (counts.Advice?.HistogramBucketBoundaries ?? []).Select(bound => (double)bound)],
        _ => NoBounds,
    };
}
