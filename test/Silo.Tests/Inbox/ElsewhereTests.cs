using ShitOps.Grains;
using ShitOps.Grains.Storage;
using ShitOps.Silo.Tests.Store;
using ShitOps.Silo.Tests.Tasks;

namespace ShitOps.Silo.Tests.Inbox;

/// <summary>
/// A silo that was declared dead while it hung, or while it could not be reached, goes on with its inboxes until it learns of
/// it; meanwhile they stand on another silo, and all that the two share is the database. What was booked there counts here.
/// </summary>
public sealed class ElsewhereTests(TaskSiloOnSqlite silo) : IClassFixture<TaskSiloOnSqlite>
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task What_was_read_here_and_acknowledged_elsewhere_is_not_handed_out()
    {
        (ITeamGrain inbox, string team, Guid[] ids) = await silo.FilledInboxAsync(3, "lane");
        Assert.Equal(ids[..1], await LeaseAsync(inbox, max: 1));
        // The others are read, and wait in memory until the first of their lane is done.
        Assert.Empty(await LeaseAsync(inbox, max: 10));
        await ElsewhereAsync(Make.Ack(ids[0], team), Make.Ack(ids[1], team));
        InboxReply reply = await inbox.Ack(new([ids[0]]));
        Assert.Equal((1, 0), (reply.Done, reply.Unknown.Length));
        Assert.Equal(ids[2..], await LeaseAsync(inbox, max: 10));
    }

    [Fact]
    public async Task A_lease_that_runs_out_here_harms_nothing_that_was_acknowledged_elsewhere()
    {
        (ITeamGrain inbox, string team, Guid[] ids) = await silo.FilledInboxAsync(1);
        await ElsewhereAsync(new MoveDelivery(ids[0], team, DeliveryState.Waiting, Limits.DeliveryAttempts - 1, Make.Now));
        Assert.Equal(ids, await LeaseAsync(inbox, max: 1));
        await ElsewhereAsync(Make.Ack(ids[0], team));
        silo.Time.PutForward(Minute * 2);
        Assert.Empty(await LeaseAsync(inbox, max: 1));
        Assert.Empty(await silo.Get<IArchiveStore>().DeadLettersAsync(team, null, 10));
        Assert.Equal((0, 0), ((await inbox.Status()).Leased, (await inbox.Status()).Waiting));
    }

    [Fact]
    public async Task An_acknowledgement_of_what_died_elsewhere_is_told_as_unknown()
    {
        (ITeamGrain inbox, string team, Guid[] ids) = await silo.FilledInboxAsync(2);
        Assert.Equal(ids, await LeaseAsync(inbox, max: 10));
        await ElsewhereAsync(new MoveDelivery(ids[0], team, DeliveryState.Dead, Limits.DeliveryAttempts, Make.Now));
        InboxReply reply = await inbox.Ack(new(ids));
        Assert.Equal(1, reply.Done);
        Assert.Equal(ids[..1], reply.Unknown);
    }

    private static async Task<Guid[]> LeaseAsync(ITeamGrain inbox, int max) =>
        [.. (await inbox.Lease(new LeaseRequest(max, TimeSpan.Zero, Minute, null, Guid.NewGuid())))!.Value.Value.Select(delivery => delivery.Id)];

    /// <summary>As another activation of the inbox does.</summary>
    private async Task ElsewhereAsync(params Change[] changes) =>
        Assert.All(await silo.Get<ICommitQueue>().CommitAsync(new Commit(changes)), result => Assert.True(result.Applied));
}
