using System.Runtime.InteropServices;

namespace ShitOps.Grains.Tree;

/// <summary>
/// Counts of pairs that halve with every half-life. What is added later weighs more, by one factor for all, so nothing has
/// to be touched as time passes. When there are too many pairs the least of them go.
/// </summary>
public sealed class FadingCounts(int capacity, TimeSpan halfLife, TimeProvider time)
{
    /// <summary>A factor beyond this and all counts are scaled down, long before a double is full.</summary>
    private const double Greatest = 1e12;

    private readonly Dictionary<(string From, string To), double> _counts = [];
    private long _since = time.GetTimestamp();

    public int Pairs => _counts.Count;

    public void Add(string from, string to, double count)
    {
        double weight = Weight();
        if (weight > Greatest)
        {
            foreach ((string, string) pair in _counts.Keys.ToArray())
                _counts[pair] /= weight;
            (_since, weight) = (time.GetTimestamp(), 1);
        }
        CollectionsMarshal.GetValueRefOrAddDefault(_counts, (from, to), out _) += count * weight;
        if (_counts.Count > capacity)
            DropLeast();
    }

    /// <summary>By sender, then recipient.</summary>
    public PairTraffic[] Read()
    {
        double weight = Weight();
        return [.. _counts.OrderBy(c => c.Key.From, StringComparer.Ordinal).ThenBy(c => c.Key.To, StringComparer.Ordinal)
            .Select(c => new PairTraffic(c.Key.From, c.Key.To, c.Value / weight))];
    }

    private double Weight() => Math.Pow(2, time.GetElapsedTime(_since) / halfLife);

    /// <summary>An eighth at a time, so that it is seldom done.</summary>
    private void DropLeast()
    {
        foreach ((string, string) pair in _counts.OrderBy(c => c.Value).Take((capacity / 8) + 1).Select(c => c.Key).ToArray())
            _counts.Remove(pair);
    }
}
