using System.Diagnostics;
using System.Globalization;
using ShitOps.System.Tests.Fixtures;

namespace ShitOps.System.Tests;

/// <summary>Many messages at once: order per lane, exactly once, and a rough figure of how many a second.</summary>
public sealed class OrderTests(SharedCluster source, ITestOutputHelper output) : ClusterTest(source, output)
{
    [Fact]
    public async Task Thousands_of_messages_of_concurrent_senders_arrive_once_and_in_order_per_sender_recipient_and_key()
    {
        ApiClient[] senders = await TeamsAsync("sender", 5), recipients = await TeamsAsync("recipient", 4);
        var flow = new Flow(senders, recipients);
        Output.WriteLine(await flow.RunAsync(1_000, TimeSpan.FromSeconds(90)));
        flow.Check();
        Assert.Equal((5_000, 0), (flow.Posted, flow.Again));
        foreach (Guid id in flow.Some(20))
        {
            MessageInfo message = await Operator.MessageAsync(id);
            Assert.Equal("acknowledged", message.State);
            Assert.Single(message.Deliveries);
        }
        foreach (ApiClient recipient in recipients)
            await AssertEmptyAsync(recipient, wait: 0);
    }

    [Fact]
    public async Task Two_teams_that_write_to_each_other_at_once_do_not_stop_each_other()
    {
        ApiClient[] teams = await TeamsAsync("peer", 2);
        // Each is sender and recipient; a lane to oneself is not allowed, so two flows.
        var there = new Flow([teams[0]], [teams[1]], keys: 1);
        var back = new Flow([teams[1]], [teams[0]], keys: 1);
        await Task.WhenAll(there.RunAsync(500, TimeSpan.FromSeconds(60)), back.RunAsync(500, TimeSpan.FromSeconds(60)));
        there.Check();
        back.Check();
    }

    [Fact]
    public async Task A_bulk_client_gets_this_many_messages_a_second_through()
    {
        const int Batches = 10, Lines = 1_000;
        ApiClient[] senders = await TeamsAsync("bulk", 2);
        ApiClient recipient = await NewTeamAsync("sink");
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(senders.Select(async sender =>
        {
            for (int i = 0; i < Batches / senders.Length; i++)
            {
                int first = i * Lines;
                BulkResult[] results = await sender.SendBulkAsync(
                    Enumerable.Range(first, Lines).Select(n => NewMessage.Of(recipient.Name, new { number = n, text = new string('x', 400) })));
                Assert.All(results, r => Assert.NotNull(r.Id));
            }
        }));
        TimeSpan accepted = clock.Elapsed;
        List<Delivery> received = await recipient.ReceiveAsync(Batches * Lines, limit: TimeSpan.FromSeconds(60));
        Output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Batches * Lines} messages: accepted {Batches * Lines / accepted.TotalSeconds:0}/s, "
            + $"received and acknowledged {Batches * Lines / clock.Elapsed.TotalSeconds:0}/s from the first post on"));
        Assert.Equal(Batches * Lines, received.Select(d => d.Message.Id).Distinct().Count());
    }

    private async Task<ApiClient[]> TeamsAsync(string hint, int count)
    {
        var teams = new ApiClient[count];
        for (int i = 0; i < count; i++)
            teams[i] = await NewTeamAsync(hint);
        return teams;
    }
}
