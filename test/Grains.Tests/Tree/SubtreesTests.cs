using CsCheck;
using ShitOps.Grains.Tree;

namespace ShitOps.Grains.Tests.Tree;

public sealed class SubtreesTests
{
    private static readonly Gen<(int Hubs, int Silos)> Sizes = Gen.Select(Gen.Int[1, 600], Gen.Int[1, 9]);

    [Fact]
    public void Each_silo_has_as_many_hubs_as_any_other_or_one_more() => Sizes.Sample((hubs, silos) =>
    {
        int[] ranks = Subtrees.Divide(hubs, silos);
        int[] counts = [.. Enumerable.Range(0, silos).Select(silo => ranks.Count(rank => rank == silo))];
        Assert.Equal(hubs, counts.Sum());
        Assert.InRange(counts.Max() - counts.Min(), 0, 1);
    });

    [Fact]
    public void Between_silos_there_are_no_more_edges_than_the_borders_of_their_parts_have() => Sizes.Sample((hubs, silos) =>
    {
        int[] ranks = Subtrees.Divide(hubs, silos);
        int between = Enumerable.Range(1, hubs - 1).Count(hub => ranks[hub] != ranks[TreeShape.Parent(hub)]);
        // A border crosses the edges of one way from the root to a leaf at most.
        Assert.InRange(between, 0, (silos - 1) * (TreeShape.Depth(hubs - 1) + 1));
    });

    [Fact]
    public void Two_silos_share_fifteen_hubs_along_the_root() =>
        Assert.Equal([0, 0, 1, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1], Subtrees.Divide(15, 2));
}
