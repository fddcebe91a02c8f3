using CsCheck;
using ShitOps.Grains.Tree;

namespace ShitOps.Grains.Tests.Tree;

public sealed class RecentChangesTests
{
    [Fact]
    public void Whoever_heard_of_any_epoch_knows_the_tree_after_the_news() =>
        Gen.Select(Gen.Int[0, 12], Gen.Int[0, 5], Gen.Bool).Array[1, 40].Sample(story =>
        {
            var recent = new RecentChanges(10);
            var epochs = new List<TreeSnapshot> { TreeSnapshot.Empty("main") };
            foreach ((int number, int node, bool leaves) in story)
            {
                TreeSnapshot before = epochs[^1];
                IEnumerable<TeamPlace> teams = before.Teams.Where(t => t.Name != $"t{number:00}");
                if (!leaves)
                    teams = teams.Append(new($"t{number:00}", "F", 1, node, DateTimeOffset.UnixEpoch));
                var after = new TreeSnapshot("main", before.Epoch + 1, [.. teams.OrderBy(t => t.Name, StringComparer.Ordinal)]);
                recent.Add(before, after);
                epochs.Add(after);
            }
            TreeSnapshot now = epochs[^1];
            foreach (TreeSnapshot known in epochs)
            {
                TreeNews news = recent.Since(known.Epoch, now);
                TreeSnapshot learned = news.ApplyTo(known);
                Assert.Equal(now.Epoch, learned.Epoch);
                Assert.Equal(now.Teams, learned.Teams);
                Assert.Equal(now.Epoch - known.Epoch > 10, news.Whole is not null);
            }
        });

    [Fact]
    public void Who_knows_more_than_there_is_is_told_all()
    {
        TreeSnapshot now = new("main", 3, []);
        Assert.Same(now, new RecentChanges(10).Since(4, now).Whole);
    }
}
