using ShitOps.Grains.Collation;
using ShitOps.Grains.Storage;
using ShitOps.Grains.Tree;

namespace ShitOps.Grains.Tests.Collation;

public sealed class AskPlanTests
{
    private static readonly Routes Tree = new(new TreeSnapshot("main", 1,
    [
        Team("a", "Dev", 0), Team("b2", "QA", 1), Team("b10", "Dev", 1), Team("c", "Ops", 2), Team("d", "QA", 3), Team("e", "Dev", 4), Team("f", "Ops", 6),
    ]));

    private static TeamPlace Team(string name, string function, int node) => new(name, function, 1, node, DateTimeOffset.UnixEpoch);

    private static AskPlan? Plan(string to, string asker) => AskPlan.For(Tree, Tree.Find(to)!, asker);

    private static void Check(AskPlan? plan, int top, (int Node, int Asked)[] nodes, params (string Team, int Node)[] teams)
    {
        Assert.NotNull(plan);
        Assert.Equal(top, plan.Top);
        Assert.Equal(nodes.Select(n => new AskNodeRow(n.Node, n.Asked)), plan.Nodes);
        Assert.Equal(teams.Select(t => new AskTeamRow(t.Team, t.Node)), plan.Teams);
    }

    [Fact]
    public void All_are_asked_in_post_order_and_names_of_one_node_are_ordinal() =>
        Check(Plan("all", "c"), 0, [(3, 1), (4, 1), (1, 4), (6, 1), (2, 1), (0, 6)], ("d", 3), ("e", 4), ("b10", 1), ("b2", 1), ("f", 6), ("a", 0));

    [Fact]
    public void Nodes_on_the_way_collate_though_nobody_is_asked_there() =>
        Check(Plan("function:Ops", "a"), 2, [(6, 1), (2, 2)], ("f", 6), ("c", 2));

    [Fact]
    public void An_asker_at_the_top_of_its_own_scope_moves_the_top_down() => Check(Plan("below:c", "c"), 6, [(6, 1)], ("f", 6));

    [Fact]
    public void One_team_is_asked_at_its_own_node() => Check(Plan("d", "a"), 3, [(3, 1)], ("d", 3));

    [Fact]
    public void Nobody_is_asked_where_only_the_asker_stands() => Assert.Null(Plan("below:d", "d"));
}
