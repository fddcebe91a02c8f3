using System.Text.Json;
using ShitOps.System.Tests.Fixtures;

namespace ShitOps.System.Tests;

/// <summary>Teams move to other hubs while they send and receive. Nobody else may change the tree meanwhile, so these run alone.</summary>
[Collection(BreaksThings.Name)]
public sealed class MovingTests(FragileCluster source, ITestOutputHelper output) : ClusterTest(source, output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await Cluster.MendAsync();
        // Teams of earlier tests would fill the gaps in place of those that send here.
        foreach (JsonElement team in await Operator.AllAsync("/v1/teams", ("limit", "1000")))
            await Operator.DeleteTeamAsync(team.Name(), force: true);
    }

    [Fact]
    public async Task Teams_that_move_in_mid_flow_lose_double_and_disorder_nothing()
    {
        string[] fillers = await FillAsync(14);
        ApiClient[] senders = await TeamsAsync("sender", 4), recipients = await TeamsAsync("recipient", 3);
        int moved = 0;
        var flow = new Flow(senders, recipients, batch: 25);
        Output.WriteLine(await flow.RunAsync(1_500, Limit, async () =>
        {
            await flow.UnderWay;
            moved = await ChurnAsync(fillers, [.. senders, .. recipients]);
        }));
        Output.WriteLine($"{moved} moves of teams of the flow");
        Assert.True(moved > 4, $"only {moved} moves");
        flow.Check();
    }

    [Fact]
    public async Task A_team_that_moves_pauses_for_less_than_two_seconds()
    {
        string[] fillers = await FillAsync(14);
        ApiClient[] senders = await TeamsAsync("sender", 4), recipients = await TeamsAsync("recipient", 3);
        // What the machine makes of it while nothing moves is no pause.
        var before = new Heartbeats(senders, recipients, TimeSpan.FromMilliseconds(20));
        Output.WriteLine("at rest: " + await before.RunAsync(() => Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System), Limit));
        var beats = new Heartbeats(senders, recipients, TimeSpan.FromMilliseconds(20), from: 1_000_000);
        int moved = 0;
        Output.WriteLine("moving: " + await beats.RunAsync(async () => moved = await ChurnAsync(fillers, [.. senders, .. recipients]), Limit));
        Output.WriteLine($"{moved} moves of teams that beat");
        before.Check();
        beats.Check();
        Assert.Empty(beats.Refused);
        Assert.InRange(Heartbeats.At(beats.Ways, 0.99) - Heartbeats.At(before.Ways, 0.99), double.MinValue, 2_000);
    }

    [Fact]
    public async Task What_waits_at_a_hub_that_closes_goes_on_from_where_its_team_is_now()
    {
        string[] fillers = await FillAsync(6);
        ApiClient sender = (await TeamsAsync("sender", 1))[0];
        ApiClient recipient = (await TeamsAsync("recipient", 1))[0];
        int before = (await PlacesAsync())[sender.Name];
        DateTimeOffset due = TimeProvider.System.GetUtcNow().AddSeconds(6);
        Sent later = await sender.SendAsync(Outgoing.Text(recipient.Name, "scheduled at the old hub") with { DeliverAt = due });
        foreach (string filler in fillers[..4])
            Assert.Equal(204, (await Operator.DeleteTeamAsync(filler)).Status);
        Dictionary<string, int> after = await PlacesAsync();
        Assert.True(after[sender.Name] < before && after.Values.Max() < before, $"the hub {before} closed: {string.Join(", ", after)}");
        // As after a restart of all: nothing is in memory that the database does not tell.
        await Task.WhenAll(Cluster.Silos.Select(s => s.StopAsync(Signals.Kill)));
        await ShitOpsCluster.StartProgramsAsync(Cluster.Silos);
        Assert.Equal("scheduled at the old hub", Assert.Single(await recipient.ReceiveAsync(1)).Message.Body.GetString());
        Assert.Equal(200, (await sender.GetAsync($"/v1/messages/{later.Id}")).Status);
    }

    [Fact]
    public async Task A_message_that_waits_can_be_cancelled_after_its_sender_moved()
    {
        string[] fillers = await FillAsync(6);
        ApiClient sender = (await TeamsAsync("sender", 1))[0];
        ApiClient recipient = (await TeamsAsync("recipient", 1))[0];
        Sent later = await sender.SendAsync(Outgoing.Text(recipient.Name, "never") with { DeliverAt = TimeProvider.System.GetUtcNow().AddSeconds(8) });
        foreach (string filler in fillers[..4])
            Assert.Equal(204, (await Operator.DeleteTeamAsync(filler)).Status);
        Assert.Equal(200, (await sender.CancelAsync(later.Id)).Status);
        await AssertEmptyAsync(recipient, wait: 10);
    }

    /// <summary>Teams leave and come again, and those watched need a hub of their own for a while; twice. Counts the moves of those watched.</summary>
    private async Task<int> ChurnAsync(string[] fillers, ApiClient[] watched)
    {
        int moves = 0;
        Dictionary<string, int> last = await PlacesAsync();
        for (int round = 0; round < 2; round++)
        {
            foreach (string filler in fillers)
            {
                Assert.Equal(204, (await Operator.DeleteTeamAsync(filler)).Status);
                await CountAsync();
                Assert.Equal(201, (await Operator.PutTeamAsync(filler, new { function = "Filler", weight = 1 })).Status);
            }
            foreach (int weight in (int[])[2, 1])
            {
                foreach (ApiClient team in watched)
                {
                    Assert.Equal(200, (await Operator.PutTeamAsync(team.Name, new { function = "QA", weight })).Status);
                    await CountAsync();
                }
            }
        }
        return moves;

        async Task CountAsync()
        {
            Dictionary<string, int> now = await PlacesAsync();
            moves += watched.Count(w => now[w.Name] != last[w.Name]);
            last = now;
        }
    }

    private async Task<string[]> FillAsync(int count)
    {
        string[] names = [.. Enumerable.Range(0, count).Select(_ => NewName("filler"))];
        foreach (string name in names)
            await Operator.CreateTeamAsync(name, "Filler");
        return names;
    }

    private async Task<ApiClient[]> TeamsAsync(string hint, int count)
    {
        var teams = new ApiClient[count];
        for (int i = 0; i < count; i++)
            teams[i] = await NewTeamAsync(hint);
        return teams;
    }

    private async Task<Dictionary<string, int>> PlacesAsync() =>
        (await Operator.AllAsync("/v1/teams", ("limit", "1000"))).ToDictionary(t => t.Name(), t => t.Number("node"));
}
