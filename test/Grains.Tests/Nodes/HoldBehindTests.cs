using ShitOps.Grains.Nodes;

namespace ShitOps.Grains.Tests.Nodes;

/// <summary>A scanner that breaks off in mid-batch leaves a verdict for some and none for others.</summary>
public sealed class HoldBehindTests
{
    private static Envelope Item(string to, string? key = null, string from = "a", Priority priority = Priority.Normal) =>
        new() { Id = Guid.NewGuid(), From = from, To = to, Sha256 = [], OrderingKey = key, Priority = priority };

    private static ForwardStatus?[] Hold(Envelope[] items, params (int Place, ForwardStatus Status)[] decided)
    {
        var statuses = new ForwardStatus?[items.Length];
        foreach ((int place, ForwardStatus status) in decided)
            statuses[place] = status;
        OrderGuard.HoldBehind(items.Length, i => items[i], statuses);
        return statuses;
    }

    [Fact]
    public void A_message_found_clean_waits_behind_one_of_its_pair_that_the_scanner_could_not_look_at() =>
        Assert.Equal([null, ForwardStatus.Held, ForwardStatus.Held, ForwardStatus.Held],
            Hold([Item("x"), Item("x"), Item("x"), Item("x")], (1, ForwardStatus.Held)));

    [Fact]
    public void Other_pairs_keys_priorities_and_senders_go_on() =>
        Assert.Equal([ForwardStatus.Held, null, null, null, null],
            Hold([Item("x"), Item("y"), Item("x", "k"), Item("x", from: "b"), Item("x", priority: Priority.Urgent)], (0, ForwardStatus.Held)));

    [Fact]
    public void A_message_to_many_waits_behind_one_to_any_of_them() =>
        Assert.Equal([ForwardStatus.Held, ForwardStatus.Held, null], Hold([Item("x"), Item("all"), Item("all", "k")], (0, ForwardStatus.Held)));

    [Fact]
    public void One_that_is_held_to_many_holds_all_of_its_lane() =>
        Assert.Equal([ForwardStatus.Held, ForwardStatus.Held, null], Hold([Item("all"), Item("all"), Item("all", "k")], (0, ForwardStatus.Held)));

    [Fact]
    public void What_is_decided_stays_and_holds_nobody() =>
        Assert.Equal([ForwardStatus.Quarantined, null, ForwardStatus.Held, ForwardStatus.Expired, ForwardStatus.Held],
            Hold([Item("x"), Item("x"), Item("x"), Item("x"), Item("x")], (0, ForwardStatus.Quarantined), (2, ForwardStatus.Held), (3, ForwardStatus.Expired)));
}
