namespace ShitOps.Bench.Tests;

public sealed class LedgerTests
{
    private static readonly Guid First = Guid.Parse("00000000-0000-0000-0000-000000000001"), Second = Guid.Parse("00000000-0000-0000-0000-000000000002");

    [Fact]
    public async Task What_everybody_got_once_is_right_and_done()
    {
        var ledger = new Ledger(teams: 3);
        ledger.Accept([First, Second], from: 0, [1, Ledger.Everybody]);
        Take(ledger, (1, First), (1, Second), (2, Second));
        Assert.False(ledger.Done.IsCompleted);
        ledger.Close();
        await ledger.Done.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System, TestContext.Current.CancellationToken);
        ledger.Check();
        Assert.Equal([0, 2, 1], ledger.DueByTeam());
    }

    [Fact]
    public void A_delivery_may_be_known_before_the_answer_to_its_post()
    {
        var ledger = new Ledger(teams: 2);
        Take(ledger, (1, First));
        ledger.Accept([First], from: 0, [1]);
        ledger.Close();
        Assert.True(ledger.Done.IsCompleted);
        ledger.Check();
    }

    [Fact]
    public void A_lost_message_is_told()
    {
        var ledger = new Ledger(teams: 2);
        ledger.Accept([First, Second], from: 0, [1, 1]);
        Take(ledger, (1, First));
        ledger.Close();
        Assert.False(ledger.Done.IsCompleted);
        Assert.Contains("of 2 deliveries 1 were received", Assert.Throws<InvalidOperationException>(ledger.Check).Message);
    }

    [Fact]
    public void A_doubled_message_is_told_at_once()
    {
        var ledger = new Ledger(teams: 2);
        ledger.Receive(1, First);
        Assert.Throws<InvalidOperationException>(() => ledger.Receive(1, First));
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(Ledger.Everybody, 2)]
    public void A_message_that_went_astray_is_told(int meantFor, int cameTo)
    {
        var ledger = new Ledger(teams: 3);
        ledger.Accept([First], from: 2, [meantFor]);
        Take(ledger, (cameTo, First));
        Assert.Contains("meant for", Assert.Throws<InvalidOperationException>(ledger.Check).Message);
    }

    [Fact]
    public void A_message_that_nobody_sent_is_told()
    {
        var ledger = new Ledger(teams: 2);
        Take(ledger, (1, First));
        Assert.Contains("nobody sent", Assert.Throws<InvalidOperationException>(ledger.Check).Message);
    }

    [Fact]
    public async Task Who_sends_one_at_a_time_waits_for_all_acknowledgements()
    {
        var ledger = new Ledger(teams: 2);
        ledger.Accept([First], from: 0, [1]);
        Task waiting = ledger.UntilAllAcknowledgedAsync(TestContext.Current.CancellationToken);
        Assert.False(waiting.IsCompleted);
        Take(ledger, (1, First));
        await waiting.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System, TestContext.Current.CancellationToken);
    }

    private static void Take(Ledger ledger, params (int Team, Guid Id)[] deliveries)
    {
        foreach ((int team, Guid id) in deliveries)
        {
            ledger.Receive(team, id);
            ledger.Acknowledge(1);
        }
    }
}
