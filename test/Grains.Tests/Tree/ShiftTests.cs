using ShitOps.Grains.Tree;

namespace ShitOps.Grains.Tests.Tree;

public sealed class ShiftTests
{
    private static TeamPlace Team(string name, int node) => new(name, "F", 1, node, DateTimeOffset.UnixEpoch);

    private static readonly TreeSnapshot Before = new("main", 1, [Team("a", 0), Team("b", 0), Team("c", 1), Team("d", 2)]);

    [Fact]
    public void A_hub_is_left_by_a_team_that_moves_and_by_one_that_leaves_and_only_the_first_comes_to_another()
    {
        // d fills the gap of a; e is new.
        TeamPlace[] after = [Team("b", 0), Team("c", 1), Team("d", 0), Team("e", 2)];
        Assert.Equal([0, 2], Shift.Left(Before, after));
        Assert.Equal([0, 2], Shift.Touched(Before, after));
        TeamPlace[] apart = [Team("a", 0), Team("b", 3), Team("c", 1), Team("d", 2)];
        Assert.Equal([0], Shift.Left(Before, apart));
        Assert.Equal([0, 3], Shift.Touched(Before, apart));
    }

    [Fact]
    public void Who_only_changes_its_function_leaves_no_hub()
    {
        TeamPlace[] after = [.. Before.Teams.Select(t => t with { Function = "G", Weight = 1 })];
        Assert.Empty(Shift.Left(Before, after));
        Assert.Empty(Shift.Touched(Before, after));
        Assert.Empty(Shift.Touched(Before, [.. after, Team("e", 2)]));
    }
}
