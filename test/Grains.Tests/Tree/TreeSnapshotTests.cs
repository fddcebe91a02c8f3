using CsCheck;

namespace ShitOps.Grains.Tests.Tree;

public sealed class TreeSnapshotTests
{
    [Fact]
    public void However_often_it_is_asked_a_team_is_found_where_it_stands_and_no_other() =>
        Gen.Select(Gen.Int[0, 30], Gen.Int[0, 9]).Array[0, 30].Sample(places =>
        {
            TeamPlace[] teams = [.. places.DistinctBy(p => p.Item1).Select(p => new TeamPlace($"t-{p.Item1}", "F", 1, p.Item2, DateTimeOffset.UnixEpoch))];
            var tree = new TreeSnapshot("main", 1, teams);
            Assert.Equal(teams.OrderBy(t => t.Name, StringComparer.Ordinal), tree.Teams);
            Assert.Equal(teams.Select(t => t.Node).Append(0).Max() + 1, tree.NodeCount);
            for (int node = -1; node <= 10; node++)
                Assert.Equal(tree.Teams.Where(t => t.Node == node), tree.TeamsAt(node).ToArray());
            // Beyond some of these rounds an index answers.
            for (int round = 0; round < 10; round++)
            {
                for (int number = 0; number <= 31; number++)
                    Assert.Same(teams.FirstOrDefault(t => t.Name == $"t-{number}"), tree.Find($"t-{number}"));
            }
        });
}
