using ShitOps.Chaos.Accounts;
using ShitOps.Chaos.Traffic;

namespace ShitOps.Chaos.Tests;

/// <summary>A judge that finds nothing must be one that would have found it: every kind of fault is put before it.</summary>
public sealed class JudgeTests
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(1), Long = TimeSpan.FromSeconds(20);
    private readonly Clock _clock = new();
    private readonly Ledger _ledger;
    private readonly Dictionary<string, Guid> _ids = [];
    private readonly Dictionary<(string, Guid, string), int> _journal = [];
    private readonly Dictionary<Guid, string> _states = [];
    private readonly HashSet<Guid> _quarantined = [];
    private readonly List<string> _plain = [];
    private readonly Dictionary<(string, Guid), long> _numbers = [];

    public JudgeTests() => _ledger = new(_clock);

    [Fact]
    public void Messages_that_came_once_in_order_are_nothing_to_tell()
    {
        for (int n = 0; n < 5; n++)
            Travel(Make(n), request: n);
        Assert.True(Hold().Clean);
        Assert.Equal(5, Hold().Acked);
    }

    [Fact]
    public void One_that_did_not_come_is_lost_or_stuck_by_its_state()
    {
        _states[Accept(Make(0), 0)] = "acknowledged";
        _states[Accept(Make(1), 1)] = "held";
        Verdict verdict = Hold();
        Assert.Single(verdict.Faults["lost"]);
        Assert.Single(verdict.Faults["stuck"]);
    }

    [Fact]
    public void A_post_without_an_answer_is_stuck()
    {
        _ledger.Sent(Make(0), 0, 0);
        Assert.Single(Hold().Faults["stuck"]);
    }

    [Fact]
    public void One_that_came_again_after_its_acknowledgement_is_doubled()
    {
        Post post = Make(0);
        Travel(post, 0);
        Arrive(post, attempt: 2);
        Assert.Single(Hold().Faults["doubled"]);
    }

    [Fact]
    public void One_that_came_again_before_its_acknowledgement_is_not()
    {
        Post post = Make(0);
        Accept(post, 0);
        Arrive(post);
        Arrive(post, attempt: 2);
        Ack(post);
        Verdict verdict = Hold();
        Assert.True(verdict.Clean);
        Assert.Equal(1, verdict.Again);
    }

    [Fact]
    public void One_that_came_under_two_ids_is_doubled()
    {
        Post post = Make(0);
        Travel(post, 0);
        _ledger.Arrived("b", Guid.NewGuid(), post.Name, 1, intact: true);
        Assert.NotEmpty(Hold().Faults["doubled"]);
    }

    [Fact]
    public void One_that_was_refused_and_came_is_doubled()
    {
        Post post = Make(0);
        _ledger.Sent(post, 0, 0);
        _ledger.Refused(post, "in_past");
        _ledger.Arrived("b", Guid.NewGuid(), post.Name, 1, intact: true);
        Assert.Single(Hold().Faults["doubled"]);
    }

    [Fact]
    public void A_later_one_of_a_lane_that_came_first_is_out_of_order()
    {
        Post first = Make(0) with { Lane = "k", OrderingKey = "k" }, second = Make(1) with { Lane = "k", OrderingKey = "k" };
        Accept(first, 0);
        Accept(second, 1);
        foreach (Post post in (Post[])[second, first])
        {
            Arrive(post);
            Ack(post);
        }
        Assert.Single(Hold().Faults["out of order"]);
    }

    [Fact]
    public void Lines_of_one_request_have_the_order_of_the_lines()
    {
        Post first = Make(0) with { Lane = "k", OrderingKey = "k" }, second = Make(1) with { Lane = "k", OrderingKey = "k" };
        Accept(first, 0, line: 0);
        Accept(second, 0, line: 1);
        foreach (Post post in (Post[])[second, first])
        {
            Arrive(post);
            Ack(post);
        }
        Assert.Single(Hold().Faults["out of order"]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Without_an_ordering_key_too_a_later_one_that_came_first_is_out_of_order(int attempt)
    {
        Overtake(attempt);
        Assert.Single(Hold().Faults["out of order"]);
    }

    [Fact]
    public void Without_an_ordering_key_an_overtaken_one_is_told_and_no_fault_while_a_lease_that_went_unanswered_may_have_had_it()
    {
        Overtake(attempt: 1, () => Lose("b", Short));
        Verdict verdict = Hold();
        Assert.Empty(verdict.Faults["out of order"]);
        Assert.Contains(verdict.Counts, count => count.Value == 1);
    }

    [Fact]
    public void A_lease_that_went_unanswered_elsewhere_excuses_nothing()
    {
        Overtake(attempt: 1, () => Lose("c", Short));
        Assert.Single(Hold().Faults["out of order"]);
    }

    [Fact]
    public void A_lease_that_went_unanswered_before_the_message_was_posted_excuses_nothing()
    {
        Lose("b", Short);
        _clock.Pass(Short * 6);
        Overtake(attempt: 1);
        Assert.Single(Hold().Faults["out of order"]);
    }

    [Fact]
    public void A_lease_that_went_unanswered_and_has_run_out_excuses_nothing()
    {
        Overtake(attempt: 2, () =>
        {
            Lose("b", Short);
            _clock.Pass(Long);
        });
        Assert.Single(Hold().Faults["out of order"]);
    }

    [Fact]
    public void A_lease_that_goes_unanswered_afterwards_excuses_nothing()
    {
        Overtake(attempt: 1);
        _clock.Pass(Short);
        Lose("b", Short);
        Assert.Single(Hold().Faults["out of order"]);
    }

    [Fact]
    public void An_inbox_that_numbers_a_later_one_first_is_out_of_order_whatever_happened_to_leases()
    {
        Lose("b", Short);
        Travel(Make(0), 0);
        Travel(Make(1), 1);
        _numbers[("b", _ids["a-0"])] = 8;
        _numbers[("b", _ids["a-1"])] = 7;
        Assert.Single(Hold().Faults["out of order"]);
    }

    [Fact]
    public void What_may_have_been_stored_by_an_unanswered_attempt_has_no_known_order()
    {
        Post first = Make(0), second = Make(1);
        _ledger.Sent(first, 0, 0);
        _ledger.Sent(second, 0, 1);
        Accept(first, 1, line: 0);
        Accept(second, 1, line: 1);
        foreach (Post post in (Post[])[second, first])
        {
            Arrive(post);
            Ack(post);
        }
        Assert.True(Hold().Clean);
    }

    [Fact]
    public void Other_lanes_and_teams_have_no_order_among_each_other()
    {
        Post first = Make(0), second = Make(1) with { Lane = "k", OrderingKey = "k" };
        Accept(first, 0);
        Accept(second, 1);
        foreach (Post post in (Post[])[second, first])
        {
            Arrive(post);
            Ack(post);
        }
        Assert.True(Hold().Clean);
    }

    [Fact]
    public void What_is_infected_and_came_is_leaked_and_what_is_not_in_quarantine_is_stuck()
    {
        Post came = Make(0) with { Content = Content.Infected }, hid = Make(1) with { Content = Content.Infected }, caught = Make(2) with { Content = Content.Infected };
        Accept(came, 0);
        Accept(hid, 1);
        _quarantined.Add(_ids[came.Name]);
        _quarantined.Add(Accept(caught, 2));
        Arrive(came);
        Verdict verdict = Hold();
        Assert.Single(verdict.Faults["leaked"]);
        Assert.Single(verdict.Faults["stuck"]);
    }

    [Fact]
    public void What_came_to_another_is_leaked()
    {
        Post post = Make(0);
        Travel(post, 0);
        _ledger.Arrived("c", _ids[post.Name], post.Name, 1, intact: true);
        Assert.Single(Hold().Faults["leaked"]);
    }

    [Fact]
    public void Another_body_is_garbled()
    {
        Post post = Make(0);
        Accept(post, 0);
        _ledger.Arrived("b", _ids[post.Name], post.Name, 1, intact: false);
        Ack(post);
        Assert.Single(Hold().Faults["garbled"]);
    }

    [Fact]
    public void What_the_journal_tells_twice_or_not_at_all_is_told()
    {
        Travel(Make(0), 0);
        Travel(Make(1), 1);
        _journal[("message.delivered", _ids["a-0"], "b")] = 2;
        _journal.Remove(("message.scanned", _ids["a-1"], ""));
        Assert.Equal(2, Hold().Faults["journal"].Count);
    }

    [Fact]
    public void A_plain_body_and_an_undocumented_answer_are_told()
    {
        _plain.Add("in a log");
        _ledger.Error("POST: 500");
        Verdict verdict = Hold();
        Assert.Single(verdict.Faults["plain"]);
        Assert.Single(verdict.Faults["errors"]);
        Assert.False(verdict.Clean);
    }

    private static Post Make(int number) => new("a", number, "b", ["b"], "", Content.Clean, 10);

    /// <param name="meanwhile">What happens when both are posted and none has come.</param>
    private void Overtake(int attempt, Action? meanwhile = null)
    {
        Post first = Make(0), second = Make(1);
        Accept(first, 0);
        Accept(second, 1);
        meanwhile?.Invoke();
        Arrive(second);
        Arrive(first, attempt);
        Ack(second);
        Ack(first);
    }

    private void Lose(string team, TimeSpan after)
    {
        TimeSpan asked = _ledger.Now;
        _clock.Pass(after);
        _ledger.LeaseLost(team, asked);
    }

    private void Travel(Post post, int request)
    {
        Accept(post, request);
        Arrive(post);
        Ack(post);
    }

    private Guid Accept(Post post, int request, int line = 0)
    {
        Guid id = _ids[post.Name] = Guid.NewGuid();
        _ledger.Sent(post, request, line);
        _ledger.Accepted(post, request, id);
        _journal[("message.accepted", id, "")] = 1;
        _journal[("message.scanned", id, "")] = 1;
        _journal[("message.delivered", id, "b")] = 1;
        _journal[("message.acknowledged", id, "b")] = 1;
        return id;
    }

    private void Arrive(Post post, int attempt = 1) => _ledger.Arrived("b", _ids[post.Name], post.Name, attempt, intact: true);

    private void Ack(Post post) => _ledger.Acked("b", [_ids[post.Name]]);

    private Verdict Hold() => Judge.Hold(_ledger.Close(), new(_states, _quarantined, _journal, _plain, _numbers));

    private sealed class Clock : TimeProvider
    {
        private long _now;

        public override long GetTimestamp() => _now;

        public void Pass(TimeSpan time) => _now += (long)(time.TotalSeconds * TimestampFrequency);
    }
}
