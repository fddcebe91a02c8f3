using ShitOps.Grains;
using ShitOps.Silo.Tests.Tasks;

namespace ShitOps.Silo.Tests.Inbox;

/// <summary>
/// A silo's clock may be minutes ahead and then be put right. What an inbox grants and waits for lasts as long as was
/// asked, neither longer nor shorter.
/// </summary>
public sealed class WrongClockTests(TaskSiloOnSqlite silo) : IClassFixture<TaskSiloOnSqlite>, IDisposable
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1), Wrong = Minute * 5;

    [Fact]
    public async Task A_lease_granted_by_a_clock_that_is_ahead_ends_when_it_has_lasted_what_was_asked()
    {
        (ITeamGrain inbox, _, Guid[] ids) = await silo.FilledInboxAsync(1);
        silo.Time.SetWrong(Wrong);
        Assert.Equal([(ids[0], 1)], await LeaseAsync(inbox));
        silo.Time.SetWrong(TimeSpan.Zero);
        Assert.Empty(await LeaseAsync(inbox));
        silo.Time.PutForward(Minute);
        Assert.Equal([(ids[0], 2)], await LeaseAsync(inbox));
    }

    [Fact]
    public async Task A_lease_that_is_extended_by_a_clock_that_is_ahead_ends_likewise()
    {
        (ITeamGrain inbox, _, Guid[] ids) = await silo.FilledInboxAsync(1);
        await LeaseAsync(inbox);
        silo.Time.SetWrong(Wrong);
        Assert.Equal(1, (await inbox.Extend(new(ids), Minute * 2)).Done);
        silo.Time.SetWrong(TimeSpan.Zero);
        silo.Time.PutForward(Minute);
        Assert.Empty(await LeaseAsync(inbox));
        silo.Time.PutForward(Minute);
        Assert.Equal([(ids[0], 2)], await LeaseAsync(inbox));
    }

    [Fact]
    public async Task A_clock_that_jumps_ahead_ends_no_lease()
    {
        (ITeamGrain inbox, _, Guid[] ids) = await silo.FilledInboxAsync(1);
        await LeaseAsync(inbox);
        silo.Time.SetWrong(Wrong);
        Assert.Empty(await LeaseAsync(inbox));
        Assert.Equal(1, (await inbox.Nack(new(ids), TimeSpan.Zero)).Done);
        Assert.Equal([(ids[0], 2)], await LeaseAsync(inbox));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(30)]
    public async Task What_failed_while_a_clock_was_ahead_comes_after_the_delay_that_was_asked(int seconds)
    {
        (ITeamGrain inbox, _, Guid[] ids) = await silo.FilledInboxAsync(2);
        await LeaseAsync(inbox, max: 1);
        silo.Time.SetWrong(Wrong);
        await inbox.Nack(new(ids[..1]), TimeSpan.FromSeconds(seconds));
        silo.Time.SetWrong(TimeSpan.Zero);
        silo.Time.PutForward(TimeSpan.FromSeconds(seconds));
        Assert.Equal([(ids[0], 2), (ids[1], 1)], await LeaseAsync(inbox));
    }

    [Fact]
    public async Task An_inbox_looks_by_itself_though_it_looked_last_while_its_clock_was_ahead()
    {
        (ITeamGrain inbox, string team, _) = await silo.FilledInboxAsync(0);
        silo.Time.SetWrong(Wrong);
        Assert.Empty(await LeaseAsync(inbox));
        silo.Time.SetWrong(TimeSpan.Zero);
        // Committed, and nobody tells the inbox.
        Guid id = await silo.DeliverUntoldAsync(team);
        silo.Time.PutForward(TimeSpan.FromSeconds(10));
        Assert.Equal([(id, 1)], await LeaseAsync(inbox));
    }

    private static async Task<(Guid, int)[]> LeaseAsync(ITeamGrain inbox, int max = 10) =>
        [.. (await inbox.Lease(new LeaseRequest(max, TimeSpan.Zero, Minute, null, Guid.NewGuid())))!.Value.Value.Select(d => (d.Id, d.Attempt))];

    public void Dispose() => silo.Time.SetWrong(TimeSpan.Zero);
}
