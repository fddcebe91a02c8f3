using ShitOps.Grains;
using ShitOps.Silo.Tests.Tasks;

namespace ShitOps.Silo.Tests.Inbox;

/// <summary>
/// Without an ordering key nothing waits for what a lease has handed out. So a lease that nobody will get must not take
/// anything out of the row: chaos seeds 10 and 1002 showed a message that came after a later one so, as a first attempt.
/// </summary>
public sealed class LeaseTests(TaskSiloOnSqlite silo) : IClassFixture<TaskSiloOnSqlite>
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_late_call_of_a_request_that_was_answered_leases_nothing_more()
    {
        (ITeamGrain inbox, _, Guid[] ids) = await silo.FilledInboxAsync(3);
        Guid request = Guid.NewGuid();
        Assert.Equal([ids[0]], await LeaseAsync(inbox, request, max: 1));
        Assert.Equal([ids[0]], await LeaseAsync(inbox, request, max: 1));
        await inbox.Ack(new([ids[0]]));
        Assert.Empty(await LeaseAsync(inbox, request, max: 1));
        Assert.Equal(ids[1..], await LeaseAsync(inbox, Guid.NewGuid(), max: 10));
    }

    [Fact]
    public async Task What_was_leased_for_a_request_that_is_withdrawn_comes_first_again_and_as_a_first_attempt()
    {
        (ITeamGrain inbox, _, Guid[] ids) = await silo.FilledInboxAsync(3);
        Guid request = Guid.NewGuid();
        Assert.Equal(ids[..2], await LeaseAsync(inbox, request, max: 2));
        await inbox.Withdraw(request);
        Assert.Empty(await LeaseAsync(inbox, request, max: 2));
        Assert.Equal(ids, await LeaseAsync(inbox, Guid.NewGuid(), max: 10));
    }

    [Fact]
    public async Task A_request_that_was_withdrawn_while_it_waits_is_granted_nothing_that_comes_later()
    {
        (ITeamGrain inbox, _, _) = await silo.FilledInboxAsync(0);
        Guid request = Guid.NewGuid();
        Task<Guid[]> waiting = LeaseAsync(inbox, request, max: 10, wait: TimeSpan.FromSeconds(25));
        await inbox.Withdraw(request);
        Assert.Empty(await waiting.WaitAsync(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public async Task Calls_of_one_request_that_lease_at_once_have_the_same_answer()
    {
        (ITeamGrain inbox, _, Guid[] ids) = await silo.FilledInboxAsync(30);
        Guid request = Guid.NewGuid();
        Guid[][] answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => LeaseAsync(inbox, request, max: 10)));
        Assert.All(answers, answer => Assert.Equal(ids[..10], answer));
        Assert.Equal(ids[10..], await LeaseAsync(inbox, Guid.NewGuid(), max: 100));
    }

    private static async Task<Guid[]> LeaseAsync(ITeamGrain inbox, Guid request, int max, TimeSpan wait = default)
    {
        Delivery[] leased = (await inbox.Lease(new LeaseRequest(max, wait, Minute, null, request)))!.Value.Value;
        Assert.All(leased, delivery => Assert.Equal(1, delivery.Attempt));
        return [.. leased.Select(delivery => delivery.Id)];
    }
}
