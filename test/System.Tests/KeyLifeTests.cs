using System.Diagnostics;
using System.Globalization;
using MySqlConnector;

namespace ShitOps.System.Tests;

/// <summary>Keys change while everything runs: those of teams, and those that seal bodies.</summary>
public sealed class KeyLifeTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3), CacheTime = TimeSpan.FromSeconds(2), StreamEnds = TimeSpan.FromSeconds(15), Slack = TimeSpan.FromSeconds(6);

    private static async Task<int> DataKeysAsync(ShitOpsCluster cluster)
    {
        await using var connection = new MySqlConnection(cluster.Database.ConnectionString);
        await connection.OpenAsync();
        await using var command = new MySqlCommand("SELECT COUNT(*) FROM data_key", connection);
        return Convert.ToInt32(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }

    private static async Task<ApiClient[]> TeamsAsync(ShitOpsCluster cluster, params string[] names)
    {
        var teams = new ApiClient[names.Length];
        for (int i = 0; i < names.Length; i++)
            (teams[i], _) = await cluster.Operator.CreateTeamAsync(names[i]);
        return teams;
    }

    [Fact]
    public async Task Keys_rotate_and_are_revoked_in_mid_flow_and_nothing_is_lost_nor_handed_to_the_revoked()
    {
        var soon = new Dictionary<string, string?> { ["Sealing__RotateAfter"] = "00:01:00" };
        await using ShitOpsCluster cluster = await ShitOpsCluster.StartAsync(new() { Gateways = 2, SiloSettings = soon, GatewaySettings = soon });
        ApiClient[] teams = await TeamsAsync(cluster, "sender-1", "sender-2", "recipient-1", "recipient-2", "patient", "rotates");
        ApiClient first = teams[0], patient = teams[4], rotates = teams[5];

        // What was sealed under the first key is read after the last change.
        BulkResult[] early = await first.SendBulkAsync(Enumerable.Range(0, 50).Select(n => NewMessage.Of(patient.Name, n) with { OrderingKey = "k" }));
        int keysBefore = await DataKeysAsync(cluster);
        var flow = new Flow(teams[..2], teams[2..4], batch: 25, lease: 20);
        output.WriteLine(await flow.RunAsync(3000, Limit, async () =>
        {
            await flow.UnderWay;
            await RevokeAsync(cluster, first, rotates);
        }));
        flow.Check();

        // Traffic goes on until bodies are sealed under another key.
        for (var clock = Stopwatch.StartNew(); await DataKeysAsync(cluster) == keysBefore;)
        {
            Assert.True(clock.Elapsed < Limit, $"no new data key after {clock.Elapsed.TotalSeconds:0} s");
            var more = new Flow(teams[..2], teams[2..4], batch: 25, lease: 20);
            await more.RunAsync(500, Limit);
            more.Check();
        }
        var last = new Flow(teams[..2], teams[2..4], batch: 25, lease: 20);
        await last.RunAsync(200, Limit);
        last.Check();
        List<Delivery> received = await patient.ReceiveAsync(50);
        Assert.Equal(early.Select(sent => sent.Id!.Value), received.Select(d => d.Message.Id));
        Assert.Equal(Enumerable.Range(0, 50), received.Select(d => d.Message.Body.GetInt32()));
    }

    private async Task RevokeAsync(ShitOpsCluster cluster, ApiClient sender, ApiClient team)
    {
        string oldId = (await cluster.Operator.GetAsync($"/v1/teams/{team.Name}")).Json.GetProperty("keys")[0].GetProperty("keyId").GetString()!;
        ApiAnswer made = await cluster.Operator.PostAsync($"/v1/teams/{team.Name}/keys", new { });
        ApiClient old = cluster.Client(team.Key, team.Name, gateway: 1), renewed = cluster.Client(made.Json.GetProperty("key").GetString(), team.Name, gateway: 1);
        using var stop = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var got = new List<StreamedDelivery>();
        var begun = new TaskCompletionSource();
        Task streaming = Task.Run(async () =>
        {
            await foreach (StreamedDelivery delivery in old.StreamAsync(stop: stop.Token))
            {
                got.Add(delivery);
                begun.TrySetResult();
            }
        });
        Guid before = (await sender.SendAsync(NewMessage.Text(team.Name, "before"))).Id;
        await begun.Task.WaitAsync(stop.Token);
        await renewed.AckAsync(before);

        // Revoked at one gateway, and refused by the other within the time that it may keep what it knows.
        Assert.Equal(204, (await cluster.Operator.CallAsync(HttpMethod.Delete, $"/v1/teams/{team.Name}/keys/{oldId}")).Status);
        var clock = Stopwatch.StartNew();
        Assert.Equal(401, (await cluster.Client(team.Key, team.Name).GetAsync("/v1/inbox?wait=0")).Status);
        await Eventually.UntilAsync(() => old.GetAsync("/v1/messages?limit=1"), answer => answer.Status == 401, CacheTime + Slack, "the other gateway refuses it too");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"refused by the other gateway after {clock.Elapsed.TotalSeconds:0.0} s"));
        // The stream is open still, or was; nothing more comes by it.
        Guid after = (await sender.SendAsync(NewMessage.Text(team.Name, "after"))).Id;
        Assert.Equal([after], (await renewed.ReceiveAsync(1)).Select(d => d.Message.Id));
        await streaming.WaitAsync(StreamEnds + Slack, stop.Token);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"its stream ended after {clock.Elapsed.TotalSeconds:0.0} s"));
        Assert.Equal([before], got.Select(d => d.Delivery.Message.Id));
    }
}
