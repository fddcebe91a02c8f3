using System.Diagnostics;
using System.Globalization;
using ShitOps.System.Tests.Fixtures;

namespace ShitOps.System.Tests;

/// <summary>Processes die in mid-flow. What was accepted arrives, once and in order.</summary>
[Collection(BreaksThings.Name)]
public sealed class FailureTests(FragileCluster source, ITestOutputHelper output) : ClusterTest(source, output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await Cluster.MendAsync();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_silo_killed_in_mid_flow_loses_doubles_and_disorders_nothing(int silo)
    {
        Flow flow = await NewFlowAsync();
        int before = (await Operator.EventsAsync("node.failed_over")).Length;
        Output.WriteLine(await flow.RunAsync(800, Limit, async () =>
        {
            await flow.UnderWay;
            await Cluster.Silos[silo].StopAsync(Signals.Kill);
            var clock = Stopwatch.StartNew();
            ApiClient probe = await Eventually.UntilAsync(() => NewTeamAsync("probe"), _ => true, TimeSpan.FromSeconds(30), "a team can be created after the kill");
            Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{clock.Elapsed.TotalSeconds:0.0} s from the kill until a team was created ({probe.Name})"));
        }));
        flow.Check();
        JournalEvent[] told = await Eventually.UntilAsync(
            () => Operator.EventsAsync("node.failed_over"), events => events.Length > before, TimeSpan.FromSeconds(20), "a failover is journalled");
        Assert.All(told[before..], e => Assert.True(e.Node is >= 0 && !string.IsNullOrEmpty(e.Silo), e.ToString()));
        // It comes back, though its old self never said goodbye.
        await Cluster.Silos[silo].RestartAsync();
        await AssertAllNodesAliveAsync();
        await AssertTravelsAsync();
    }

    [Fact]
    public async Task A_silo_that_is_asked_to_stop_in_mid_flow_leaves_without_a_trace()
    {
        Flow flow = await NewFlowAsync();
        Output.WriteLine(await flow.RunAsync(600, Limit, async () =>
        {
            await flow.UnderWay;
            await Cluster.Silos[1].StopAsync(Signals.Terminate);
            await Cluster.Silos[1].RestartAsync();
        }));
        flow.Check();
        Assert.Equal(0, Cluster.Silos[1].IsRunning ? 0 : Cluster.Silos[1].ExitCode);
    }

    [Fact]
    public async Task A_silo_that_hangs_is_given_up_and_does_no_harm_when_it_wakes()
    {
        Flow flow = await NewFlowAsync();
        Output.WriteLine(await flow.RunAsync(400, Limit, async () =>
        {
            await flow.UnderWay;
            Cluster.Silos[1].Signal(Signals.Stop);
            await Eventually.UntilAsync(() => NewTeamAsync("probe"), _ => true, TimeSpan.FromSeconds(45), "a team can be created beside the hanging silo");
            Cluster.Silos[1].Signal(Signals.Continue);
        }));
        flow.Check();
        // It may be about to stop, as one that was declared dead does: whoever comes next must not find it half gone.
        await Cluster.Silos[1].StopAsync();
    }

    [Fact]
    public async Task A_gateway_killed_in_mid_flow_loses_nothing_that_was_accepted()
    {
        // A lease whose answer died with the gateway ends soon, so that its deliveries come again.
        Flow flow = await NewFlowAsync(lease: 8);
        Output.WriteLine(await flow.RunAsync(800, Limit, async () =>
        {
            await flow.UnderWay;
            await Cluster.Gateways[0].StopAsync(Signals.Kill);
            await Cluster.Gateways[0].RestartAsync();
        }));
        flow.Check(answersMayBeLost: true);
    }

    [Theory]
    [InlineData(Signals.Terminate)]
    [InlineData(Signals.Kill)]
    public async Task A_database_restarted_in_mid_flow_is_answered_by_503_and_loses_nothing(int signal)
    {
        ApiClient probe = await NewTeamAsync("probe"), target = await NewTeamAsync("target");
        Flow flow = await NewFlowAsync();
        Output.WriteLine(await flow.RunAsync(800, Limit, async () =>
        {
            await flow.UnderWay;
            await Cluster.Database.StopAsync(signal);
            ApiAnswer refused = await probe.TrySendAsync(NewMessage.Text(target.Name, "while it is away"));
            Assert.Null(refused.NotAProblem(503));
            Assert.NotNull(refused.RetryAfter);
            await Eventually.UntilAsync(Anonymous.ReadyAsync, ready => ready.Status == 503, TimeSpan.FromSeconds(20), "not ready without its database");
            Assert.Equal(200, (await Anonymous.GetAsync("/health/live")).Status);
            await Cluster.Database.StartAsync();
        }));
        flow.Check();
        await Eventually.UntilAsync(Anonymous.ReadyAsync, ready => ready.Status == 200, TimeSpan.FromSeconds(20), "ready again");
        // What was refused was not stored, unless the answer said that nobody knows.
        Assert.InRange((await target.LeaseAsync(wait: 0)).Count, 0, 1);
    }

    [Fact]
    public async Task All_silos_killed_and_started_again_go_on_where_they_were()
    {
        Flow flow = await NewFlowAsync();
        Output.WriteLine(await flow.RunAsync(600, Limit, async () =>
        {
            await flow.UnderWay;
            await Task.WhenAll(Cluster.Silos.Select(s => s.StopAsync(Signals.Kill)));
            await ShitOpsCluster.StartProgramsAsync(Cluster.Silos);
        }));
        flow.Check();
    }

    [Fact]
    public async Task Everything_killed_at_once_and_started_in_the_wrong_order_comes_up_with_what_was_accepted()
    {
        (ApiClient sender, ApiClient recipient) = await NewPairAsync();
        BulkResult[] accepted = await sender.SendBulkAsync(Enumerable.Range(0, 500).Select(n => NewMessage.Of(recipient.Name, n) with { OrderingKey = "k" }));
        await Task.WhenAll(
            [.. Cluster.Silos.Concat(Cluster.Gateways).Select(p => p.StopAsync(Signals.Kill)), Cluster.Database.StopAsync(Signals.Kill), Cluster.Clamd.StopAsync(Signals.Kill)]);
        // The gateway first: it waits for a silo. The database last but clamd.
        Cluster.Gateways[0].Start();
        Cluster.Silos[1].Start();
        await Cluster.Database.StartAsync();
        await Cluster.MendAsync();
        List<Delivery> received = await recipient.ReceiveAsync(500, limit: TimeSpan.FromSeconds(60));
        Assert.Equal(accepted.Select(r => r.Id!.Value), received.Select(d => d.Message.Id));
    }

    private async Task<Flow> NewFlowAsync(int lease = 20)
    {
        var senders = new ApiClient[4];
        var recipients = new ApiClient[3];
        for (int i = 0; i < senders.Length; i++)
            senders[i] = await NewTeamAsync("sender");
        for (int i = 0; i < recipients.Length; i++)
            recipients[i] = await NewTeamAsync("recipient");
        return new Flow(senders, recipients, batch: 25, lease: lease);
    }

    private Task AssertAllNodesAliveAsync() => Eventually.UntilAsync(
        Operator.NodesAsync, nodes => nodes.All(n => n.Text("health") != "unhealthy"), TimeSpan.FromSeconds(30), "no node is unhealthy");

    private async Task AssertTravelsAsync()
    {
        (ApiClient sender, ApiClient recipient) = await NewPairAsync();
        await sender.SendAsync(NewMessage.Text(recipient.Name, "after all"));
        Assert.Single(await recipient.ReceiveAsync(1));
    }
}
