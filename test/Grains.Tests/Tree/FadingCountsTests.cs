using ShitOps.Grains.Tree;

namespace ShitOps.Grains.Tests.Tree;

public sealed class FadingCountsTests
{
    private sealed class Clock : TimeProvider
    {
        private long _now;
        public override long TimestampFrequency => TimeSpan.TicksPerSecond;
        public override long GetTimestamp() => _now;
        public void Advance(TimeSpan by) => _now += by.Ticks;
    }

    private readonly Clock _time = new();

    [Fact]
    public void What_is_a_half_life_old_counts_half()
    {
        var counts = new FadingCounts(10, TimeSpan.FromHours(1), _time);
        counts.Add("a", "b", 8);
        _time.Advance(TimeSpan.FromHours(1));
        counts.Add("a", "b", 1);
        Assert.Equal(5, Assert.Single(counts.Read()).Count, 6);
        // So long that the factor of what is added has to be taken back.
        _time.Advance(TimeSpan.FromHours(60));
        counts.Add("a", "c", 3);
        Assert.Equal(3, counts.Read().Single(p => p.To == "c").Count, 6);
        Assert.InRange(counts.Read().Single(p => p.To == "b").Count, 0, 1e-9);
    }

    [Fact]
    public void Of_too_many_pairs_the_greatest_stay()
    {
        var counts = new FadingCounts(100, TimeSpan.FromHours(1), _time);
        for (int i = 0; i < 1_000; i++)
            counts.Add("a", $"b{i}", i == 7 ? 1_000_000 : 1);
        Assert.InRange(counts.Pairs, 1, 100);
        Assert.Contains(counts.Read(), p => p.To == "b7");
    }
}
