using System.Net;
using System.Text.Json;
using ShitOps.Gateway.Tests.World;

namespace ShitOps.Gateway.Tests.Routes;

[Collection(nameof(GatewayCollection))]
public sealed class InboxTests(GatewayFixture gateway)
{
    [Theory]
    [InlineData("max=0")]
    [InlineData("max=1001")]
    [InlineData("wait=31")]
    [InlineData("wait=-1")]
    [InlineData("lease=0")]
    [InlineData("lease=43201")]
    [InlineData("lease=soon")]
    public async Task A_parameter_out_of_range_is_refused_by_name(string query)
    {
        (_, HttpClient team) = await gateway.TeamAsync();
        JsonElement problem = await GatewayFixture.ProblemAsync(await team.GetAsync($"/v1/inbox?{query}"), 422, "out_of_range");
        Assert.Equal(query.Split('=')[0], problem.GetProperty("errors")[0].GetProperty("parameter").GetString());
    }

    [Theory]
    [InlineData("ack", "{}", "required")]
    [InlineData("ack", """{"deliveries":[]}""", "required")]
    [InlineData("ack", """{"deliveries":["x"]}""", "wrong_type")]
    [InlineData("ack", """{"deliverys":[]}""", "invalid_request")]
    [InlineData("nack", """{"deliveries":["01980000-0000-7000-8000-000000000001"],"delay":-1}""", "out_of_range")]
    [InlineData("extend", """{"deliveries":["01980000-0000-7000-8000-000000000001"],"lease":0}""", "out_of_range")]
    public async Task A_reply_that_makes_no_sense_is_refused(string verb, string body, string code)
    {
        (_, HttpClient team) = await gateway.TeamAsync();
        await GatewayFixture.ProblemAsync(await team.PostAsync($"/v1/inbox/{verb}", GatewayFixture.Json(body)), 422, code);
    }

    [Fact]
    public async Task Bytes_come_back_as_base64_nack_returns_and_unknown_ids_are_named()
    {
        (_, HttpClient sender) = await gateway.TeamAsync();
        (string to, HttpClient team) = await gateway.TeamAsync();
        await sender.PostAsync("/v1/messages", GatewayFixture.Json($$"""{"to":"{{to}}","bodyBase64":"AAEC","contentType":"image/png"}"""));
        JsonElement message = (await GatewayFixture.ReadAsync(await team.GetAsync("/v1/inbox?wait=5"))).GetProperty("deliveries")[0].GetProperty("message");
        Assert.Equal(("AAEC", "image/png", "message"), (message.GetProperty("bodyBase64").GetString(), message.GetProperty("contentType").GetString(), message.GetProperty("kind").GetString()));
        Assert.False(message.TryGetProperty("body", out _));
        Guid id = message.GetProperty("id").GetGuid(), unknown = Guid.NewGuid();
        using HttpResponseMessage nack = await team.PostAsync("/v1/inbox/nack", GatewayFixture.Json($$"""{"deliveries":["{{id}}","{{unknown}}"],"delay":0}"""));
        Assert.Equal($$"""{"returned":1,"unknown":["{{unknown}}"]}""", await nack.Content.ReadAsStringAsync());
        JsonElement again = (await GatewayFixture.ReadAsync(await team.GetAsync("/v1/inbox?wait=5"))).GetProperty("deliveries")[0];
        Assert.Equal(2, again.GetProperty("attempt").GetInt32());
        JsonElement open = await GatewayFixture.ReadAsync(await team.GetAsync($"/v1/teams/{to}/open"));
        Assert.Equal(1, open.GetProperty("unacknowledged").GetProperty("leased").GetInt32());
    }

    [Fact]
    public async Task A_silo_that_dies_in_a_long_poll_is_not_noticed()
    {
        (_, HttpClient sender) = await gateway.TeamAsync();
        (string to, HttpClient team) = await gateway.TeamAsync();
        gateway.World.NextLeases.Enqueue(() => throw new SiloUnavailableException("died"));
        Task<HttpResponseMessage> poll = team.GetAsync("/v1/inbox?wait=20");
        await sender.PostAsync("/v1/messages", GatewayFixture.Json($$"""{"to":"{{to}}","body":1}"""));
        Assert.Equal(1, (await GatewayFixture.ReadAsync(await poll)).GetProperty("deliveries").GetArrayLength());
    }

    [Fact]
    public async Task What_was_leased_for_a_poller_that_had_gone_reaches_the_next_one()
    {
        (_, HttpClient sender) = await gateway.TeamAsync();
        (string to, HttpClient team) = await gateway.TeamAsync();
        using (var gone = new CancellationTokenSource(TimeSpan.FromMilliseconds(500)))
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => team.GetAsync("/v1/inbox?wait=30", gone.Token));
        await sender.PostAsync("/v1/messages", GatewayFixture.Json($$"""{"to":"{{to}}","body":1}"""));
        Assert.Equal(1, (await GatewayFixture.ReadAsync(await team.GetAsync("/v1/inbox?wait=20"))).GetProperty("deliveries").GetArrayLength());
    }

    [Fact]
    public async Task What_was_leased_too_late_for_its_answer_goes_back_at_once()
    {
        (_, HttpClient sender) = await gateway.TeamAsync();
        (string to, HttpClient team) = await gateway.TeamAsync();
        await sender.PostAsync("/v1/messages", GatewayFixture.Json($$"""{"to":"{{to}}","body":1}"""));
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        gateway.World.LateLeases.Enqueue(answer.Task);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await team.GetAsync("/v1/inbox")).StatusCode);
        answer.SetResult();
        Assert.Equal(1, (await GatewayFixture.ReadAsync(await team.GetAsync("/v1/inbox?wait=20"))).GetProperty("deliveries").GetArrayLength());
    }

    [Fact]
    public async Task A_stream_sends_deliveries_as_events_and_tells_the_inbox_when_it_begins_and_ends()
    {
        (_, HttpClient sender) = await gateway.TeamAsync();
        (string to, HttpClient team) = await gateway.TeamAsync();
        Guid last = Guid.NewGuid();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/inbox/stream?lease=30");
        request.Headers.Add("Last-Event-ID", last.ToString());
        using (HttpResponseMessage response = await team.SendAsync(request, HttpCompletionOption.ResponseHeadersRead))
        {
            Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
            JsonElement posted = await GatewayFixture.ReadAsync(await sender.PostAsync("/v1/messages", GatewayFixture.Json($$"""{"to":"{{to}}","body":[1,{{"\n"}} 2]}""")));
            string? line;
            do
                line = await reader.ReadLineAsync();
            while (line?.StartsWith("id: ", StringComparison.Ordinal) == false);
            Assert.Equal($"id: {posted.GetProperty("id").GetString()}", line);
            Assert.Equal("event: delivery", await reader.ReadLineAsync());
            var data = new System.Text.StringBuilder();
            while (await reader.ReadLineAsync() is { Length: > 0 } part)
                data.Append(part.AsSpan("data: ".Length)).Append('\n');
            Assert.Equal("[1,\n 2]", JsonDocument.Parse(data.ToString()).RootElement.GetProperty("message").GetProperty("body").GetRawText());
        }
        Assert.Contains($"Resume {to} {last}", gateway.World.Calls);
        using var pulse = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (int i = 0; i < 500 && !gateway.World.Calls.Contains($"EndStream {to}"); i++)
            await pulse.WaitForNextTickAsync();
        Assert.Contains($"EndStream {to}", gateway.World.Calls);
    }
}
