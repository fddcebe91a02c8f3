using CsCheck;
using ShitOps.Grains.Tree;

namespace ShitOps.Grains.Tests.Tree;

public sealed class RebalancingTests
{
    private static TeamPlace[] Teams(IEnumerable<int> weights)
    {
        var teams = new List<TeamPlace>();
        foreach (int weight in weights)
            teams.Add(new($"t{teams.Count:000}", "F", weight, Placement.PlaceFor(teams, weight), DateTimeOffset.UnixEpoch));
        return [.. teams];
    }

    private static double MeanHops(TeamPlace[] teams, IEnumerable<PairTraffic> traffic)
    {
        Dictionary<string, int> node = teams.ToDictionary(t => t.Name, t => t.Node);
        PairTraffic[] known = [.. traffic.Where(p => p.From != p.To && node.ContainsKey(p.From) && node.ContainsKey(p.To))];
        double all = known.Sum(p => p.Count);
        return all == 0 ? 0 : known.Sum(p => p.Count * TreeShape.Distance(node[p.From], node[p.To])) / all;
    }

    private static void AssertSound(TeamPlace[] before, TeamPlace[] after)
    {
        Assert.Equal(before.Select(t => t with { Node = 0 }).OrderBy(t => t.Name), after.Select(t => t with { Node = 0 }).OrderBy(t => t.Name));
        int nodes = before.Max(t => t.Node) + 1;
        for (int node = 0; node < nodes; node++)
        {
            Assert.InRange(after.Where(t => t.Node == node).Sum(t => t.Weight), 1, Limits.HubCapacity);
            Assert.InRange(after.Count(t => t.Node == node), 1, 2);
        }
        Assert.All(after, t => Assert.InRange(t.Node, 0, nodes - 1));
    }

    private static readonly Gen<(int[] Weights, (int From, int To, int Count)[] Traffic, int Most)> Organisations =
        Gen.Select(Gen.Int[1, 2].Array[1, 60], Gen.Select(Gen.Int[0, 65], Gen.Int[0, 65], Gen.Int[0, 1000]).Array[0, 200], Gen.Int[0, 40]);

    [Fact]
    public void A_plan_is_never_worse_keeps_within_its_bound_and_places_every_team_once_after_each_step() => Organisations.Sample(o =>
    {
        TeamPlace[] teams = Teams(o.Weights);
        // Some of them name teams that are not there.
        PairTraffic[] traffic = [.. o.Traffic.Select(p => new PairTraffic($"t{p.From:000}", $"t{p.To:000}", p.Count))];
        Rebalancing.Plan plan = Rebalancing.Make(teams, traffic, o.Most);
        TeamPlace[] after = Rebalancing.Apply(teams, plan.Moves);
        Assert.InRange(plan.Moves.Count, 0, o.Most);
        Assert.All(plan.Moves, m => Assert.NotEqual(m.From, m.To));
        AssertSound(teams, after);
        Assert.Equal(MeanHops(teams, traffic), plan.HopsBefore, 6);
        Assert.Equal(MeanHops(after, traffic), plan.HopsAfter, 6);
        Assert.True(plan.HopsAfter <= plan.HopsBefore);
        Assert.True(plan.Moves.Count == 0 || plan.HopsAfter < plan.HopsBefore);

        TeamPlace[] step = teams;
        foreach (IReadOnlyList<TeamMove> moves in plan.Steps)
        {
            Assert.All(moves, m => Assert.Equal(m.From, step.Single(t => t.Name == m.Team).Node));
            step = Rebalancing.Apply(step, moves);
            AssertSound(teams, step);
        }
        Assert.Equal(after, step);
    }, iter: 200);

    [Fact]
    public void The_same_traffic_in_another_order_gives_the_same_plan() => Organisations.Sample(o =>
    {
        TeamPlace[] teams = Teams(o.Weights);
        PairTraffic[] traffic = [.. o.Traffic.Select(p => new PairTraffic($"t{p.From:000}", $"t{p.To:000}", p.Count))];
        Rebalancing.Plan one = Rebalancing.Make(teams, traffic, o.Most), other = Rebalancing.Make([.. teams.Reverse()], [.. traffic.Reverse()], o.Most);
        Assert.Equal(one.Moves, other.Moves);
        Assert.Equal(one.HopsAfter, other.HopsAfter);
    }, iter: 100);

    [Fact]
    public void Two_teams_that_talk_across_the_whole_tree_come_to_stand_at_one_hub()
    {
        TeamPlace[] teams = Teams(Enumerable.Repeat(1, 30));
        Rebalancing.Plan plan = Rebalancing.Make(teams, [new("t015", "t029", 1000)], 10);
        Assert.Equal((6, 0), (plan.HopsBefore, plan.HopsAfter));
        Assert.InRange(plan.Moves.Count, 1, 4);
    }

    [Fact]
    public void Without_traffic_nothing_moves()
    {
        Rebalancing.Plan plan = Rebalancing.Make(Teams(Enumerable.Repeat(1, 30)), [], 10);
        Assert.Empty(plan.Moves);
        Assert.Equal((0, 0, 0), (plan.Messages, plan.HopsBefore, plan.HopsAfter));
    }

    [Fact]
    public void Groups_of_a_thousand_teams_that_talk_among_themselves_come_closer()
    {
        TeamPlace[] teams = Teams(Enumerable.Repeat(1, 1_000));
        // Ten in a group, spread over the whole tree.
        PairTraffic[] traffic = [.. Enumerable.Range(0, 1_000).SelectMany(i => Enumerable.Range(1, 9).Select(k => new PairTraffic($"t{i:000}", $"t{(i + (k * 100)) % 1_000:000}", 1)))];
        Rebalancing.Plan plan = Rebalancing.Make(teams, traffic, Limits.RebalanceMoves);
        Assert.InRange(plan.Moves.Count, 1, Limits.RebalanceMoves);
        Assert.True(plan.HopsAfter < plan.HopsBefore * 0.95, $"{plan.HopsBefore} before, {plan.HopsAfter} after");
    }
}
