using ShitOps.Chaos.Plan;

namespace ShitOps.Chaos.Tests;

public sealed class FaultPlanTests
{
    private static readonly PlanOptions Options = new ChaosOptions().ToPlan();
    private static readonly int[] Seeds = [.. Enumerable.Range(0, 500)];

    [Fact]
    public void A_seed_gives_one_plan() => Assert.All(Seeds, seed => Assert.Equal(FaultPlan.Create(seed, Options), FaultPlan.Create(seed, Options)));

    [Fact]
    public void Seeds_give_different_plans() =>
        Assert.Equal(Seeds.Length, Seeds.Select(seed => string.Join('\n', FaultPlan.Create(seed, Options))).Distinct().Count());

    [Fact]
    public void Every_kind_of_fault_comes_to_its_turn() =>
        Assert.Empty(Enum.GetValues<FaultKind>().Except(Seeds.SelectMany(seed => FaultPlan.Create(seed, Options)).Select(f => f.Kind)));

    [Fact]
    public void Only_kinds_that_were_asked_for_are_planned()
    {
        PlanOptions few = Options with { Kinds = [FaultKind.KillSilo, FaultKind.CutCommits] };
        Assert.All(Seeds.SelectMany(seed => FaultPlan.Create(seed, few)), fault => Assert.Contains(fault.Kind, few.Kinds));
    }

    [Fact]
    public void Faults_lie_in_the_window_and_hit_what_there_is() => Assert.All(Seeds.SelectMany(seed => FaultPlan.Create(seed, Options)), fault =>
    {
        Assert.InRange(fault.At, TimeSpan.Zero, Options.Window);
        Assert.InRange(fault.Lasts, TimeSpan.FromSeconds(0.2), Options.Longest + TimeSpan.FromSeconds(0.2));
        Assert.InRange(fault.Target, 0, Math.Max(Options.Silos, Options.Gateways) - 1);
    });

    [Fact]
    public void No_two_faults_lay_hands_on_the_same_thing_at_once() => Assert.All(Seeds, seed =>
    {
        IReadOnlyList<Fault> plan = FaultPlan.Create(seed, Options);
        Assert.NotEmpty(plan);
        foreach ((Fault one, Fault other) in from a in plan from b in plan where a.At < b.At && a.Touches.Intersect(b.Touches).Any() select (a, b))
            Assert.True(one.End < other.At, $"seed {seed}: {one} and {other}");
    });
}
