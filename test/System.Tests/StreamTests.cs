using System.Globalization;
using ShitOps.System.Tests.Fixtures;

namespace ShitOps.System.Tests;

/// <summary>The inbox as server-sent events.</summary>
public sealed class StreamTests(SharedCluster source, ITestOutputHelper output) : ClusterTest(source, output)
{
    [Fact]
    public async Task A_stream_hands_out_what_waits_and_what_comes_later_in_order()
    {
        (ApiClient sender, ApiClient recipient) = await NewPairAsync();
        await SendAsync(sender, recipient, 0, 20);
        Task<List<StreamedDelivery>> reading = recipient.StreamAsync(40);
        await SendAsync(sender, recipient, 20, 20);
        List<StreamedDelivery> received = await reading;
        Assert.Equal(Enumerable.Range(0, 40), Numbers(received));
        Assert.All(received, r => Assert.Equal(1, r.Delivery.Attempt));
        Assert.All(received, r => Assert.Equal(r.Delivery.DeliveryId.ToString(), r.EventId));
        // What a stream handed out is leased: nobody else gets it.
        await AssertEmptyAsync(recipient);
    }

    [Fact]
    public async Task A_stream_taken_up_again_at_the_last_event_loses_nothing()
    {
        (ApiClient sender, ApiClient recipient) = await NewPairAsync();
        await SendAsync(sender, recipient, 0, 50);
        // The connection breaks after 20 events, of which 10 are acknowledged; more may have been on the wire.
        List<StreamedDelivery> before = await recipient.StreamAsync(20);
        await recipient.AckAsync([.. before.Take(10).Select(d => d.Delivery.DeliveryId)]);
        List<StreamedDelivery> after = await recipient.StreamAsync(30, lastEventId: before[^1].EventId);
        Assert.Equal(Enumerable.Range(20, 30), Numbers(after));
        await recipient.AckAsync([.. after.Take(20).Select(d => d.Delivery.DeliveryId)]);
        // One who lost its place begins with everything that is not acknowledged.
        List<StreamedDelivery> anew = await recipient.StreamAsync(20);
        Assert.Equal([.. Enumerable.Range(10, 10), .. Enumerable.Range(40, 10)], Numbers(anew));
        await recipient.AckAsync([.. anew.Select(d => d.Delivery.DeliveryId)]);
        await AssertEmptyAsync(recipient);
    }

    private static async Task SendAsync(ApiClient sender, ApiClient recipient, int first, int count)
    {
        BulkResult[] results = await sender.SendBulkAsync(
            Enumerable.Range(first, count).Select(n => NewMessage.Json(recipient.Name, n.ToString(CultureInfo.InvariantCulture))));
        Assert.All(results, r => Assert.NotNull(r.Id));
    }

    private static IEnumerable<int> Numbers(List<StreamedDelivery> received) => received.Select(r => r.Delivery.Message.Body.GetInt32());
}
