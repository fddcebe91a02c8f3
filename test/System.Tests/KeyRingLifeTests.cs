using System.Buffers.Text;
using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;
using MySqlConnector;

namespace ShitOps.System.Tests;

/// <summary>The key ring, which wraps data keys and cookies, is renewed while everything runs.</summary>
public sealed partial class KeyRingLifeTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    /// <summary>What is protected begins with four bytes and the id of the ring's key.</summary>
    private static Guid RingKey(byte[] protectedData) => new(protectedData.AsSpan(4, 16));

    private static async Task<Guid> WrappingKeyAsync(ShitOpsCluster cluster)
    {
        await using var connection = new MySqlConnection(cluster.Database.ConnectionString);
        await connection.OpenAsync();
        await using var command = new MySqlCommand("SELECT wrapped FROM data_key ORDER BY id DESC LIMIT 1", connection);
        return RingKey((byte[])(await command.ExecuteScalarAsync())!);
    }

    [Fact]
    public async Task The_key_ring_is_renewed_in_mid_flow_and_nothing_is_lost_refused_or_closed()
    {
        DateTimeOffset renewedAt = TimeProvider.System.GetUtcNow().AddSeconds(75);
        var soon = new Dictionary<string, string?> { ["Sealing__RotateAfter"] = "00:01:00", ["Sealing__RenewedAt"] = renewedAt.ToString("O") };
        await using ShitOpsCluster cluster = await ShitOpsCluster.StartAsync(new() { Gateways = 2, SiloSettings = soon, GatewaySettings = soon });
        var teams = new List<ApiClient>();
        foreach (string name in new[] { "sender-1", "sender-2", "recipient-1", "recipient-2", "beats", "beaten", "patient" })
            teams.Add((await cluster.Operator.CreateTeamAsync(name)).Client);
        ApiClient patient = teams[6];
        BulkResult[] early = await teams[0].SendBulkAsync(Enumerable.Range(0, 50).Select(n => NewMessage.Of(patient.Name, n) with { OrderingKey = "k" }));
        Guid before = await WrappingKeyAsync(cluster), after = before;
        Uri[] gateways = [.. cluster.Gateways.Select(gateway => gateway.Address!)];
        var cookies = new CookieContainer();
        Assert.Equal(before, await SignInAsync(gateways[0], cookies, cluster));
        Assert.True(TimeProvider.System.GetUtcNow() < renewedAt, "the ring was renewed before anything was sealed");

        // Each beat is posted, leased and acknowledged; a refusal of any kind is told.
        var beats = new Heartbeats([teams[4]], [teams[5]], TimeSpan.FromMilliseconds(50));
        output.WriteLine(await beats.RunAsync(async () =>
        {
            for (var clock = Stopwatch.StartNew(); after == before; after = await WrappingKeyAsync(cluster))
            {
                Assert.True(clock.Elapsed < Limit, $"the ring was not renewed after {clock.Elapsed.TotalSeconds:0} s");
                await FlowAsync(teams);
                foreach (Uri gateway in gateways)
                    await SignInAsync(gateway, new(), cluster);
            }
            await FlowAsync(teams);
        }, Limit * 2));
        beats.Check();
        Assert.Empty(beats.Refused);

        // A gateway signs with the ring that it has read; after the restart with which the change ends it signs with the new one.
        foreach (ProgramUnderTest gateway in cluster.Gateways)
        {
            await gateway.StopAsync(Signals.Terminate);
            await gateway.RestartAsync();
            Assert.NotEqual(before, await SignInAsync(gateway.Address!, new(), cluster));
        }

        // What was sealed and signed before opens still, at both.
        List<Delivery> received = await patient.ReceiveAsync(50);
        Assert.Equal(early.Select(sent => sent.Id!.Value), received.Select(d => d.Message.Id));
        Assert.Equal(Enumerable.Range(0, 50), received.Select(d => d.Message.Body.GetInt32()));
        foreach (Uri gateway in gateways)
            Assert.Equal(HttpStatusCode.OK, await OpenAsync(gateway, cookies));
    }

    private static async Task FlowAsync(List<ApiClient> teams)
    {
        var flow = new Flow(teams[..2], teams[2..4], batch: 25, lease: 20);
        await flow.RunAsync(300, Limit);
        flow.Check();
    }

    /// <summary>Signs in at the board; the cookie goes into the container.</summary>
    /// <returns>The ring's key that protects the cookie.</returns>
    private static async Task<Guid> SignInAsync(Uri gateway, CookieContainer cookies, ShitOpsCluster cluster)
    {
        using HttpClient browser = Browser(gateway, cookies);
        Match token = TokenField().Match(await browser.GetStringAsync("/sign-in"));
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["__RequestVerificationToken"] = WebUtility.HtmlDecode(token.Groups[1].Value), ["key"] = cluster.Operator.Key!, ["return"] = "/system" });
        using HttpResponseMessage answer = await browser.PostAsync("/sign-in", form);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Equal(HttpStatusCode.OK, await OpenAsync(gateway, cookies));
        return RingKey(Base64Url.DecodeFromChars(cookies.GetCookies(gateway)["shitops-board"]!.Value));
    }

    private static async Task<HttpStatusCode> OpenAsync(Uri gateway, CookieContainer cookies)
    {
        using HttpClient browser = Browser(gateway, cookies);
        return (await browser.GetAsync("/system")).StatusCode;
    }

    private static HttpClient Browser(Uri gateway, CookieContainer cookies) =>
        new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, CookieContainer = cookies }) { BaseAddress = gateway };

    [GeneratedRegex("name=\"__RequestVerificationToken\" (?:type=\"hidden\" )?value=\"([^\"]+)\"")]
    private static partial Regex TokenField();
}
