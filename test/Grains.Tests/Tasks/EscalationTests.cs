using ShitOps.Grains.Tasks;

namespace ShitOps.Grains.Tests.Tasks;

public sealed class EscalationTests
{
    private static TreeSnapshot Tree(params (string Name, int Node)[] teams) =>
        new("main", 1, [.. teams.Select(t => new TeamPlace(t.Name, "F", 1, t.Node, DateTimeOffset.UnixEpoch))]);

    [Fact]
    public void The_teams_of_the_parent_node_are_told()
    {
        (int node, IReadOnlyList<string> teams) = Escalation.Of(Tree(("root", 0), ("a", 1), ("b", 1), ("c", 3)), "c");
        Assert.Equal(1, node);
        Assert.Equal(["a", "b"], teams);
    }

    [Fact]
    public void A_node_without_teams_is_climbed_over() => Assert.Equal(["root"], Escalation.Of(Tree(("root", 0), ("c", 3)), "c").Teams);

    [Fact]
    public void Above_the_root_and_for_a_team_that_is_gone_there_is_nobody()
    {
        Assert.Empty(Escalation.Of(Tree(("a", 0), ("b", 0)), "a").Teams);
        Assert.Empty(Escalation.Of(Tree(("a", 0)), "gone").Teams);
    }
}
