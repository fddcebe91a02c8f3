using System.Diagnostics;
using ShitOps.Client.Tests.World;

namespace ShitOps.Client.Tests.Library;

/// <summary>When a call is tried again, with what, and what comes of it.</summary>
public sealed class RetryTests
{
    private const string Taken = """{"id":"01890000-0000-7000-8000-000000000001","state":"queued"}""";

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    [InlineData(502)]
    [InlineData(504)]
    [InlineData(408)]
    public async Task A_message_refused_for_now_is_sent_again_with_the_same_key(int status)
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        api.Refuse(status, "later").Refuse(status, "later").Then(202, Taken);
        using ShitOpsClient client = api.Client();
        Assert.Equal("queued", (await client.SendAsync(NewMessage.Text("qa", "x"))).State);
        Assert.Equal(3, api.Requests.Count);
        Assert.Single(api.Requests.Select(r => r.Headers["Idempotency-Key"]).Distinct());
        Assert.Single(api.Requests.Select(r => r.Body).Distinct());
    }

    [Fact]
    public async Task Every_call_of_its_own_has_another_key_and_a_given_one_is_kept()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        api.Then(202, Taken).Then(202, Taken).Then(202, Taken);
        using ShitOpsClient client = api.Client();
        await client.SendAsync(NewMessage.Text("qa", "x"));
        await client.SendAsync(NewMessage.Text("qa", "x"));
        await client.SendAsync(NewMessage.Text("qa", "x") with { IdempotencyKey = "mine" });
        string[] keys = [.. api.Requests.Select(r => r.Headers["Idempotency-Key"])];
        Assert.Equal(3, keys.Distinct().Count());
        Assert.Equal("mine", keys[2]);
        Assert.DoesNotContain("idempotencyKey", api.Requests[2].Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cut_connection_is_tried_again()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        api.Cut().Then(202, Taken);
        using ShitOpsClient client = api.Client();
        await client.SendAsync(NewMessage.Text("qa", "x"));
        Assert.Equal(2, api.Requests.Count);
    }

    [Fact]
    public async Task Nobody_there_is_told_after_all_retries()
    {
        using var client = new ShitOpsClient(new() { Address = new($"http://127.0.0.1:{Loopback.FreePort()}"), Retries = 2, FirstDelay = TimeSpan.FromMilliseconds(1) });
        await Assert.ThrowsAsync<HttpRequestException>(() => client.SendAsync(NewMessage.Text("qa", "x")));
    }

    [Fact]
    public async Task No_answer_in_time_is_told_as_such()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        api.Then(http => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, http.RequestAborted));
        using ShitOpsClient client = api.Client(o => o with { Retries = 0, AttemptTimeout = TimeSpan.FromSeconds(1) });
        await Assert.ThrowsAsync<TimeoutException>(() => client.GetTreeAsync());
    }

    [Fact]
    public async Task Retry_After_is_waited_for_and_no_shorter()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        api.Refuse(429, "rate_limited", retryAfter: 7).Refuse(503, "unavailable", retryAfter: 3).Then(202, Taken);
        var time = new HastyTime();
        using ShitOpsClient client = api.Client(o => o with { Time = time, AttemptTimeout = HastyTime.Never });
        await client.SendAsync(NewMessage.Text("qa", "x"));
        Assert.Equal(2, time.Waited.Count);
        Assert.InRange(time.Waited.ElementAt(0), TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(7.1));
        Assert.InRange(time.Waited.ElementAt(1), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(3.1));
    }

    [Fact]
    public async Task A_pause_longer_than_allowed_is_thrown_and_not_waited_for()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        api.Refuse(429, "hub_full", retryAfter: 3600);
        using ShitOpsClient client = api.Client();
        ShitOpsException refused = await Assert.ThrowsAsync<ShitOpsException>(() => client.SendAsync(NewMessage.Text("qa", "x")));
        Assert.Equal(("hub_full", TimeSpan.FromHours(1), true), (refused.Code, refused.RetryAfter, refused.IsTransient));
        Assert.Single(api.Requests);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(409)]
    [InlineData(422)]
    [InlineData(500)]
    public async Task What_will_not_pass_is_not_tried_again(int status)
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        api.Refuse(status, "no", more: ""","errors":[{"code":"bad","detail":"so","pointer":"/to"},{"code":"worse","detail":"and so","parameter":"max"}]""");
        using ShitOpsClient client = api.Client();
        ShitOpsException refused = await Assert.ThrowsAsync<ShitOpsException>(() => client.SendAsync(NewMessage.Text("qa", "x")));
        Assert.Single(api.Requests);
        Assert.Equal((status, "no", "because", false), (refused.Status, refused.Code, refused.Detail, refused.IsTransient));
        Assert.Equal([new Fault("bad", "so", "/to"), new Fault("worse", "and so", null, "max")], refused.Faults);
    }

    [Fact]
    public async Task An_answer_that_is_no_problem_has_its_status_as_code()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        api.Refuse(409, "without_faults").Then(404, "<html>nothing here</html>", "text/html");
        using ShitOpsClient client = api.Client();
        Assert.Empty((await Assert.ThrowsAsync<ShitOpsException>(() => client.GetTreeAsync())).Faults);
        Assert.Equal("http_404", (await Assert.ThrowsAsync<ShitOpsException>(() => client.GetTreeAsync())).Code);
    }

    [Fact]
    public async Task Told_to_stop_it_stops_in_the_middle_of_a_pause()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        using var stop = new CancellationTokenSource();
        api.Then(async http =>
        {
            http.Response.StatusCode = 503;
            http.Response.Headers.RetryAfter = "20";
            await http.Response.CompleteAsync();
            await stop.CancelAsync();
        });
        using ShitOpsClient client = api.Client();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.SendAsync(NewMessage.Text("qa", "x"), stop: stop.Token));
        Assert.Single(api.Requests);
    }

    [Fact]
    public async Task A_reply_refused_because_its_first_attempt_was_taken_counts_and_another_refusal_does_not()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        using ShitOpsClient client = api.Client();
        api.Cut().Refuse(409, "already_replied");
        Assert.Equal("unknown", (await client.ReplyAsync(Guid.NewGuid(), NewReply.Json("1"))).State);
        api.Refuse(429, "rate_limited").Refuse(409, "already_replied");
        Assert.Equal("already_replied", (await Assert.ThrowsAsync<ShitOpsException>(() => client.ReplyAsync(Guid.NewGuid(), NewReply.Json("1")))).Code);
    }

    [Fact]
    public async Task A_step_that_was_taken_unseen_is_found_done()
    {
        const string Task = """{"id":"01890000-0000-7000-8000-000000000001","workflow":"01890000-0000-7000-8000-000000000001","title":"t","creator":"c","assignee":"a","state":"done"}""";
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        using ShitOpsClient client = api.Client();
        api.Cut().Refuse(409, "wrong_transition", more: ""","state":"done" """).Then(200, Task);
        Assert.Equal("done", (await client.CompleteTaskAsync(Guid.NewGuid())).State);
        api.Cut().Refuse(409, "wrong_transition", more: ""","state":"cancelled" """);
        Assert.Equal("cancelled", (await Assert.ThrowsAsync<ShitOpsException>(() => client.CompleteTaskAsync(Guid.NewGuid()))).Problem.State);
    }

    [Fact]
    public async Task The_current_activity_goes_along_and_a_given_parent_wins()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        api.Then(202, Taken).Then(202, Taken).Then(202, Taken);
        using ShitOpsClient client = api.Client();
        using Activity activity = new Activity("test").SetIdFormat(ActivityIdFormat.W3C).Start();
        await client.SendAsync(NewMessage.Text("qa", "x"));
        const string Given = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        await client.SendAsync(NewMessage.Text("qa", "x"), Given);
        activity.Stop();
        await client.SendAsync(NewMessage.Text("qa", "x"));
        Assert.Equal([activity.Id, Given, null], api.Requests.Select(r => r.Headers.GetValueOrDefault("traceparent")));
    }

    [Fact]
    public async Task Lines_refused_for_now_are_sent_again_alone_and_results_keep_their_order()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        const string Later = """{"problem":{"status":429,"code":"rate_limited"}}""", Bad = """{"problem":{"status":422,"code":"unknown_recipient"}}""";
        api.Then(200, $"{Taken}\n{Later}\n{Bad}\n{Later}\n", "application/x-ndjson").Then(200, $"{Taken}\n{Later}\n", "application/x-ndjson").Then(200, $"{Taken}\n", "application/x-ndjson");
        using ShitOpsClient client = api.Client();
        List<BulkResult> results = await client.SendManyAsync(Enumerable.Range(0, 4).Select(n => NewMessage.Text("qa", $"line {n}"))).ToListAsync();
        Assert.Equal([true, true, false, true], results.Select(r => r.IsAccepted));
        Assert.Equal("unknown_recipient", results[2].Problem!.Code);
        string[][] sent = [.. api.Requests.Select(r => r.Body.Split('\n', StringSplitOptions.RemoveEmptyEntries))];
        Assert.Equal([4, 2, 1], sent.Select(lines => lines.Length));
        Assert.Equal([sent[0][1], sent[0][3]], sent[1]);
        Assert.Equal([sent[0][3]], sent[2]);
        Assert.Equal(4, sent[0].Select(line => line.Split("idempotencyKey")[1]).Distinct().Count());
    }

    [Fact]
    public async Task What_was_accepted_is_told_although_the_rest_never_was()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        api.Then(200, Taken + "\n" + """{"problem":{"status":503,"code":"unavailable"}}""" + "\n", "application/x-ndjson").Cut().Cut();
        using ShitOpsClient client = api.Client(o => o with { Retries = 2 });
        List<BulkResult> results = await client.SendManyAsync([NewMessage.Text("qa", "a"), NewMessage.Text("qa", "b")]).ToListAsync();
        Assert.Equal([null, "unavailable"], results.Select(r => r.Problem?.Code));
    }

    [Fact]
    public async Task An_address_with_a_path_keeps_it()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        api.Then(200, """{"status":"degraded","reasons":["the scanner is away"]}""").Then(503, """{"status":"unavailable","reasons":[]}""");
        using ShitOpsClient client = api.Client(o => o with { Address = new Uri(o.Address, "/behind/proxy") });
        Assert.Equal("degraded", (await client.GetReadinessAsync()).Status);
        Assert.Equal("unavailable", (await client.GetReadinessAsync()).Status);
        Assert.All(api.Requests, r => Assert.Equal("GET /behind/proxy/health/ready", r.Call));
    }

    [Fact]
    public void Options_that_cannot_be_used_are_refused_and_the_key_is_not_shown()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ShitOpsClient(new() { Retries = -1 }));
        Assert.Throws<ArgumentException>(() => new ShitOpsClient(new() { Address = new("ftp://host") }));
        Assert.Throws<ArgumentException>(() => new ShitOpsClient(new() { Key = "two words" }));
        Assert.DoesNotContain("secret", new ShitOpsClientOptions { Key = "secret" }.ToString(), StringComparison.Ordinal);
    }
}
