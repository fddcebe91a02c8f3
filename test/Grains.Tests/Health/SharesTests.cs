using CsCheck;
using ShitOps.Grains.Health;

namespace ShitOps.Grains.Tests.Health;

public sealed class SharesTests
{
    [Fact]
    public void After_all_have_given_what_they_should_each_has_its_share_and_then_nobody_gives_any_more() =>
        Gen.Select(Gen.Int[1, 6], Gen.Int[0, 7].Array[0, 300]).Sample((count, where) =>
        {
            string[] living = [.. Enumerable.Range(0, count).Select(i => $"silo-{i}")];
            // Some hubs are on silos that are gone, or nobody knows where.
            string?[] silos = [.. where.Select(i => i < count ? living[i] : i == 7 ? null : "gone")];
            string?[] after = [.. silos];
            foreach (string own in living)
            {
                foreach ((int node, string to) in Shares.HandOver(silos, living, own))
                {
                    Assert.Equal(own, silos[node]);
                    Assert.NotEqual(own, to);
                    Assert.Contains(to, living);
                    after[node] = to;
                }
            }
            int[] counts = [.. living.Select(name => after.Count(s => s == name))];
            Assert.InRange(counts.Max() - counts.Min(), 0, 1 + (counts.Sum() / count / 10));
            Assert.All(living, own => Assert.Empty(Shares.HandOver(after, living, own)));
        });

    [Fact]
    public void A_new_silo_gets_its_third_from_both_others()
    {
        string?[] silos = [.. Enumerable.Range(0, 60).Select(i => i % 2 == 0 ? "a" : "b")];
        Assert.Equal(10, Shares.HandOver(silos, ["a", "b", "c"], "a").Count(m => m.To == "c"));
        Assert.Equal(10, Shares.HandOver(silos, ["a", "b", "c"], "b").Count(m => m.To == "c"));
        Assert.Empty(Shares.HandOver(silos, ["a", "b", "c"], "c"));
    }

    [Fact]
    public void A_silo_alone_keeps_all() => Assert.Empty(Shares.HandOver(["a", "a", "a"], ["a"], "a"));
}
