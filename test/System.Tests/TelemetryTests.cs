using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ShitOps.TestKit.Telemetry;

namespace ShitOps.System.Tests;

/// <summary>What operators see of a running process: traces, metrics, the dashboard.</summary>
public sealed class TelemetryTests
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c", Caller = "b7ad6b7169203331";

    [Fact]
    public async Task A_trace_begins_with_the_caller_runs_through_the_system_and_stands_in_every_event()
    {
        await using var receiver = new OtlpReceiver();
        await using StandaloneProcess standalone = await StandaloneProcess.StartAsync(more: receiver.Environment);
        (ApiClient sender, _) = await standalone.Operator.CreateTeamAsync("sender");
        (ApiClient recipient, _) = await standalone.Operator.CreateTeamAsync("recipient");
        ApiAnswer posted = await sender.CallAsync(HttpMethod.Post, "/v1/messages", Json("""{"to":"recipient","body":1}"""), ("traceparent", $"00-{Trace}-{Caller}-01"));
        Assert.Equal(202, posted.Status);
        Guid id = Assert.Single(await recipient.ReceiveAsync(1)).Message.Id;
        Assert.Equal(200, (await recipient.CallAsync(HttpMethod.Post, "/v1/inbox/ack", Json($$"""{"deliveries":["{{id}}"]}"""))).Status);

        JsonElement trace = (await standalone.Operator.CallAsync(HttpMethod.Get, $"/v1/messages/{id}/trace")).Json;
        (string? Type, string? Parent)[] events = [.. trace.GetProperty("events").EnumerateArray().Select(e => (e.Text("type"), e.Text("traceparent")))];
        Assert.Equal(["message.accepted", "message.scanned", "message.delivered", "message.acknowledged"], events.Select(e => e.Type));
        Assert.All(events, e => Assert.StartsWith($"00-{Trace}-", e.Parent, StringComparison.Ordinal));

        string[] steps = ["send", "accept", "process", "scan", "commit", "receive", "ack"];
        await Eventually.UntilAsync(
            () => Task.FromResult(receiver.Spans), spans => steps.All(step => spans.Any(s => s.Name == step && s.Trace == Trace)),
            TimeSpan.FromSeconds(30), "every step has a span in the caller's trace");
        Assert.Contains(receiver.Spans, s => s.Trace == Trace && s.Parent == Caller && s.Scope == "Microsoft.AspNetCore");
        await Eventually.UntilAsync(
            () => Task.FromResult(receiver.Requests("/v1/metrics") > 0 && receiver.Requests("/v1/logs") > 0), sent => sent,
            TimeSpan.FromSeconds(30), "metrics and logs are sent too");
    }

    [Fact]
    public async Task Events_made_where_the_message_is_not_at_hand_have_its_trace_too()
    {
        await using StandaloneProcess standalone = await StandaloneProcess.StartAsync();
        (ApiClient sender, _) = await standalone.Operator.CreateTeamAsync("sender");
        (ApiClient recipient, _) = await standalone.Operator.CreateTeamAsync("recipient");
        async Task<Guid> PostAsync() => Guid.Parse((await sender.CallAsync(
            HttpMethod.Post, "/v1/messages", Json("""{"to":"recipient","body":1}"""), ("traceparent", $"00-{Trace}-{Caller}-01"))).Json.Text("id")!);
        Guid first = await PostAsync();
        Assert.Equal(200, (await recipient.CallAsync(HttpMethod.Get, "/v1/inbox?wait=20")).Status);

        // Who leased it out is gone when it is acknowledged.
        await standalone.Program.StopAsync(Signals.Kill);
        await standalone.Program.RestartAsync();
        Assert.Equal(200, (await recipient.CallAsync(HttpMethod.Post, "/v1/inbox/ack", Json($$"""{"deliveries":["{{first}}"]}"""))).Status);
        Assert.Equal("message.acknowledged", (await EventsAsync(standalone, first))[^1]);

        Guid second = await PostAsync();
        Assert.Equal(204, (await standalone.Operator.CallAsync(HttpMethod.Delete, "/v1/teams/recipient?force=true")).Status);
        Assert.Equal(200, (await standalone.Operator.CallAsync(HttpMethod.Post, "/v1/dead-letters/discard", Json($$"""{"ids":["{{second}}"]}"""))).Status);
        Assert.Equal(["message.dead", "message.discarded"], (await EventsAsync(standalone, second))[^2..]);
    }

    /// <summary>Their types, when each has been seen to have the trace.</summary>
    private static async Task<string[]> EventsAsync(StandaloneProcess standalone, Guid message)
    {
        JsonElement trace = (await standalone.Operator.CallAsync(HttpMethod.Get, $"/v1/messages/{message}/trace")).Json;
        JsonElement[] events = [.. trace.GetProperty("events").EnumerateArray()];
        Assert.All(events, e => Assert.StartsWith($"00-{Trace}-", e.Text("traceparent"), StringComparison.Ordinal));
        return [.. events.Select(e => e.Text("type")!)];
    }

    [Fact]
    public async Task Metrics_and_dashboard_are_for_operators_and_show_neither_logs_nor_state()
    {
        await using StandaloneProcess standalone = await StandaloneProcess.StartAsync();
        (ApiClient team, _) = await standalone.Operator.CreateTeamAsync("team");
        await standalone.Operator.CreateTeamAsync("other");
        await team.SendAsync(NewMessage.Of("other", 1));
        using HttpClient http = ApiClient.Connect(standalone.Program.Address!);

        string metrics = await (await GetAsync(http, "/metrics", Bearer(standalone.OperatorKey))).Content.ReadAsStringAsync();
        Assert.Contains("\nshitops_messages_accepted_total 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("\nshitops_gateway_messages_accepted_total 1\n", metrics, StringComparison.Ordinal);

        foreach (string path in new[] { "/dashboard/", "/dashboard/DashboardCounters", "/DASHBOARD/ClusterStats" })
        {
            Assert.Equal(HttpStatusCode.OK, (await GetAsync(http, path, Bearer(standalone.OperatorKey))).StatusCode);
            Assert.Equal(HttpStatusCode.OK, (await GetAsync(http, path, Basic(standalone.OperatorKey))).StatusCode);
            foreach (AuthenticationHeaderValue? other in new[] { null, Bearer(team.Key!), Basic(team.Key!), Bearer(standalone.SecurityKey), Basic("wrong"), new("Basic", "%%%") })
            {
                HttpResponseMessage refused = await GetAsync(http, path, other);
                Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
                Assert.Equal("Basic", refused.Headers.WwwAuthenticate.Single().Scheme);
            }
        }
        foreach (string path in new[] { "/dashboard/GrainState", "/dashboard/grainstate/", "/dashboard/Trace" })
            Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(http, path, Bearer(standalone.OperatorKey))).StatusCode);
    }

    [Fact]
    public async Task A_silo_tells_its_metrics_at_its_own_port_and_shows_its_dashboard_to_the_operators_of_the_cluster()
    {
        await using ShitOpsCluster cluster = await ShitOpsCluster.StartAsync(new() { Silos = 1 });
        (ApiClient sender, _) = await cluster.Operator.CreateTeamAsync("sender");
        (ApiClient recipient, _) = await cluster.Operator.CreateTeamAsync("qa-web");
        await sender.SendBulkAsync(Enumerable.Range(0, 50).Select(n => NewMessage.Of(recipient.Name, n)));
        Assert.Equal(50, (await recipient.ReceiveAsync(50)).Count);
        using HttpClient http = ApiClient.Connect(cluster.Silos[0].Address!);
        string metrics = await http.GetStringAsync("/metrics");
        foreach (string line in new[] { "shitops_messages_accepted_total 50", "shitops_messages_delivered_total 50", "shitops_messages_dead_total 0" })
            Assert.Contains($"\n{line}\n", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("qa-web", metrics, StringComparison.Ordinal);
        // What was received was acknowledged. The store is measured twice a minute.
        await sender.SendBulkAsync(Enumerable.Range(0, 7).Select(n => NewMessage.Of(recipient.Name, n)));
        await Eventually.UntilAsync(
            () => http.GetStringAsync("/metrics"), text => text.Contains("\nshitops_inbox_depth 7\n", StringComparison.Ordinal),
            TimeSpan.FromSeconds(45), "what waits in inboxes is counted");
        Assert.Equal(HttpStatusCode.Unauthorized, (await GetAsync(http, "/dashboard/", Bearer(recipient.Key!))).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await GetAsync(http, "/dashboard/", null)).StatusCode);
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private static AuthenticationHeaderValue Bearer(string key) => new("Bearer", key);

    private static AuthenticationHeaderValue Basic(string key) => new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes("anyone:" + key)));

    private static Task<HttpResponseMessage> GetAsync(HttpClient http, string path, AuthenticationHeaderValue? key) =>
        http.SendAsync(new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Authorization = key } });
}
