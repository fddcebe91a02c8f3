using CsCheck;
using ShitOps.Grains.Tree;

namespace ShitOps.Grains.Tests.Tree;

public sealed class TreeShapeTests
{
    private const int Nodes = 100_000;

    private static readonly Gen<(int A, int B)> Pairs = Gen.Select(Gen.Int[0, Nodes - 1], Gen.Int[0, Nodes - 1]);

    private static List<int> Ancestors(int node)
    {
        var up = new List<int>();
        for (; node >= 0; node = node == 0 ? -1 : (node - 1) / 2)
            up.Add(node);
        return up;
    }

    [Fact]
    public void Every_node_is_a_child_of_its_parent_and_lies_one_deeper()
    {
        for (int node = 1; node < Nodes; node++)
        {
            int parent = TreeShape.Parent(node);
            Assert.True(TreeShape.Left(parent) == node || TreeShape.Right(parent) == node);
            Assert.Equal(TreeShape.Depth(parent) + 1, TreeShape.Depth(node));
        }
        Assert.Equal(-1, TreeShape.Parent(0));
    }

    [Fact]
    public void The_lowest_common_ancestor_is_the_first_that_both_chains_of_parents_share() =>
        Pairs.Sample(p => Assert.Equal(Ancestors(p.A).First(Ancestors(p.B).Contains), TreeShape.LowestCommonAncestor(p.A, p.B)));

    [Fact]
    public void A_subtree_holds_exactly_the_nodes_whose_chain_of_parents_passes_its_root() =>
        Pairs.Sample(p => Assert.Equal(Ancestors(p.A).Contains(p.B), TreeShape.IsInSubtree(p.A, p.B)));

    [Fact]
    public void Next_hops_lead_to_the_goal_by_the_shortest_way_over_the_lowest_common_ancestor() => Pairs.Sample(p =>
    {
        IReadOnlyList<int> path = TreeShape.Path(p.A, p.B);
        Assert.Equal(p.B, path[^1]);
        Assert.Equal(TreeShape.Distance(p.A, p.B), path.Count - 1);
        Assert.Equal(path.Count, path.Distinct().Count());
        Assert.Contains(TreeShape.LowestCommonAncestor(p.A, p.B), path);
        for (int i = 1; i < path.Count; i++)
            Assert.True(TreeShape.Parent(path[i]) == path[i - 1] || TreeShape.Parent(path[i - 1]) == path[i]);
    });
}
