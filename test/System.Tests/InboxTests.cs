using System.Globalization;
using System.Text.Json;
using ShitOps.System.Tests.Fixtures;

namespace ShitOps.System.Tests;

/// <summary>Lease, ack, nack, extend, redelivery and dead letters.</summary>
public sealed class InboxTests(SharedCluster source, ITestOutputHelper output) : ClusterTest(source, output)
{
    [Fact]
    public async Task A_nacked_message_comes_back_after_its_delay_before_those_behind_it_and_holds_up_nobody_else()
    {
        (ApiClient sender, ApiClient recipient) = await NewPairAsync();
        ApiClient other = await NewTeamAsync("other");
        await SendNumbersAsync(sender, recipient, 0, 3);
        Delivery first = Assert.Single(await recipient.LeaseAsync(max: 1));
        Assert.Equal(0, first.Message.Body.GetInt32());
        DateTimeOffset nacked = TimeProvider.System.GetUtcNow();
        await recipient.Api.NackAsync([first.DeliveryId], TimeSpan.FromSeconds(3));

        // The pair's later ones wait behind it; another sender's message and another key do not.
        await other.SendAsync(NewMessage.Of(recipient.Name, 100));
        await sender.SendAsync(NewMessage.Of(recipient.Name, 200) with { OrderingKey = "another" });
        List<Delivery> meanwhile = await recipient.ReceiveAsync(2, limit: TimeSpan.FromSeconds(10));
        Assert.Equal([100, 200], meanwhile.Select(d => d.Message.Body.GetInt32()).Order());

        List<Delivery> rest = await recipient.ReceiveAsync(3);
        Assert.Equal([0, 1, 2], rest.Select(d => d.Message.Body.GetInt32()));
        Assert.Equal([2, 1, 1], rest.Select(d => d.Attempt));
        Assert.True(TimeProvider.System.GetUtcNow() - nacked >= TimeSpan.FromSeconds(2.8), "came back before its delay was over");
    }

    [Fact]
    public async Task What_is_not_acknowledged_in_its_lease_is_delivered_again_with_the_attempts_counted()
    {
        (ApiClient sender, ApiClient recipient) = await NewPairAsync();
        Accepted sent = (await SendNumbersAsync(sender, recipient, 7, 1))[0];
        Assert.Equal(1, Assert.Single(await recipient.LeaseAsync(lease: 1)).Attempt);
        Delivery again = Assert.Single(await recipient.LeaseAsync(wait: 20, lease: 30));
        Assert.Equal((2, sent.Id), (again.Attempt, again.Message.Id));
        await recipient.AckAsync(again.DeliveryId);
        MessageInfo message = await sender.UntilStateAsync(sent.Id, "acknowledged");
        Assert.Equal(2, Assert.Single(message.Deliveries).Attempts);
        await AssertEmptyAsync(recipient, wait: 2);
    }

    [Fact]
    public async Task An_extended_lease_keeps_the_message_from_others()
    {
        (ApiClient sender, ApiClient recipient) = await NewPairAsync();
        await SendNumbersAsync(sender, recipient, 0, 1);
        Delivery delivery = Assert.Single(await recipient.LeaseAsync(lease: 2));
        await recipient.Api.ExtendAsync([delivery.DeliveryId], TimeSpan.FromSeconds(60));
        await AssertEmptyAsync(recipient, wait: 4);
        Assert.Equal(1, (await recipient.AckAsync(delivery.DeliveryId)).Acknowledged);
    }

    [Fact]
    public async Task Acknowledging_twice_is_no_error_and_unknown_ids_are_named()
    {
        (ApiClient sender, ApiClient recipient) = await NewPairAsync();
        await SendNumbersAsync(sender, recipient, 0, 2);
        Guid[] ids = [.. (await recipient.LeaseAsync(max: 2)).Select(d => d.DeliveryId)];
        Guid stranger = Guid.CreateVersion7();
        AckResult first = await recipient.AckAsync([.. ids, stranger]);
        Assert.Equal(2, first.Acknowledged);
        Assert.Equal([stranger], first.Unknown);
        AckResult second = await recipient.AckAsync(ids);
        Assert.Equal(2, second.Acknowledged);
        Assert.Empty(second.Unknown);
        // Another team's delivery is as unknown as one that never was, and stays as it is.
        Guid foreign = (await SendNumbersAsync(sender, recipient, 5, 1))[0].Id;
        await sender.UntilStateAsync(foreign, "delivered");
        Assert.Equal([foreign], (await sender.AckAsync(foreign)).Unknown);
        Assert.Equal(foreign, Assert.Single(await recipient.LeaseAsync()).Message.Id);
        Assert.Equal([stranger], (await recipient.Api.NackAsync([stranger])).Unknown);
    }

    [Fact]
    public async Task Two_consumers_of_one_inbox_share_it_without_doubles()
    {
        (ApiClient sender, ApiClient recipient) = await NewPairAsync();
        await SendNumbersAsync(sender, recipient, 0, 200);
        List<Delivery>[] shares = await Task.WhenAll(ReceiveUntilEmptyAsync(recipient), ReceiveUntilEmptyAsync(recipient));
        Assert.Equal(Enumerable.Range(0, 200), shares.SelectMany(s => s).Select(d => d.Message.Body.GetInt32()).Order());
    }

    [Fact]
    public async Task A_waiting_lease_is_answered_as_soon_as_something_comes()
    {
        (ApiClient sender, ApiClient recipient) = await NewPairAsync();
        Task<IReadOnlyList<Delivery>> waiting = recipient.LeaseAsync(wait: 30);
        await SendNumbersAsync(sender, recipient, 1, 1);
        Assert.Single(await waiting.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task The_eighth_failed_attempt_is_a_dead_letter_which_can_be_replayed_or_discarded()
    {
        (ApiClient sender, ApiClient recipient) = await NewPairAsync();
        Guid id = (await SendNumbersAsync(sender, recipient, 8, 1))[0].Id;
        await FailAsync(recipient, id);
        MessageInfo dead = await sender.UntilStateAsync(id, "dead");
        Assert.Equal(("dead", 8), (dead.Deliveries[0].State, dead.Deliveries[0].Attempts));
        await AssertEmptyAsync(recipient);
        // The operator and the team itself find it, grouped by reason.
        Assert.Contains(id, Ids(await Operator.DeadLettersAsync(team: recipient.Name)));
        Assert.Contains(id, Ids(await recipient.DeadLettersAsync()));
        JsonElement group = (await Operator.DeadLettersAsync(team: recipient.Name)).Items()[0];
        Assert.Equal(1, group.Number("count"));
        Assert.False(string.IsNullOrEmpty(group.Text("reason")));

        Assert.Equal(200, (await Operator.ReplayAsync(id)).Status);
        Delivery replayed = Assert.Single(await recipient.LeaseAsync());
        Assert.Equal((id, 1), (replayed.Message.Id, replayed.Attempt));
        Assert.Equal(8, replayed.Message.Body.GetInt32());
        await recipient.AckAsync(replayed.DeliveryId);
        await sender.UntilStateAsync(id, "acknowledged");
        Assert.DoesNotContain(id, Ids(await Operator.DeadLettersAsync(team: recipient.Name)));

        Guid discarded = (await SendNumbersAsync(sender, recipient, 9, 1))[0].Id;
        await FailAsync(recipient, discarded);
        await sender.UntilStateAsync(discarded, "dead");
        Assert.Equal(200, (await Operator.DiscardAsync(discarded)).Status);
        Assert.DoesNotContain(discarded, Ids(await Operator.DeadLettersAsync(team: recipient.Name)));
        await AssertEmptyAsync(recipient);
        string[] told = [.. (await sender.TraceAsync(id)).Select(e => e.Type)];
        Assert.Contains("message.dead", told);
        Assert.Contains("message.replayed", told);
        Assert.Contains("message.discarded", (await sender.TraceAsync(discarded)).Select(e => e.Type));
    }

    [Fact]
    public async Task A_team_with_open_messages_is_only_removed_by_force_and_then_they_are_dead_letters()
    {
        (ApiClient sender, ApiClient recipient) = await NewPairAsync();
        Guid id = (await SendNumbersAsync(sender, recipient, 3, 1))[0].Id;
        await sender.UntilStateAsync(id, "delivered");
        ApiAnswer open = await recipient.GetAsync($"/v1/teams/{recipient.Name}/open");
        Assert.Equal(200, open.Status);
        JsonElement unacknowledged = open.Json.GetProperty("unacknowledged");
        Assert.Equal(1, unacknowledged.Number("waiting") + unacknowledged.Number("leased"));
        Assert.Null((await Operator.DeleteTeamAsync(recipient.Name)).NotAProblem(409));
        Assert.Equal(200, (await Operator.GetAsync($"/v1/teams/{recipient.Name}")).Status);
        Assert.InRange((await Operator.DeleteTeamAsync(recipient.Name, force: true)).Status, 200, 204);
        await sender.UntilStateAsync(id, "dead");
        Assert.Contains(id, Ids(await Operator.DeadLettersAsync(team: recipient.Name)));
        Assert.Equal(404, (await Operator.GetAsync($"/v1/teams/{recipient.Name}")).Status);
    }

    // Leases and nacks it until it is dead.
    private static async Task FailAsync(ApiClient recipient, Guid id)
    {
        for (int attempt = 1; attempt <= 8; attempt++)
        {
            Delivery delivery = Assert.Single(await recipient.LeaseAsync(wait: 20));
            Assert.Equal((id, attempt), (delivery.Message.Id, delivery.Attempt));
            await recipient.Api.NackAsync([delivery.DeliveryId]);
        }
    }

    private static Guid[] Ids(JsonElement groups) =>
        [.. groups.Items().SelectMany(g => g.GetProperty("items").EnumerateArray()).Select(i => i.GetProperty("message").GetGuid())];

    private static async Task<List<Delivery>> ReceiveUntilEmptyAsync(ApiClient team)
    {
        var received = new List<Delivery>();
        while (await team.LeaseAsync(max: 10, wait: 3) is { Count: > 0 } some)
        {
            received.AddRange(some);
            await team.AckAsync([.. some.Select(d => d.DeliveryId)]);
        }
        return received;
    }

    private static async Task<Accepted[]> SendNumbersAsync(ApiClient sender, ApiClient recipient, int first, int count)
    {
        BulkResult[] results = await sender.SendBulkAsync(
            Enumerable.Range(first, count).Select(n => NewMessage.Json(recipient.Name, n.ToString(CultureInfo.InvariantCulture))));
        return [.. results.Select(r => new Accepted(r.Id ?? throw new InvalidOperationException(r.Problem?.Text), r.State!))];
    }
}
