using System.Diagnostics;
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
        Accepted later = await sender.SendAsync(NewMessage.Text(recipient.Name, "scheduled at the old hub") with { DeliverAt = due });
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
        Accepted later = await sender.SendAsync(NewMessage.Text(recipient.Name, "never") with { DeliverAt = TimeProvider.System.GetUtcNow().AddSeconds(8) });
        foreach (string filler in fillers[..4])
            Assert.Equal(204, (await Operator.DeleteTeamAsync(filler)).Status);
        Assert.Equal(200, (await sender.CancelAsync(later.Id)).Status);
        await AssertEmptyAsync(recipient, wait: 10);
    }

    [Fact]
    public async Task What_is_held_goes_before_what_its_sender_posts_after_it_moved()
    {
        string[] fillers = await FillAsync(6);
        ApiClient sender = (await TeamsAsync("sender", 1))[0], recipient = (await TeamsAsync("recipient", 1))[0];
        int before = (await PlacesAsync())[sender.Name];
        await Cluster.Clamd.StopAsync();
        var sent = new List<Guid>();
        for (int i = 0; i < 5; i++)
            sent.Add((await sender.SendAsync(NewMessage.Of(recipient.Name, new { number = i, at = "the old hub" }))).Id);
        await sender.UntilStateAsync(sent[0], "held");
        foreach (string filler in fillers[..4])
            Assert.Equal(204, (await Operator.DeleteTeamAsync(filler)).Status);
        Assert.NotEqual(before, (await PlacesAsync())[sender.Name]);
        for (int i = 5; i < 10; i++)
            sent.Add((await sender.SendAsync(NewMessage.Of(recipient.Name, new { number = i, at = "the new hub" }))).Id);
        await Cluster.Clamd.StartAsync();
        Assert.Equal(sent, (await recipient.ReceiveAsync(10, limit: TimeSpan.FromSeconds(60))).Select(d => d.Message.Id));
    }

    [Fact]
    public async Task Teams_that_talk_much_are_brought_together_while_they_talk()
    {
        await FillAsync(9);
        ApiClient sender = (await TeamsAsync("sender", 1))[0];
        await FillAsync(18);
        ApiClient recipient = (await TeamsAsync("recipient", 1))[0];
        var beats = new Heartbeats([sender], [recipient], TimeSpan.FromMilliseconds(20));
        JsonElement plan = default, done = default;
        Output.WriteLine(await beats.RunAsync(async () =>
        {
            plan = await Eventually.UntilAsync(
                () => RebalanceAsync(Plan), p => p.GetProperty("moves").GetArrayLength() > 0, TimeSpan.FromSeconds(60), "there is something to gain");
            done = await RebalanceAsync($"plan={plan.Text("plan")}");
            await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System);
        }, Limit));
        beats.Check();
        Assert.Empty(beats.Refused);
        Output.WriteLine($"planned {plan}, done {done}");
        Assert.True(plan.GetProperty("hopsAfter").GetDouble() < plan.GetProperty("hopsBefore").GetDouble());
        Assert.True(done.GetProperty("epoch").GetInt64() > plan.GetProperty("epoch").GetInt64());
        Assert.Equal(plan.GetProperty("moves").ToString(), done.GetProperty("moves").ToString());
        Assert.Equal(409, (await Operator.PostAsync($"/v1/tree/rebalance?plan={plan.Text("plan")}", new { })).Status);
        Dictionary<string, int> places = await PlacesAsync();
        foreach (JsonElement move in done.GetProperty("moves").EnumerateArray())
            Assert.Equal(move.Number("to"), places[move.Text("team")!]);
        // What is left to gain by the same traffic is little.
        Assert.InRange((await RebalanceAsync(Plan)).GetProperty("hopsBefore").GetDouble(), 0, plan.GetProperty("hopsBefore").GetDouble() - 0.5);
    }

    /// <summary><c>SHITOPS_GROW_TEAMS=1000</c> for the long form.</summary>
    [Fact]
    public async Task A_tree_grows_and_shrinks_again_under_load()
    {
        int most = int.TryParse(Environment.GetEnvironmentVariable("SHITOPS_GROW_TEAMS"), out int asked) ? asked : 60;
        await FillAsync(1);
        ApiClient[] senders = await TeamsAsync("sender", 3), recipients = await TeamsAsync("recipient", 2);
        var beats = new Heartbeats(senders, recipients, TimeSpan.FromMilliseconds(20));
        var grow = new List<double>();
        var shrink = new List<double>();
        Output.WriteLine(await beats.RunAsync(async () =>
        {
            var names = new List<string>();
            for (int i = 0; i < most; i++)
            {
                string name = NewName("grown");
                grow.Add(await TimedAsync(async () => Assert.Equal(201, (await Operator.PutTeamAsync(name, new { function = "Grown", weight = 1 + (i % 2) })).Status)));
                names.Add(name);
            }
            var random = new Random(most);
            while (names.Count > 0)
            {
                int pick = random.Next(names.Count);
                shrink.Add(await TimedAsync(async () => Assert.Equal(204, (await Operator.DeleteTeamAsync(names[pick])).Status)));
                names.RemoveAt(pick);
            }
        }, TimeSpan.FromSeconds(60 + most)));
        Output.WriteLine($"{most} teams: PUT {Told(grow)}; DELETE {Told(shrink)}");
        beats.Check();
        Assert.Empty(beats.Refused);
        Assert.InRange((await PlacesAsync()).Values.Max(), 0, 3);
    }

    private static string Told(List<double> times)
    {
        double[] sorted = [.. times.Order()];
        return $"p50 {Heartbeats.At(sorted, 0.5):0} ms, p99 {Heartbeats.At(sorted, 0.99):0} ms";
    }

    private static async Task<double> TimedAsync(Func<Task> what)
    {
        long start = Stopwatch.GetTimestamp();
        await what();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private const string Plan = "dryRun=true";

    private async Task<JsonElement> RebalanceAsync(string how)
    {
        ApiAnswer answer = await Operator.PostAsync($"/v1/tree/rebalance?{how}", new { });
        Assert.True(answer.Status == 200, answer.Text);
        return answer.Json;
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
