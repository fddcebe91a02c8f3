using CsCheck;
using ShitOps.Grains.Inbox;
using ShitOps.Grains.Storage;

namespace ShitOps.Grains.Tests.Inbox;

public sealed class InboxWindowTests
{
    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly DateTimeOffset Later = Start + Minute;

    private static InboxItem Item(long sequence, string from, string? key = null, Priority rank = Priority.Normal, DateTimeOffset? expires = null) =>
        new(new InboxKey(sequence, Guid.NewGuid(), from, rank, key, 0, null, expires));

    private static Moment At(DateTimeOffset clock) => new(clock, clock - DateTimeOffset.UnixEpoch);

    private static List<InboxItem> Take(InboxWindow window, int max, DateTimeOffset now) => window.Take(max, At(now), Minute, null, []);

    [Fact]
    public void However_deliveries_fail_and_come_back_the_first_success_of_a_lane_is_in_order() =>
        Gen.Select(Gen.Select(OneOf("a", "b"), OneOf<string?>(null, "k")).Array[1, 60], Gen.Int[0, 1_000_000], Gen.Int[1, 8]).Sample((posts, seed, max) =>
        {
            var random = new Random(seed);
            var window = new InboxWindow();
            InboxItem[] items = [.. posts.Select((p, i) => Item(i + 1, p.Item1, p.Item2))];
            foreach (InboxItem item in items)
                window.Add(item);
            var acked = new List<InboxItem>();
            DateTimeOffset now = Start;
            for (int round = 0; acked.Count < items.Length; round++)
            {
                Assert.True(round < 10_000, "the inbox does not empty");
                List<InboxItem> batch = Take(window, max, now);
                // A consumer works through its batch in order and gives up at the first failure.
                int good = random.Next(4) == 0 ? random.Next(batch.Count + 1) : batch.Count;
                for (int i = 0; i < batch.Count; i++)
                {
                    if (i < good)
                    {
                        window.Remove(batch[i]);
                        acked.Add(batch[i]);
                    }
                    else
                    {
                        window.PutBack(batch[i], i == good ? At(now + TimeSpan.FromSeconds(1)).Running : TimeSpan.Zero);
                    }
                }
                now += TimeSpan.FromMilliseconds(300);
            }
            foreach (IGrouping<InboxLane, InboxItem> lane in acked.GroupBy(i => i.Lane))
                Assert.Equal(lane.Select(i => i.Key.Sequence).Order(), lane.Select(i => i.Key.Sequence));
        });

    [Fact]
    public void With_an_ordering_key_nothing_is_leased_while_an_earlier_one_is_out()
    {
        var window = new InboxWindow();
        window.Add(Item(1, "a", "k"));
        window.Add(Item(2, "a", "k"));
        window.Add(Item(3, "a"));
        List<InboxItem> first = Take(window, 1, Start);
        Assert.Equal([1], first.Select(i => i.Key.Sequence));
        Assert.Equal([3], Take(window, 10, Start).Select(i => i.Key.Sequence));
        window.Remove(first[0]);
        Assert.Equal([2], Take(window, 10, Start).Select(i => i.Key.Sequence));
    }

    [Fact]
    public void A_delayed_delivery_blocks_its_lane_until_its_time_and_no_other_lane()
    {
        var window = new InboxWindow();
        InboxItem first = Item(1, "a");
        window.Add(first);
        window.Add(Item(2, "a"));
        window.Add(Item(3, "b"));
        Take(window, 1, Start);
        window.PutBack(first, At(Later).Running);
        Assert.Equal([3], Take(window, 10, Start).Select(i => i.Key.Sequence));
        Assert.Equal([1, 2], Take(window, 10, Later).Select(i => i.Key.Sequence));
    }

    [Fact]
    public void Urgent_deliveries_are_leased_first_and_expired_ones_never()
    {
        var window = new InboxWindow();
        window.Add(Item(1, "a", rank: Priority.Bulk));
        window.Add(Item(2, "a", expires: Start));
        window.Add(Item(3, "a", rank: Priority.Urgent));
        var expired = new List<InboxItem>();
        Assert.Equal([3, 1], window.Take(10, At(Start), Minute, null, expired).Select(i => i.Key.Sequence));
        Assert.Equal([2], expired.Select(i => i.Key.Sequence));
    }

    [Fact]
    public void A_client_that_comes_back_gets_at_once_what_was_sent_after_the_last_it_received()
    {
        var window = new InboxWindow();
        var streams = new StreamLeases();
        Guid stream = Guid.NewGuid();
        for (int i = 1; i <= 4; i++)
            window.Add(Item(i, $"s{i}"));
        List<InboxItem> sent = window.Take(4, At(Start), Minute, stream, []);
        foreach (InboxItem item in sent)
            streams.Granted(item, Start);
        Assert.Empty(streams.TakeLost(window.Items, null));
        Assert.Equal([3, 4], streams.TakeLost(window.Items, sent[1].Id).Select(i => i.Key.Sequence));
        Assert.Equal([1, 2, 3, 4], streams.TakeLost(window.Items, null).Select(i => i.Key.Sequence));
    }

    [Fact]
    public void A_stream_that_is_seen_to_end_gives_back_what_it_leased_only_if_another_began_afresh_after_it()
    {
        var window = new InboxWindow();
        var streams = new StreamLeases();
        Guid stream = Guid.NewGuid();
        window.Add(Item(1, "a"));
        streams.BeginAfresh(Start);
        streams.Granted(window.Take(1, At(Start), Minute, stream, [])[0], Start);
        Assert.False(streams.End(stream, Start));
        Guid next = Guid.NewGuid();
        window.Add(Item(2, "b"));
        streams.Granted(window.Take(1, At(Start), Minute, next, [])[0], Start);
        streams.BeginAfresh(Start + TimeSpan.FromSeconds(1));
        Assert.True(streams.End(next, Start + TimeSpan.FromSeconds(2)));
    }
}
