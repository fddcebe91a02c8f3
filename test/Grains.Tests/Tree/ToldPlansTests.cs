using ShitOps.Grains.Tree;

namespace ShitOps.Grains.Tests.Tree;

public sealed class ToldPlansTests
{
    private static readonly Rebalancing.Plan Plan = new([], [], 1, 2, 1);

    private readonly ToldPlans _told = new();

    [Fact]
    public void A_plan_is_found_as_long_as_the_tree_is_the_one_it_was_made_for()
    {
        Guid id = _told.Add(Plan, epoch: 7);
        Assert.Same(Plan, _told.Find(id, 7));
        Assert.Same(Plan, _told.Find(id, 7));
        Assert.Null(_told.Find(id, 8));
        Assert.Null(_told.Find(Guid.NewGuid(), 7));
    }

    [Fact]
    public void Of_many_the_last_are_kept()
    {
        Guid first = _told.Add(Plan, 7), second = _told.Add(Plan, 7);
        for (int i = 1; i < ToldPlans.Kept; i++)
            _told.Add(Plan, 7);
        Assert.Null(_told.Find(first, 7));
        Assert.NotNull(_told.Find(second, 7));
    }
}
