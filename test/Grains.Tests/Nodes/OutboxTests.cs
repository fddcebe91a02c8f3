using CsCheck;
using ShitOps.Grains.Nodes;

namespace ShitOps.Grains.Tests.Nodes;

public sealed class OutboxTests
{
    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;

    private static OutboxEntry Entry(int sequence, string from, string to, Priority priority = Priority.Normal, string? key = null) => new()
    {
        Envelope = new Envelope { Id = Guid.NewGuid(), From = from, To = to, Sha256 = [], Priority = priority, OrderingKey = key },
        Sequence = sequence,
        BodyKind = BodyKind.Json,
        AcceptedAt = Start,
        Attachments = [],
        Size = 1,
        IsToMany = to == "all" || to.Contains(':', StringComparison.Ordinal),
    };

    private static readonly Gen<(string From, string To, Priority Priority, string? Key)> Posts = Gen.Select(
        OneOf("a", "b"), OneOf("x", "y", "all", "function:QA"), OneOf(Priority.Urgent, Priority.Normal, Priority.Bulk),
        OneOf<string?>(null, "k"));

    private static bool Overlap(OutboxEntry a, OutboxEntry b) => a.IsToMany || b.IsToMany || a.Envelope.To == b.Envelope.To;

    /// <summary>Chaos seed 8 of 5,000 messages: what was held while a silo's clock was five minutes ahead stood for five minutes when it was right again.</summary>
    [Fact]
    public void What_was_put_back_by_a_clock_that_was_ahead_waits_no_longer_than_any_pause()
    {
        var outbox = new Outbox(10);
        outbox.Add(Entry(1, "a", "x"));
        DateTimeOffset ahead = Start.AddMinutes(5);
        outbox.PutBack(Assert.Single(outbox.Take(1, ahead)), ahead.AddSeconds(1));
        Assert.Empty(outbox.Take(1, ahead));
        Assert.Null(outbox.NextTry(Start));
        Assert.Single(outbox.Take(1, Start));
    }

    [Fact]
    public void Whatever_fails_and_is_tried_again_messages_of_a_pair_leave_in_posting_order() =>
        Gen.Select(Posts.Array[1, 80], Gen.Int[0, 1_000_000], Gen.Int[1, 20]).Sample((posts, seed, max) =>
        {
            var random = new Random(seed);
            var outbox = new Outbox(10_000);
            OutboxEntry[] entries = [.. posts.Select((p, i) => Entry(i + 1, p.From, p.To, p.Priority, p.Key))];
            foreach (OutboxEntry entry in entries)
                outbox.Add(entry);
            var left = new List<OutboxEntry>();
            DateTimeOffset now = Start;
            for (int round = 0; outbox.Count > 0; round++)
            {
                Assert.True(round < 5_000, "the outbox does not empty");
                List<OutboxEntry> batch = outbox.Take(max, now);
                if (batch.Count == 0)
                {
                    now = outbox.NextTry(now) ?? throw new InvalidOperationException("stuck");
                    continue;
                }
                // All of one way fails or succeeds together, as one call does.
                HashSet<string> broken = random.Next(3) == 0 ? [batch[random.Next(batch.Count)].Envelope.To] : [];
                foreach (OutboxEntry entry in batch)
                {
                    if (broken.Contains(entry.Envelope.To))
                    {
                        outbox.PutBack(entry, now + TimeSpan.FromMilliseconds(random.Next(1, 50)));
                    }
                    else
                    {
                        outbox.Remove(entry.Id);
                        left.Add(entry);
                    }
                }
            }
            for (int i = 0; i < left.Count; i++)
            {
                for (int j = i + 1; j < left.Count; j++)
                {
                    if (left[i].Lane == left[j].Lane && Overlap(left[i], left[j]))
                        Assert.True(left[i].Sequence < left[j].Sequence, $"{left[j].Sequence} left after {left[i].Sequence}");
                }
            }
        });

    [Fact]
    public void A_message_that_waits_blocks_its_own_pair_and_no_other()
    {
        var outbox = new Outbox(100);
        OutboxEntry first = Entry(1, "a", "x");
        outbox.Add(first);
        outbox.Add(Entry(2, "a", "x"));
        outbox.Add(Entry(3, "a", "y"));
        outbox.Add(Entry(4, "b", "x"));
        Assert.Equal(first, Assert.Single(outbox.Take(1, Start)));
        outbox.PutBack(first, Start + TimeSpan.FromSeconds(1));
        Assert.Equal([3, 4], outbox.Take(10, Start).Select(e => e.Sequence));
        Assert.Equal([1, 2], outbox.Take(10, Start + TimeSpan.FromSeconds(1)).Select(e => e.Sequence));
    }

    [Fact]
    public void Urgent_messages_leave_first_and_an_ordering_key_outweighs_priority()
    {
        var outbox = new Outbox(100);
        outbox.Add(Entry(1, "a", "x", Priority.Bulk));
        outbox.Add(Entry(2, "a", "x", Priority.Normal, "k"));
        outbox.Add(Entry(3, "a", "x", Priority.Urgent, "k"));
        outbox.Add(Entry(4, "a", "x", Priority.Urgent));
        Assert.Equal([4, 2, 3, 1], outbox.Take(10, Start).Select(e => e.Sequence));
    }

    [Fact]
    public void Nothing_leaves_that_was_accepted_after_an_acceptance_still_under_way()
    {
        var outbox = new Outbox(100);
        outbox.Add(Entry(1, "a", "x"));
        outbox.Add(Entry(9, "a", "x"));
        Assert.Equal([1], outbox.Take(10, Start, below: 5).Select(e => e.Sequence));
    }

    [Fact]
    public void What_does_not_fit_the_window_is_left_to_the_database_and_read_in_order_later()
    {
        var outbox = new Outbox(4);
        OutboxEntry[] all = [.. Enumerable.Range(1, 10).Select(i => Entry(i, "a", "x"))];
        foreach (OutboxEntry entry in all)
            outbox.Add(entry);
        Assert.False(outbox.Complete);
        var left = new List<long>();
        while (true)
        {
            if (outbox.WantsRefill)
            {
                outbox.BeginRefill();
                OutboxEntry[] rows = [.. all.Where(e => e.Sequence > outbox.LoadedUpTo).Take(4 - outbox.Count)];
                outbox.Refill(rows, toTheEnd: rows.Length < 4 - outbox.Count || rows.LastOrDefault()?.Sequence == 10);
            }
            List<OutboxEntry> batch = outbox.Take(2, Start);
            if (batch.Count == 0)
                break;
            foreach (OutboxEntry entry in batch)
            {
                outbox.Remove(entry.Id);
                left.Add(entry.Sequence);
            }
        }
        Assert.Equal(Enumerable.Range(1, 10).Select(i => (long)i), left);
        Assert.True(outbox.Complete);
    }

    [Fact]
    public void A_doubt_that_comes_while_the_database_is_read_makes_it_read_again_from_the_start()
    {
        var outbox = new Outbox(4);
        OutboxEntry missed = Entry(1, "a", "x"), known = Entry(5, "a", "x");
        outbox.Doubt();
        outbox.BeginRefill();
        outbox.Doubt();
        Assert.False(outbox.Refill([known], toTheEnd: true));
        Assert.True(outbox.WantsRefill);
        Assert.Equal(-1, outbox.LoadedUpTo);
        outbox.BeginRefill();
        Assert.True(outbox.Refill([missed, known], toTheEnd: true));
        Assert.True(outbox.Complete);
        Assert.Equal([1, 5], outbox.Take(10, Start).Select(e => e.Sequence));
    }

    [Fact]
    public void In_doubt_the_database_is_read_again_though_the_window_is_full()
    {
        var outbox = new Outbox(4);
        OutboxEntry[] all = [.. Enumerable.Range(1, 5).Select(i => Entry(i, "a", "x"))];
        foreach (OutboxEntry entry in all[1..])
            outbox.Add(entry);
        outbox.Doubt();
        Assert.True(outbox.WantsRefill);
        Assert.Equal(4, outbox.Room);
        outbox.BeginRefill();
        outbox.Refill(all[..4], toTheEnd: false);
        Assert.False(outbox.WantsRefill);
        // Between the fourth and the fifth there may be others: it is read again when the window has come so far.
        Assert.Equal([1, 2, 3, 4], outbox.Take(10, Start).Select(e => e.Sequence));
    }

    [Fact]
    public void What_leaves_while_the_database_is_read_does_not_come_back_with_the_answer()
    {
        var outbox = new Outbox(100);
        OutboxEntry entry = Entry(1, "a", "x");
        outbox.Add(entry);
        outbox.BeginRefill();
        outbox.Remove(entry.Id);
        outbox.Refill([entry], toTheEnd: true);
        Assert.Equal(0, outbox.Count);
    }

    [Fact]
    public void The_messages_of_a_sender_that_went_are_forgotten_and_those_under_way_do_not_come_back()
    {
        var outbox = new Outbox(100);
        OutboxEntry[] entries = [Entry(1, "gone", "x"), Entry(2, "stays", "x"), Entry(3, "gone", "x"), Entry(4, "stays", "x")];
        foreach (OutboxEntry entry in entries)
            outbox.Add(entry);
        OutboxEntry underWay = Assert.Single(outbox.Take(1, Start));
        outbox.MarkHeld(entries[2]);
        outbox.Keep(sender => sender == "stays");
        Assert.Equal((2, 0), (outbox.Count, outbox.HeldCount));
        outbox.PutBack(underWay, Start);
        Assert.Equal([entries[1], entries[3]], outbox.Take(10, Start));
    }
}
