using ShitOps.System.Tests.Fixtures;

namespace ShitOps.System.Tests;

/// <summary>Without its scanner nothing is delivered, and nothing is lost.</summary>
[Collection(BreaksThings.Name)]
public sealed class ScannerFailureTests(FragileCluster source, ITestOutputHelper output) : ClusterTest(source, output)
{
    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await Cluster.MendAsync();
    }

    [Fact]
    public Task Messages_held_while_the_scanner_is_stopped_are_delivered_in_order_when_it_is_back() =>
        HoldsAndDeliversAsync(() => Cluster.Clamd.StopAsync(Signals.Kill), Cluster.Clamd.StartAsync);

    [Fact]
    public Task Messages_held_while_the_scanner_hangs_are_delivered_in_order_when_it_answers() => HoldsAndDeliversAsync(
        () =>
        {
            Cluster.Clamd.Signal(Signals.Stop);
            return Task.CompletedTask;
        },
        () =>
        {
            Cluster.Clamd.Signal(Signals.Continue);
            return Task.CompletedTask;
        });

    [Fact]
    public async Task An_attachment_cannot_be_stored_without_the_scanner()
    {
        ApiClient sender = await NewTeamAsync("sender");
        await Cluster.Clamd.StopAsync(Signals.Kill);
        ApiAnswer answer = await sender.TryAttachAsync("clean bytes"u8.ToArray());
        Assert.Null(answer.NotAProblem(503));
        Assert.NotNull(answer.RetryAfter);
        await Cluster.Clamd.StartAsync();
        await Eventually.UntilAsync(
            () => sender.TryAttachAsync("clean bytes"u8.ToArray()), again => again.Status == 201, TimeSpan.FromSeconds(30), "an attachment is stored again");
    }

    private async Task HoldsAndDeliversAsync(Func<Task> away, Func<Task> back)
    {
        (ApiClient sender, ApiClient recipient) = await NewPairAsync();
        ApiClient other = await NewTeamAsync("other");
        await sender.SendAsync(NewMessage.Text(recipient.Name, "before"));
        Assert.Single(await recipient.ReceiveAsync(1));

        await away();
        Accepted first = await sender.SendAsync(Numbered(recipient, 0));
        await sender.UntilStateAsync(first.Id, "held", TimeSpan.FromSeconds(60));
        // Later ones are accepted too, and wait as well.
        BulkResult[] later = await sender.SendBulkAsync(Enumerable.Range(1, 99).Select(n => Numbered(recipient, n)));
        Accepted fromOther = await other.SendAsync(NewMessage.Text(recipient.Name, "of another"));
        (int status, string text) = await Eventually.UntilAsync(
            Anonymous.ReadyAsync, ready => ready.Text.Contains("degraded", StringComparison.OrdinalIgnoreCase), TimeSpan.FromSeconds(60), "ready tells degraded");
        Assert.Equal(200, status);
        Assert.Contains("scanner", text, StringComparison.OrdinalIgnoreCase);
        Assert.True(await Eventually.StaysAsync(async () => (await recipient.LeaseAsync(wait: 0)).Count == 0, TimeSpan.FromSeconds(3)), "delivered unscanned");
        Assert.Equal("held", (await sender.MessageAsync(first.Id)).State);
        Assert.Contains("message.held", (await sender.TraceAsync(first.Id)).Select(e => e.Type));

        await back();
        List<Delivery> received = await recipient.ReceiveAsync(101, limit: TimeSpan.FromSeconds(60));
        Assert.Equal([first.Id, .. later.Select(r => r.Id!.Value)], received.Where(d => d.Message.From == sender.Name).Select(d => d.Message.Id));
        Assert.Contains(fromOther.Id, received.Select(d => d.Message.Id));
        await Eventually.UntilAsync(
            Anonymous.ReadyAsync, ready => ready.Status == 200 && !ready.Text.Contains("degraded", StringComparison.OrdinalIgnoreCase),
            TimeSpan.FromSeconds(30), "ready without a but");
    }

    // Each with content of its own: what the cache of verdicts knows as clean need not be scanned.
    private static NewMessage Numbered(ApiClient recipient, int number) =>
        NewMessage.Of(recipient.Name, new { number, unique = Guid.NewGuid() }) with { OrderingKey = "k" };
}
