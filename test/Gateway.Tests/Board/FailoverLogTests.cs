using ShitOps.Gateway.Board.Data;

namespace ShitOps.Gateway.Tests.Board;

public sealed class FailoverLogTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static (int, string, string)[] From(string silo, string to, params int[] hubs) => [.. hubs.Select(hub => (hub, silo, to))];

    [Fact]
    public void Hubs_of_one_silo_that_wake_one_after_the_other_are_one_failover()
    {
        IReadOnlyList<Failover> log = [];
        for (int second = 0; second < 60; second++)
            log = FailoverLog.Add(log, From("a", "b", second, 100 + second), Start.AddSeconds(second));
        Failover one = Assert.Single(log);
        Assert.Equal(("a", "b", Start.AddSeconds(59)), (one.From, one.To, one.At));
        Assert.Equal([.. Enumerable.Range(0, 60), .. Enumerable.Range(100, 60)], one.Hubs);
    }

    [Fact]
    public void Another_way_and_a_later_time_are_failovers_of_their_own_and_the_newest_is_first()
    {
        IReadOnlyList<Failover> log = FailoverLog.Add([], [.. From("a", "b", 1), .. From("a", "c", 2)], Start);
        log = FailoverLog.Add(log, From("a", "b", 3), Start + FailoverLog.Together);
        Assert.Equal(["b", "b", "c"], log.Select(f => f.To).Order(StringComparer.Ordinal));
        Assert.Equal([3], log[0].Hubs);
    }

    [Fact]
    public void Where_nothing_moves_the_log_stays_and_it_never_grows_beyond_its_bound()
    {
        IReadOnlyList<Failover> log = FailoverLog.Add([], From("a", "b", 1), Start);
        Assert.Same(log, FailoverLog.Add(log, [], Start.AddHours(1)));
        for (int i = 0; i < 3 * FailoverLog.Most; i++)
            log = FailoverLog.Add(log, From($"silo-{i}", "b", i), Start.AddSeconds(i));
        Assert.Equal(FailoverLog.Most, log.Count);
        Assert.Equal(3 * FailoverLog.Most - 1, Assert.Single(log[0].Hubs));
    }
}
