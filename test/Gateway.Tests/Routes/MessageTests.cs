using System.Net;
using System.Text;
using System.Text.Json;
using ShitOps.Gateway.Tests.World;
using ShitOps.Grains;

namespace ShitOps.Gateway.Tests.Routes;

[Collection(nameof(GatewayCollection))]
public sealed class MessageTests(GatewayFixture gateway)
{
    private static StringContent Lines(string text) => new(text, Encoding.UTF8, "application/x-ndjson");

    private static StringContent To(string to, string more = "") => GatewayFixture.Json($$"""{"to":"{{to}}","body":1{{more}}}""");

    private static string Later => $",\"deliverAt\":\"{TimeProvider.System.GetUtcNow().AddDays(30):yyyy-MM-ddTHH:mm:ssZ}\"";

    private static HttpRequestMessage Post(StringContent body, params (string, string)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/messages") { Content = body };
        foreach ((string name, string value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return request;
    }

    /// <summary>
    /// Found by chaos seed 5: a post was stored, its answer got lost, and its repeat was refused because the time of
    /// delivery had come meanwhile. The message was delivered all the same.
    /// </summary>
    [Fact]
    public async Task A_repeat_has_the_first_ones_answer_also_when_its_time_of_delivery_has_come_meanwhile()
    {
        (_, HttpClient sender) = await gateway.TeamAsync();
        (string to, _) = await gateway.TeamAsync();
        string soon = $",\"deliverAt\":\"{TimeProvider.System.GetUtcNow().AddSeconds(2):O}\"";
        JsonElement first = await GatewayFixture.ReadAsync(await sender.SendAsync(Post(To(to, soon), ("Idempotency-Key", "soon"))));
        using (HttpResponseMessage waited = await sender.GetAsync("/v1/inbox?wait=3"))
            Assert.Equal(HttpStatusCode.OK, waited.StatusCode);
        HttpResponseMessage again = await sender.SendAsync(Post(To(to, soon), ("Idempotency-Key", "soon")));
        Assert.Equal(HttpStatusCode.Accepted, again.StatusCode);
        Assert.Equal(first.GetProperty("id").GetGuid(), (await GatewayFixture.ReadAsync(again)).GetProperty("id").GetGuid());
    }

    [Fact]
    public async Task What_makes_no_sense_is_refused_and_nothing_is_stored()
    {
        (string own, HttpClient sender) = await gateway.TeamAsync();
        (string other, _) = await gateway.TeamAsync();
        int before = gateway.World.Messages.Values.Count(m => m.Message.From == own);
        await GatewayFixture.ProblemAsync(await sender.PostAsync("/v1/messages", To("nobody-here")), 422, "unknown_recipient");
        await GatewayFixture.ProblemAsync(await sender.PostAsync("/v1/messages", To(own)), 422, "own_team");
        await GatewayFixture.ProblemAsync(await sender.PostAsync("/v1/messages", To(other, """,  "deliverAt":"2001-01-01T00:00:00Z" """)), 422, "in_past");
        await GatewayFixture.ProblemAsync(await sender.PostAsync("/v1/messages", To(other, """,  "deliverAt":"2999-01-01T00:00:00Z" """)), 422, "out_of_range");
        await GatewayFixture.ProblemAsync(await sender.PostAsync("/v1/messages", To(other, $",\"attachments\":[\"{Guid.NewGuid()}\"]")), 422, "unknown_attachment");
        await GatewayFixture.ProblemAsync(await sender.PostAsync("/v1/messages", GatewayFixture.Json($"\"{new string('x', Limits.RequestBytes)}\"")), 413, "too_large");
        await GatewayFixture.ProblemAsync(await sender.SendAsync(Post(To(other), ("Idempotency-Key", "a b"))), 400, "bad_idempotency_key");
        Assert.Equal(before, gateway.World.Messages.Values.Count(m => m.Message.From == own));
    }

    [Fact]
    public async Task A_team_created_through_another_gateway_is_known_at_once()
    {
        (_, HttpClient sender) = await gateway.TeamAsync();
        string name = $"late-{Guid.NewGuid():N}"[..20];
        gateway.World.Put(name, "QA", 1);
        Assert.Equal(HttpStatusCode.Accepted, (await sender.PostAsync("/v1/messages", To(name))).StatusCode);
    }

    [Fact]
    public async Task The_same_idempotency_key_gives_the_same_answer_and_another_request_a_conflict()
    {
        (_, HttpClient sender) = await gateway.TeamAsync();
        (string to, _) = await gateway.TeamAsync();
        string first = await (await sender.SendAsync(Post(To(to), ("Idempotency-Key", "k-1")))).Content.ReadAsStringAsync();
        JsonElement again = await GatewayFixture.ReadAsync(await sender.SendAsync(Post(GatewayFixture.Json($$"""{ "body":1, "to":"{{to}}" }"""), ("Idempotency-Key", "k-1"))));
        Assert.Contains(again.GetProperty("id").GetString()!, first, StringComparison.Ordinal);
        await GatewayFixture.ProblemAsync(await sender.SendAsync(Post(To(to, """,  "ttl":9"""), ("Idempotency-Key", "k-1"))), 409, "idempotency_key_reused");
    }

    [Fact]
    public async Task A_bulk_answers_line_by_line_and_a_bad_line_does_not_spoil_the_others()
    {
        (_, HttpClient sender) = await gateway.TeamAsync();
        (string to, HttpClient recipient) = await gateway.TeamAsync();
        string good = $$"""{"to":"{{to}}","body":"1"}""";
        string long_ = $$"""{"to":"{{to}}","body":"{{new string('x', Limits.RequestBytes)}}"}""";
        using HttpResponseMessage response = await sender.PostAsync("/v1/messages", Lines($"{good}\nnonsense\r\n\n{long_}\n{good.Replace("\"1\"", "2", StringComparison.Ordinal)}\n"));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/x-ndjson", response.Content.Headers.ContentType?.MediaType);
        string[] lines = (await response.Content.ReadAsStringAsync()).TrimEnd('\n').Split('\n');
        string?[] codes = [.. lines.Select(l => JsonDocument.Parse(l).RootElement.TryGetProperty("problem", out JsonElement p) ? p.GetProperty("code").GetString() : null)];
        Assert.Equal<IEnumerable<string?>>([null, "malformed_json", "malformed_json", "too_large", null], codes);
        JsonElement inbox = await GatewayFixture.ReadAsync(await recipient.GetAsync("/v1/inbox?wait=5"));
        Assert.Equal(2, inbox.GetProperty("deliveries").GetArrayLength());
    }

    [Fact]
    public async Task A_thousand_lines_are_stored_in_order_in_few_calls_and_one_line_more_stores_nothing()
    {
        (string from, HttpClient sender) = await gateway.TeamAsync();
        (string to, _) = await gateway.TeamAsync();
        string[] thousand = [.. Enumerable.Range(0, 1000).Select(i => $$"""{"to":"{{to}}","body":{{i}},"correlationId":"{{i}}"}""")];
        await GatewayFixture.ProblemAsync(await sender.PostAsync("/v1/messages", Lines(string.Join('\n', thousand.Append(thousand[0])))), 413, "too_many_lines");
        Assert.DoesNotContain(gateway.World.Messages.Values, m => m.Message.From == from);
        using HttpResponseMessage response = await sender.PostAsync("/v1/messages", Lines(string.Join('\n', thousand)));
        Assert.DoesNotContain("problem", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        NewMessage[][] batches = [.. gateway.World.Batches.Select(b => b.Batch.Messages.Where(m => m.From == from).ToArray()).Where(b => b.Length > 0)];
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => $"{i}"), batches.SelectMany(b => b).DistinctBy(m => m.Id).Select(m => m.CorrelationId));
        Assert.True(batches.Length < 200, $"{batches.Length} calls for 1,000 messages");
    }

    [Fact]
    public async Task A_bulk_over_8_MiB_stores_nothing()
    {
        (string from, HttpClient sender) = await gateway.TeamAsync();
        (string to, _) = await gateway.TeamAsync();
        string line = $$"""{"to":"{{to}}","body":"{{new string('x', 100_000)}}"}""" + "\n";
        await GatewayFixture.ProblemAsync(await sender.PostAsync("/v1/messages", Lines(string.Concat(Enumerable.Repeat(line, (Limits.BulkBytes / line.Length) + 1)))), 413, "too_large");
        Assert.DoesNotContain(gateway.World.Messages.Values, m => m.Message.From == from);
    }

    [Fact]
    public async Task Callers_that_go_away_do_not_spoil_the_batch_of_those_that_stay()
    {
        (_, HttpClient staying) = await gateway.TeamAsync();
        (_, HttpClient leaving) = await gateway.TeamAsync();
        (string to, _) = await gateway.TeamAsync();
        using var gone = new CancellationTokenSource();
        Task[] aborted = [.. Enumerable.Range(0, 50).Select(_ => leaving.PostAsync("/v1/messages", To(to), gone.Token))];
        Task<HttpResponseMessage>[] kept = [.. Enumerable.Range(0, 50).Select(_ => staying.PostAsync("/v1/messages", To(to)))];
        await gone.CancelAsync();
        Assert.All(await Task.WhenAll(kept), r => Assert.Equal(HttpStatusCode.Accepted, r.StatusCode));
        await Task.WhenAll(aborted).ContinueWith(_ => { }, TaskScheduler.Default);
    }

    [Fact]
    public async Task Lost_answers_are_asked_for_again_under_the_same_id_and_stored_once()
    {
        (string from, HttpClient sender) = await gateway.TeamAsync();
        (string to, _) = await gateway.TeamAsync();
        gateway.World.FaultsFor = from;
        gateway.World.NextAccepts.Enqueue(() => throw new TimeoutException("lost"));
        gateway.World.NextAccepts.Enqueue(() => AcceptStatus.Unknown);
        gateway.World.NextAccepts.Enqueue(() => AcceptStatus.NotStored);
        Assert.Equal(HttpStatusCode.Accepted, (await sender.PostAsync("/v1/messages", To(to))).StatusCode);
        gateway.World.FaultsFor = null;
        Guid[] ids = [.. gateway.World.Batches.SelectMany(b => b.Batch.Messages).Where(m => m.From == from).Select(m => m.Id)];
        Assert.Equal(4, ids.Length);
        Assert.Single(ids.Distinct());
    }

    [Theory]
    [InlineData(AcceptStatus.NotStored, "unavailable")]
    [InlineData(AcceptStatus.Unknown, "outcome_unknown")]
    public async Task When_the_budget_is_over_the_caller_is_told_whether_it_may_be_stored(AcceptStatus status, string code)
    {
        (_, HttpClient sender) = await gateway.TeamAsync();
        (string to, _) = await gateway.TeamAsync();
        for (int i = 0; i < 100; i++)
            gateway.World.NextAccepts.Enqueue(() => status);
        using HttpResponseMessage response = await sender.PostAsync("/v1/messages", To(to));
        gateway.World.NextAccepts.Clear();
        await GatewayFixture.ProblemAsync(response, 503, code);
        Assert.NotNull(response.Headers.RetryAfter);
    }

    [Fact]
    public async Task A_full_hub_says_429_with_retry_after_and_refusals_of_the_hub_are_422()
    {
        (_, HttpClient sender) = await gateway.TeamAsync();
        (string to, _) = await gateway.TeamAsync();
        gateway.World.NextAccepts.Enqueue(() => AcceptStatus.HubFull);
        using HttpResponseMessage full = await sender.PostAsync("/v1/messages", To(to));
        await GatewayFixture.ProblemAsync(full, 429, "hub_full");
        Assert.NotNull(full.Headers.RetryAfter);
        gateway.World.NextAccepts.Enqueue(() => AcceptStatus.UnknownRecipient);
        await GatewayFixture.ProblemAsync(await sender.PostAsync("/v1/messages", To(to)), 422, "unknown_recipient");
        gateway.World.NextAccepts.Enqueue(() => AcceptStatus.NoRecipient);
        await GatewayFixture.ProblemAsync(await sender.PostAsync("/v1/messages", To(to)), 422, "no_recipient");
    }

    [Fact]
    public async Task A_sender_that_moved_to_another_hub_is_followed()
    {
        (string from, HttpClient sender) = await gateway.TeamAsync();
        (string to, _) = await gateway.TeamAsync();
        Assert.Equal(HttpStatusCode.Accepted, (await sender.PostAsync("/v1/messages", To(to))).StatusCode);
        int elsewhere = gateway.World.Tree.NodeCount - 1;
        elsewhere = elsewhere == gateway.World.Tree.Find(from)!.Node ? 0 : elsewhere;
        gateway.World.Move(from, elsewhere);
        Assert.Equal(HttpStatusCode.Accepted, (await sender.PostAsync("/v1/messages", To(to, """,  "correlationId":"moved" """))).StatusCode);
        Assert.Contains(gateway.World.Batches, b => b.Node == elsewhere && b.Batch.Messages.Any(m => m.From == from && m.CorrelationId == "moved"));
    }

    [Fact]
    public async Task Prefer_wait_answers_with_the_final_state_or_202()
    {
        (_, HttpClient sender) = await gateway.TeamAsync();
        (string to, _) = await gateway.TeamAsync();
        using HttpResponseMessage settled = await sender.SendAsync(Post(To(to), ("Prefer", "wait=5")));
        Assert.Equal(HttpStatusCode.OK, settled.StatusCode);
        Assert.Equal("wait=5", settled.Headers.GetValues("Preference-Applied").Single());
        Assert.Equal("delivered", (await GatewayFixture.ReadAsync(settled)).GetProperty("state").GetString());
        using HttpResponseMessage later = await sender.SendAsync(Post(To(to, Later), ("Prefer", "wait=1")));
        Assert.Equal(HttpStatusCode.Accepted, later.StatusCode);
    }

    [Fact]
    public async Task Sender_recipient_and_operator_see_a_message_and_nobody_else_does()
    {
        (_, HttpClient sender) = await gateway.TeamAsync();
        (string to, HttpClient recipient) = await gateway.TeamAsync();
        (_, HttpClient stranger) = await gateway.TeamAsync();
        Uri at = (await sender.PostAsync("/v1/messages", To(to, Later + """,  "subject":"plan" """))).Headers.Location!;
        JsonElement seen = await GatewayFixture.ReadAsync(await sender.GetAsync(at));
        Assert.Equal(("queued", "plan"), (seen.GetProperty("state").GetString(), seen.GetProperty("subject").GetString()));
        JsonElement delivery = seen.GetProperty("deliveries")[0];
        Assert.Equal((to, "queued"), (delivery.GetProperty("team").GetString(), delivery.GetProperty("state").GetString()));
        Assert.Equal(JsonValueKind.Null, (await GatewayFixture.ReadAsync(await recipient.GetAsync(at))).GetProperty("subject").ValueKind);
        Assert.Equal(HttpStatusCode.OK, (await gateway.Operator.GetAsync($"{at}/trace")).StatusCode);
        await GatewayFixture.ProblemAsync(await stranger.GetAsync(at), 404, "not_found");
        await GatewayFixture.ProblemAsync(await gateway.Security.GetAsync(at), 404, "not_found");
        await GatewayFixture.ProblemAsync(await recipient.DeleteAsync(at), 404, "not_found");
        await GatewayFixture.ProblemAsync(await stranger.DeleteAsync(at), 404, "not_found");
        Assert.Equal("cancelled", (await GatewayFixture.ReadAsync(await sender.DeleteAsync(at))).GetProperty("state").GetString());
        Uri gone = (await sender.PostAsync("/v1/messages", To(to))).Headers.Location!;
        await GatewayFixture.ProblemAsync(await sender.DeleteAsync(gone), 409, "not_cancellable");
    }

    [Fact]
    public async Task The_body_is_stored_sealed_and_the_traceparent_kept_if_it_is_one()
    {
        (string from, HttpClient sender) = await gateway.TeamAsync();
        (string to, _) = await gateway.TeamAsync();
        const string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        await sender.SendAsync(Post(GatewayFixture.Json($$"""{"to":"{{to}}","body":"the plain secret"}"""), ("traceparent", trace)));
        await sender.SendAsync(Post(To(to), ("traceparent", "nonsense")));
        NewMessage[] stored = [.. gateway.World.Messages.Values.Where(s => s.Message.From == from).OrderBy(s => s.Number).Select(s => s.Message)];
        Assert.Equal([trace, null], stored.Select(m => m.TraceParent));
        Assert.DoesNotContain("secret", Encoding.UTF8.GetString(stored[0].SealedBody), StringComparison.Ordinal);
        Assert.Equal(System.Security.Cryptography.SHA256.HashData("\"the plain secret\""u8), stored[0].Sha256);
    }
}
