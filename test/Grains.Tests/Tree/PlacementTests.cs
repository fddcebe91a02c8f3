using CsCheck;
using ShitOps.Grains.Tree;

namespace ShitOps.Grains.Tests.Tree;

public sealed class PlacementTests
{
    private static TeamPlace Team(string name, int weight, int node) => new(name, "F", weight, node, DateTimeOffset.UnixEpoch);

    private static void AssertSound(IReadOnlyCollection<TeamPlace> teams)
    {
        int nodes = teams.Count == 0 ? 0 : teams.Max(t => t.Node) + 1;
        for (int node = 0; node < nodes; node++)
            Assert.InRange(teams.Where(t => t.Node == node).Sum(t => t.Weight), 1, Limits.HubCapacity);
    }

    [Fact]
    public void Thirty_teams_of_weight_one_fill_fifteen_nodes_in_level_order()
    {
        var teams = new List<TeamPlace>();
        for (int i = 0; i < 30; i++)
            teams.Add(Team($"t{i}", 1, Placement.PlaceFor(teams, 1)));
        Assert.Equal(Enumerable.Range(0, 30).Select(i => i / 2), teams.Select(t => t.Node));
    }

    [Fact]
    public void However_teams_come_and_go_no_node_is_empty_none_overfull_and_at_most_two_teams_move() =>
        Gen.Int[1, 2].Array[1, 60].SelectMany(weights => Gen.Int[0, 1000].Array[0, 60].Select(leaves => (weights, leaves))).Sample(story =>
        {
            var teams = new List<TeamPlace>();
            foreach (int weight in story.weights)
                teams.Add(Team($"t{teams.Count}", weight, Placement.PlaceFor(teams, weight)));
            AssertSound(teams);
            foreach (int pick in story.leaves)
            {
                if (teams.Count == 0)
                    break;
                TeamPlace leaving = teams[pick % teams.Count];
                IReadOnlyList<TeamPlace> moves = Placement.MovesAfter(teams, leaving.Name);
                Assert.True(moves.Count <= 2);
                Assert.All(moves, move => Assert.Equal(leaving.Node, move.Node));
                teams = [.. teams.Where(t => t.Name != leaving.Name).Select(t => moves.FirstOrDefault(m => m.Name == t.Name) ?? t)];
                AssertSound(teams);
            }
        });

    [Fact]
    public void With_equal_weights_the_tree_never_has_more_nodes_than_it_needs() =>
        Gen.Select(Gen.Int[2, 200], Gen.Int[0, 1000].Array[1, 100]).Sample((count, leaves) =>
        {
            var teams = new List<TeamPlace>();
            for (int i = 0; i < count; i++)
                teams.Add(Team($"t{i:D3}", 1, Placement.PlaceFor(teams, 1)));
            foreach (int pick in leaves)
            {
                if (teams.Count == 1)
                    break;
                string leaving = teams[pick % teams.Count].Name;
                IReadOnlyList<TeamPlace> moves = Placement.MovesAfter(teams, leaving);
                teams = [.. teams.Where(t => t.Name != leaving).Select(t => moves.FirstOrDefault(m => m.Name == t.Name) ?? t)];
                Assert.Equal((teams.Count + 1) / 2, teams.Max(t => t.Node) + 1);
            }
        });
}
