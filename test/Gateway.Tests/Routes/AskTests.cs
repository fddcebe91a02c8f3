using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using ShitOps.Gateway.Tests.World;
using ShitOps.Grains;

namespace ShitOps.Gateway.Tests.Routes;

[Collection(nameof(GatewayCollection))]
public sealed class AskTests(GatewayFixture gateway)
{
    private static string Soon => $"{TimeProvider.System.GetUtcNow().AddHours(1):yyyy-MM-ddTHH:mm:ssZ}";

    private static StringContent Ask(string to, string more = "", string? deadline = null) =>
        GatewayFixture.Json($$"""{"to":"{{to}}","subject":"ready to ship?","body":"the question","deadline":"{{deadline ?? Soon}}"{{more}}}""");

    private static async Task<Guid> AskAsync(HttpClient asker, string to, string more = "")
    {
        using HttpResponseMessage response = await asker.PostAsync("/v1/asks", Ask(to, more));
        Assert.True(response.StatusCode == HttpStatusCode.Accepted, await response.Content.ReadAsStringAsync());
        return (await GatewayFixture.ReadAsync(response)).GetProperty("id").GetGuid();
    }

    private static Task<HttpResponseMessage> ReplyAsync(HttpClient team, Guid ask, string body = """{"body":{"ready": true}}""") =>
        team.PostAsync($"/v1/asks/{ask}/reply", GatewayFixture.Json(body));

    /// <summary>As its top node does at the end.</summary>
    private async Task EndAsync(Guid id, string collation, AskState to = AskState.Complete)
    {
        AskView ask = gateway.World.Asks[id];
        byte[] body = await gateway.Services.GetRequiredService<IBodyVault>().SealAsync(Encoding.UTF8.GetBytes(collation), ask.Result);
        gateway.World.Asks[id] = ask with { State = to, EndedAt = DateTimeOffset.UnixEpoch, SealedResult = body };
    }

    [Fact]
    public async Task An_ask_goes_the_way_of_a_message_and_says_whom_it_belongs_to()
    {
        (string from, HttpClient asker) = await gateway.TeamAsync();
        (string to, HttpClient asked) = await gateway.TeamAsync();
        const string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/asks")
        {
            Content = Ask(to, ""","quorum":1,"collate":{"kind":"tally","pointer":"/ready"},"priority":"urgent","correlationId":"c","orderingKey":"o" """),
        };
        request.Headers.Add("traceparent", trace);
        using HttpResponseMessage response = await asker.SendAsync(request);
        JsonElement answer = await GatewayFixture.ReadAsync(response);
        Guid id = answer.GetProperty("id").GetGuid();
        Assert.Equal((HttpStatusCode.Accepted, $"/v1/asks/{id}", "open"), (response.StatusCode, response.Headers.Location?.ToString(), answer.GetProperty("state").GetString()));
        NewMessage stored = gateway.World.Messages[id].Message;
        Assert.Equal((MessageKind.Ask, id, from, to, trace), (stored.Kind, stored.Reference!.Value, stored.From, stored.To, stored.TraceParent));
        Assert.Equal((1, CollateKind.Tally, "/ready"), (stored.Ask!.Quorum!.Value, stored.Ask.Collate, stored.Ask.JsonPointer));
        Assert.Equal((stored.Ask.Deadline, Priority.Urgent, "c", "o"), (stored.ExpiresAt!.Value, stored.Priority, stored.CorrelationId, stored.OrderingKey));
        Assert.DoesNotContain("question", Encoding.UTF8.GetString(stored.SealedBody), StringComparison.Ordinal);
        JsonElement message = (await GatewayFixture.ReadAsync(await asked.GetAsync("/v1/inbox?wait=5"))).GetProperty("deliveries")[0].GetProperty("message");
        Assert.Equal(("ask", id, "the question"), (message.GetProperty("kind").GetString(), message.GetProperty("ask").GetGuid(), message.GetProperty("body").GetString()));
        Assert.Equal(JsonValueKind.Null, message.GetProperty("task").ValueKind);
    }

    [Fact]
    public async Task A_repeat_has_the_first_ones_answer_also_when_its_deadline_has_come_meanwhile()
    {
        (_, HttpClient asker) = await gateway.TeamAsync();
        (string to, _) = await gateway.TeamAsync();
        string deadline = $"{TimeProvider.System.GetUtcNow().AddSeconds(2):O}";
        JsonElement first = await GatewayFixture.ReadAsync(await PostAsync());
        using (HttpResponseMessage waited = await asker.GetAsync("/v1/inbox?wait=3"))
            Assert.Equal(HttpStatusCode.OK, waited.StatusCode);
        HttpResponseMessage again = await PostAsync();
        Assert.Equal(HttpStatusCode.Accepted, again.StatusCode);
        Assert.Equal(first.GetProperty("id").GetGuid(), (await GatewayFixture.ReadAsync(again)).GetProperty("id").GetGuid());

        async Task<HttpResponseMessage> PostAsync()
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/asks") { Content = Ask(to, deadline: deadline) };
            request.Headers.Add("Idempotency-Key", "soon");
            return await asker.SendAsync(request);
        }
    }

    [Fact]
    public async Task What_makes_no_sense_is_refused_and_nothing_is_asked()
    {
        (string own, HttpClient asker) = await gateway.TeamAsync();
        (string to, _) = await gateway.TeamAsync();
        await GatewayFixture.ProblemAsync(await asker.PostAsync("/v1/asks", Ask(to, deadline: "2001-01-01T00:00:00Z")), 422, "in_past");
        await GatewayFixture.ProblemAsync(await asker.PostAsync("/v1/asks", Ask(to, deadline: $"{TimeProvider.System.GetUtcNow().AddDays(31):yyyy-MM-ddTHH:mm:ssZ}")), 422, "out_of_range");
        JsonElement problem = await GatewayFixture.ProblemAsync(await asker.PostAsync("/v1/asks", Ask(to, ""","quorum":2""")), 422, "out_of_range");
        Assert.Equal("/quorum", problem.GetProperty("errors")[0].GetProperty("pointer").GetString());
        await GatewayFixture.ProblemAsync(await asker.PostAsync("/v1/asks", Ask("nobody-here", ""","quorum":2""")), 422, "unknown_recipient");
        await GatewayFixture.ProblemAsync(await asker.PostAsync("/v1/asks", Ask(own)), 422, "own_team");
        await GatewayFixture.ProblemAsync(await asker.PostAsync("/v1/asks", Ask(to, $",\"attachments\":[\"{Guid.NewGuid()}\"]")), 422, "unknown_attachment");
        await GatewayFixture.ProblemAsync(await asker.PostAsync("/v1/asks", GatewayFixture.Json("{")), 400, "malformed_json");
        await GatewayFixture.ProblemAsync(await asker.PostAsync("/v1/asks", GatewayFixture.Json($"\"{new string('x', Limits.RequestBytes)}\"")), 413, "too_large");
        using var text = new StringContent("{}", Encoding.UTF8, "text/plain");
        await GatewayFixture.ProblemAsync(await asker.PostAsync("/v1/asks", text), 415, "unsupported_media_type");
        Assert.DoesNotContain(gateway.World.Messages.Values, m => m.Message.From == own);
    }

    [Fact]
    public async Task A_hubs_refusals_are_problems_and_a_team_that_just_joined_counts_for_the_quorum()
    {
        (_, HttpClient asker) = await gateway.TeamAsync();
        string function = $"F{Guid.NewGuid():N}";
        gateway.World.Put($"late-{Guid.NewGuid():N}"[..20], function, 1);
        gateway.World.Put($"late-{Guid.NewGuid():N}"[..20], function, 1);
        await AskAsync(asker, $"function:{function}", ""","quorum":2""");
        gateway.World.NextAccepts.Enqueue(() => AcceptStatus.QuorumTooLarge);
        await GatewayFixture.ProblemAsync(await asker.PostAsync("/v1/asks", Ask($"function:{function}", ""","quorum":2""")), 422, "out_of_range");
        gateway.World.NextAccepts.Enqueue(() => AcceptStatus.HubFull);
        await GatewayFixture.ProblemAsync(await asker.PostAsync("/v1/asks", Ask($"function:{function}")), 429, "hub_full");
    }

    [Fact]
    public async Task The_same_idempotency_key_gives_the_same_ask_and_another_request_a_conflict()
    {
        (_, HttpClient asker) = await gateway.TeamAsync();
        (string to, _) = await gateway.TeamAsync();
        string deadline = Soon;
        async Task<HttpResponseMessage> PostAsync(string more)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/asks") { Content = Ask(to, more, deadline) };
            request.Headers.Add("Idempotency-Key", "ask-1");
            return await asker.SendAsync(request);
        }
        string first = await (await PostAsync("")).Content.ReadAsStringAsync();
        Assert.Equal(first, await (await PostAsync("")).Content.ReadAsStringAsync());
        await GatewayFixture.ProblemAsync(await PostAsync(""","quorum":1"""), 409, "idempotency_key_reused");
    }

    [Theory]
    [InlineData(ReplyStatus.Answered, 202, "answered")]
    [InlineData(ReplyStatus.Held, 202, "held")]
    [InlineData(ReplyStatus.Quarantined, 202, "quarantined")]
    [InlineData(ReplyStatus.AlreadyReplied, 409, "already_replied")]
    [InlineData(ReplyStatus.Ended, 410, "ask_ended")]
    [InlineData(ReplyStatus.NotAsked, 403, "not_asked")]
    [InlineData(ReplyStatus.NoSuchAsk, 404, "not_found")]
    public async Task A_reply_is_answered_with_what_became_of_it(ReplyStatus status, int code, string word)
    {
        (_, HttpClient team) = await gateway.TeamAsync();
        gateway.World.NextReplies.Enqueue(() => status);
        using HttpResponseMessage response = await ReplyAsync(team, Guid.NewGuid());
        if (code == 202)
            Assert.Equal((202, $$"""{"state":"{{word}}"}"""), ((int)response.StatusCode, await response.Content.ReadAsStringAsync()));
        else
            await GatewayFixture.ProblemAsync(response, code, word);
    }

    [Fact]
    public async Task Only_the_asked_reply_once_and_not_after_the_end()
    {
        (_, HttpClient asker) = await gateway.TeamAsync();
        (string to, HttpClient asked) = await gateway.TeamAsync();
        (_, HttpClient stranger) = await gateway.TeamAsync();
        Guid id = await AskAsync(asker, to);
        Assert.Equal(HttpStatusCode.Accepted, (await ReplyAsync(asked, id)).StatusCode);
        await GatewayFixture.ProblemAsync(await ReplyAsync(asked, id), 409, "already_replied");
        await GatewayFixture.ProblemAsync(await ReplyAsync(stranger, id), 403, "not_asked");
        await GatewayFixture.ProblemAsync(await ReplyAsync(asked, Guid.NewGuid()), 404, "not_found");
        await EndAsync(id, """{"result":[],"unmatched":[]}""");
        await GatewayFixture.ProblemAsync(await ReplyAsync(asked, id), 410, "ask_ended");
    }

    [Fact]
    public async Task A_reply_whose_answer_was_lost_is_sent_again_under_the_same_id_and_is_sealed()
    {
        (_, HttpClient asker) = await gateway.TeamAsync();
        (string to, HttpClient asked) = await gateway.TeamAsync();
        Guid id = await AskAsync(asker, to);
        gateway.World.NextReplies.Enqueue(() => throw new SiloUnavailableException("died"));
        Assert.Equal(HttpStatusCode.Accepted, (await ReplyAsync(asked, id, """{"body":"the plain secret"}""")).StatusCode);
        NewReply[] sent = [.. gateway.World.Replies.Where(r => r.Ask == id)];
        Assert.Equal(2, sent.Length);
        Assert.Equal(sent[0].Id, sent[1].Id);
        Assert.Equal((to, BodyKind.Json, "application/json", 18), (sent[0].Team, sent[0].BodyKind, sent[0].ContentType, sent[0].Size));
        Assert.Equal(System.Security.Cryptography.SHA256.HashData("\"the plain secret\""u8), sent[0].Sha256);
        Assert.DoesNotContain("secret", Encoding.UTF8.GetString(sent[0].SealedBody), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", 422, "required")]
    [InlineData("""{"body":1,"bodyy":1}""", 422, "unknown_field")]
    [InlineData("""{"body":"\ud800"}""", 422, "invalid_text")]
    [InlineData("{", 400, "malformed_json")]
    public async Task A_reply_that_makes_no_sense_is_refused(string body, int status, string code)
    {
        (_, HttpClient team) = await gateway.TeamAsync();
        await GatewayFixture.ProblemAsync(await ReplyAsync(team, Guid.NewGuid(), body), status, code);
    }

    [Fact]
    public async Task An_open_ask_names_who_is_missing_and_at_which_node()
    {
        (_, HttpClient asker) = await gateway.TeamAsync();
        (string to, _) = await gateway.TeamAsync();
        Guid id = await AskAsync(asker, to, ""","quorum":1,"collate":{"kind":"sum","pointer":"/n"}""");
        JsonElement ask = await GatewayFixture.ReadAsync(await asker.GetAsync($"/v1/asks/{id}"));
        Assert.Equal(("open", 1, 0, 1), (ask.GetProperty("state").GetString(), ask.GetProperty("asked").GetInt32(), ask.GetProperty("answered").GetInt32(), ask.GetProperty("quorum").GetInt32()));
        Assert.Equal($$"""["{{to}}"]""", ask.GetProperty("missing").GetRawText());
        Assert.Equal($$"""[{"team":"{{to}}","reason":"no_reply"}]""", ask.GetProperty("missingReasons").GetRawText());
        Assert.Equal($$"""[{"index":0,"answered":0,"missing":["{{to}}"]}]""", ask.GetProperty("nodes").GetRawText());
        Assert.Equal("""{"kind":"sum","pointer":"/n"}""", ask.GetProperty("collate").GetRawText());
        Assert.Equal(JsonValueKind.Null, ask.GetProperty("result").ValueKind);
        await GatewayFixture.ProblemAsync(await asker.GetAsync($"/v1/asks/{id}?whole=true"), 422, "unknown_parameter");
    }

    [Fact]
    public async Task The_result_is_for_the_asker_alone_and_strangers_learn_of_nothing()
    {
        (_, HttpClient asker) = await gateway.TeamAsync();
        (string to, HttpClient asked) = await gateway.TeamAsync();
        (_, HttpClient stranger) = await gateway.TeamAsync();
        Guid id = await AskAsync(asker, to);
        const string result = """[{"team":"x","body":{"a": 1.50,"ü":"\u00fc"}}]""";
        await EndAsync(id, $$"""{"ask":"{{id}}","unmatched":["x","y"],"result":{{result}}}""", AskState.Partial);
        string whole = await asker.GetStringAsync($"/v1/asks/{id}");
        Assert.Contains($"\"result\":{result}", whole, StringComparison.Ordinal);
        JsonElement own = JsonDocument.Parse(whole).RootElement;
        Assert.Equal(("partial", """["x","y"]""", "ready to ship?"), (own.GetProperty("state").GetString(), own.GetProperty("unmatched").GetRawText(), own.GetProperty("subject").GetString()));
        foreach (HttpClient other in new[] { asked, gateway.Operator })
        {
            JsonElement seen = await GatewayFixture.ReadAsync(await other.GetAsync($"/v1/asks/{id}"));
            Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (seen.GetProperty("result").ValueKind, seen.GetProperty("unmatched").ValueKind));
            Assert.Equal(("partial", "ready to ship?"), (seen.GetProperty("state").GetString(), seen.GetProperty("subject").GetString()));
        }
        gateway.World.Messages[id].Deliveries.Clear();
        Assert.Equal(JsonValueKind.Null, (await GatewayFixture.ReadAsync(await asked.GetAsync($"/v1/asks/{id}"))).GetProperty("subject").ValueKind);
        foreach (string path in new[] { "", "/replies", "/trace" })
            await GatewayFixture.ProblemAsync(await stranger.GetAsync($"/v1/asks/{id}{path}"), 404, "not_found");
        await GatewayFixture.ProblemAsync(await gateway.Security.GetAsync($"/v1/asks/{id}"), 403, "forbidden");
        await GatewayFixture.ProblemAsync(await asker.GetAsync($"/v1/asks/{Guid.NewGuid()}"), 404, "not_found");
    }

    [Fact]
    public async Task Replies_are_paged_byte_for_byte_for_the_asker_alone()
    {
        (_, HttpClient asker) = await gateway.TeamAsync();
        string function = $"F{Guid.NewGuid():N}";
        (_, HttpClient first) = await gateway.TeamAsync(function);
        (string second, HttpClient other) = await gateway.TeamAsync(function);
        Guid id = await AskAsync(asker, $"function:{function}");
        await ReplyAsync(first, id, """{"body":{"n": 1.50}}""");
        await ReplyAsync(other, id, """{"bodyBase64":"AAEC","contentType":"image/png"}""");
        string page = await asker.GetStringAsync($"/v1/asks/{id}/replies?limit=1");
        Assert.Contains("\"body\":{\"n\": 1.50}", page, StringComparison.Ordinal);
        Assert.DoesNotContain("bodyBase64", page, StringComparison.Ordinal);
        string next = JsonDocument.Parse(page).RootElement.GetProperty("next").GetString()!;
        JsonElement last = await GatewayFixture.ReadAsync(await asker.GetAsync($"/v1/asks/{id}/replies?limit=1&after={next}"));
        JsonElement reply = last.GetProperty("replies")[0];
        Assert.Equal((second, "AAEC", "image/png", 3), (reply.GetProperty("team").GetString(), reply.GetProperty("bodyBase64").GetString(), reply.GetProperty("contentType").GetString(), reply.GetProperty("size").GetInt32()));
        Assert.Equal(JsonValueKind.Null, last.GetProperty("next").ValueKind);
        await GatewayFixture.ProblemAsync(await first.GetAsync($"/v1/asks/{id}/replies"), 403, "forbidden");
        await GatewayFixture.ProblemAsync(await gateway.Operator.GetAsync($"/v1/asks/{id}/replies"), 403, "forbidden");
        await GatewayFixture.ProblemAsync(await asker.GetAsync($"/v1/asks/{id}/replies?limit=101"), 422, "out_of_range");
        await GatewayFixture.ProblemAsync(await asker.GetAsync($"/v1/asks/{id}/replies?after=nonsense"), 422, "bad_cursor");
        await GatewayFixture.ProblemAsync(await asker.GetAsync($"/v1/asks/{id}/replies?after=99999999999999"), 422, "bad_cursor");
    }

    [Fact]
    public async Task The_trace_hides_from_the_asked_what_others_answers_could_be_guessed_from()
    {
        (_, HttpClient asker) = await gateway.TeamAsync();
        string function = $"F{Guid.NewGuid():N}";
        (_, HttpClient first) = await gateway.TeamAsync(function);
        (_, HttpClient second) = await gateway.TeamAsync(function);
        Guid id = await AskAsync(asker, $"function:{function}");
        await ReplyAsync(first, id);
        await ReplyAsync(second, id);
        async Task<int> DigestsAsync(HttpClient caller)
        {
            JsonElement[] events = [.. (await GatewayFixture.ReadAsync(await caller.GetAsync($"/v1/asks/{id}/trace"))).GetProperty("events").EnumerateArray()];
            Assert.All(events, e => Assert.Equal(id, e.GetProperty("reference").GetGuid()));
            Assert.All(events, e => Assert.Equal(e.GetProperty("sha256").ValueKind, e.GetProperty("size").ValueKind == JsonValueKind.Null ? JsonValueKind.Null : JsonValueKind.String));
            return events.Count(e => e.GetProperty("sha256").ValueKind != JsonValueKind.Null);
        }
        Assert.Equal((2, 1, 2), (await DigestsAsync(asker), await DigestsAsync(first), await DigestsAsync(gateway.Operator)));
    }

    [Theory]
    [InlineData(MessageKind.Ask, "ask", true)]
    [InlineData(MessageKind.Collation, "collation", true)]
    [InlineData(MessageKind.Task, "task", false)]
    [InlineData(MessageKind.Notice, "notice", false)]
    public async Task What_is_delivered_names_its_ask_or_its_task(MessageKind kind, string word, bool ofAsk)
    {
        (string to, HttpClient team) = await gateway.TeamAsync();
        Guid id = Guid.CreateVersion7(), reference = Guid.CreateVersion7();
        var message = new NewMessage
        {
            Id = id,
            From = to,
            To = to,
            ContentType = "application/json",
            Sha256 = [],
            Kind = kind,
            Reference = reference,
            SealedBody = await gateway.Services.GetRequiredService<IBodyVault>().SealAsync("1"u8.ToArray(), id),
        };
        var stored = new TestWorld.Stored(message, MessageState.Delivered, 0);
        stored.Deliveries[to] = DeliveryState.Waiting;
        gateway.World.Messages[id] = stored;
        JsonElement seen = (await GatewayFixture.ReadAsync(await team.GetAsync("/v1/inbox"))).GetProperty("deliveries")[0].GetProperty("message");
        Assert.Equal(word, seen.GetProperty("kind").GetString());
        Assert.Equal(reference, seen.GetProperty(ofAsk ? "ask" : "task").GetGuid());
        Assert.Equal(JsonValueKind.Null, seen.GetProperty(ofAsk ? "task" : "ask").ValueKind);
    }
}
