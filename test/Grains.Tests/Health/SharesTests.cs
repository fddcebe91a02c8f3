using CsCheck;
using ShitOps.Grains.Health;
using ShitOps.Grains.Tree;

namespace ShitOps.Grains.Tests.Health;

public sealed class SharesTests
{
    [Fact]
    public void After_all_have_given_what_they_should_few_are_astray_and_nobody_gives_any_more() =>
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
            int[] ranks = Subtrees.Divide(silos.Length, count);
            int astray = Enumerable.Range(0, silos.Length).Count(hub => living.Contains(after[hub]) && after[hub] != living[ranks[hub]]);
            Assert.InRange(astray, 0, count == 1 ? 0 : Shares.Slack(silos.Length / count));
            Assert.All(living, own => Assert.Empty(Shares.HandOver(after, living, own)));
        });

    [Fact]
    public void A_new_silo_gets_its_third()
    {
        string?[] silos = [.. Subtrees.Divide(60, 2).Select(rank => rank == 0 ? "a" : "b")];
        (int Node, string To)[] given = [.. Shares.HandOver(silos, ["a", "b", "c"], "a"), .. Shares.HandOver(silos, ["a", "b", "c"], "b")];
        Assert.Equal(20, given.Count(move => move.To == "c"));
        Assert.Empty(Shares.HandOver(silos, ["a", "b", "c"], "c"));
    }

    [Fact]
    public void A_hub_of_which_nobody_knows_where_it_stands_goes_nowhere()
    {
        // Keys of a dictionary do not take null in a question.
        var living = new Dictionary<string, int> { ["a"] = 0, ["b"] = 0 };
        Assert.Equal([(2, "b"), (4, "b"), (5, "b"), (6, "b")], Shares.HandOver(["a", null, "a", null, "a", "a", "a", "a"], living.Keys, "a"));
    }

    [Fact]
    public void A_silo_alone_keeps_all() => Assert.Empty(Shares.HandOver(["a", "a", "a"], ["a"], "a"));
}
