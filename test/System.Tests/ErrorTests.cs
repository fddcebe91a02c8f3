using System.Globalization;
using System.Text;
using ShitOps.System.Tests.Fixtures;

namespace ShitOps.System.Tests;

/// <summary>Bad input gets a clear problem, and nothing of it is stored.</summary>
public sealed class ErrorTests(SharedCluster source, ITestOutputHelper output) : ClusterTest(source, output)
{
    // What is wrong, the document ({to} is a recipient, {self} the sender), the statuses that fit, a word the problem must name.
    private static readonly (string What, string Json, int[] Statuses, string? Names)[] Bad =
    [
        ("nothing", "", [400], null),
        ("half a document", """{"to":"{to}","body":""", [400], null),
        ("text after the document", """{"to":"{to}","body":1} x""", [400], null),
        ("a comment", """{"to":"{to}",/* */"body":1}""", [400], null),
        ("a trailing comma", """{"to":"{to}","body":1,}""", [400], null),
        ("a list", """[{"to":"{to}","body":1}]""", [400, 422], null),
        ("a number", "7", [400, 422], null),
        ("null", "null", [400, 422], null),
        ("too deep", $$"""{"to":"{to}","body":{{new string('[', 5000)}}{{new string(']', 5000)}}}""", [400, 422], null),
        ("no recipient", """{"body":1}""", [400, 422], "to"),
        ("recipient null", """{"to":null,"body":1}""", [400, 422], "to"),
        ("recipient a number", """{"to":5,"body":1}""", [400, 422], "to"),
        ("recipient empty", """{"to":"","body":1}""", [400, 422], "to"),
        ("recipient with capitals", """{"to":"QA Web","body":1}""", [422], "to"),
        ("recipient unknown", """{"to":"nobody-here-at-all","body":1}""", [422], null),
        ("function unknown", """{"to":"function:Nobody Has It","body":1}""", [422], null),
        ("function empty", """{"to":"function:","body":1}""", [422], null),
        ("below unknown", """{"to":"below:nobody-here-at-all","body":1}""", [422], null),
        ("own team", """{"to":"{self}","body":1}""", [422], null),
        ("no body", """{"to":"{to}"}""", [400, 422], "body"),
        ("two bodies", """{"to":"{to}","body":1,"bodyBase64":"AAAA"}""", [400, 422], "body"),
        ("bad base64", """{"to":"{to}","bodyBase64":"not base64!"}""", [400, 422], "bodyBase64"),
        ("base64 cut off", """{"to":"{to}","bodyBase64":"AAA"}""", [400, 422], "bodyBase64"),
        ("base64 a number", """{"to":"{to}","bodyBase64":7}""", [400, 422], "bodyBase64"),
        ("a typo", """{"to":"{to}","body":1,"subjet":"x"}""", [422], "subjet"),
        ("another case", """{"to":"{to}","body":1,"orderingkey":"x"}""", [422], "orderingkey"),
        ("an unknown field", """{"to":"{to}","body":1,"deliver_at":"2090-01-01T00:00:00Z"}""", [422], "deliver_at"),
        ("subject a list", """{"to":"{to}","body":1,"subject":["x"]}""", [400, 422], "subject"),
        ("subject too long", $$"""{"to":"{to}","body":1,"subject":"{{new string('x', 513)}}"}""", [422], "subject"),
        ("priority unknown", """{"to":"{to}","body":1,"priority":"asap"}""", [422], "priority"),
        ("priority a number", """{"to":"{to}","body":1,"priority":1}""", [400, 422], "priority"),
        ("a date in the past", """{"to":"{to}","body":1,"deliverAt":"2001-01-01T00:00:00Z"}""", [422], "deliverAt"),
        ("a date far ahead", """{"to":"{to}","body":1,"deliverAt":"2999-01-01T00:00:00Z"}""", [422], "deliverAt"),
        ("no date", """{"to":"{to}","body":1,"deliverAt":"tomorrow"}""", [400, 422], "deliverAt"),
        ("a date without a zone", """{"to":"{to}","body":1,"deliverAt":"2090-01-01T00:00:00"}""", [400, 422], "deliverAt"),
        ("ttl negative", """{"to":"{to}","body":1,"ttl":-1}""", [422], "ttl"),
        ("ttl zero", """{"to":"{to}","body":1,"ttl":0}""", [422], "ttl"),
        ("ttl of text", """{"to":"{to}","body":1,"ttl":"60"}""", [400, 422], "ttl"),
        ("ttl in parts", """{"to":"{to}","body":1,"ttl":1.5}""", [400, 422], "ttl"),
        ("ttl too large", """{"to":"{to}","body":1,"ttl":99999999999}""", [400, 422], "ttl"),
        ("content type nonsense", """{"to":"{to}","bodyBase64":"AAAA","contentType":"no type\r\nx: y"}""", [422], "contentType"),
        ("ordering key too long", $$"""{"to":"{to}","body":1,"orderingKey":"{{new string('x', 129)}}"}""", [422], "orderingKey"),
        ("correlation id too long", $$"""{"to":"{to}","body":1,"correlationId":"{{new string('x', 129)}}"}""", [422], "correlationId"),
        ("attachment no id", """{"to":"{to}","body":1,"attachments":["x"]}""", [400, 422], "attachments"),
        ("attachment unknown", """{"to":"{to}","body":1,"attachments":["01980000-0000-7000-8000-000000000000"]}""", [422], null),
        ("body too large", $$"""{"to":"{to}","body":{{ApiClient.JsonTextOf(256 * 1024 + 1)}}}""", [413], null),
        ("bytes too large", $$"""{"to":"{to}","bodyBase64":"{{Convert.ToBase64String(new byte[256 * 1024 + 1])}}"}""", [413], null),
        ("request too large", $$"""{"to":"{to}","body":{{ApiClient.JsonTextOf(600 * 1024)}}}""", [413], null),
    ];

    [Fact]
    public async Task Every_bad_message_is_refused_with_a_clear_problem_and_nothing_is_stored()
    {
        (ApiClient sender, ApiClient recipient) = await NewPairAsync();
        var wrong = new List<string>();
        foreach ((string what, string json, int[] statuses, string? names) in Bad)
        {
            string document = json.Replace("{to}", recipient.Name, StringComparison.Ordinal).Replace("{self}", sender.Name, StringComparison.Ordinal);
            ApiAnswer answer = await sender.PostRawAsync("/v1/messages", Encoding.UTF8.GetBytes(document), "application/json");
            if (answer.NotAProblem(statuses) is { } fault)
                wrong.Add($"{what}: {fault}");
            else if (names is not null && !answer.Text.Contains(names, StringComparison.Ordinal))
                wrong.Add($"{what}: the problem does not name {names}: {answer.Text}");
        }
        Assert.Empty(wrong);
        await AssertNothingStoredAsync(sender, recipient);
    }

    [Fact]
    public async Task Every_bad_line_of_a_bulk_is_refused_as_it_would_be_alone()
    {
        (ApiClient sender, ApiClient recipient) = await NewPairAsync();
        // An empty line is no message; lines of a mebibyte are a test of their own.
        (string What, string Json, int[] Statuses, string? Names)[] lines = [.. Bad.Where(b => b.Json.Length is > 0 and < 100_000)];
        string body = string.Join('\n', lines.Select(b => b.Json)).Replace("{to}", recipient.Name, StringComparison.Ordinal).Replace("{self}", sender.Name, StringComparison.Ordinal);
        ApiAnswer answer = await sender.PostRawAsync("/v1/messages", Encoding.UTF8.GetBytes(body), "application/x-ndjson");
        Assert.Equal(200, answer.Status);
        BulkResult[] results = ApiClient.BulkResults(answer);
        Assert.Equal(lines.Length, results.Length);
        Assert.Empty(lines.Zip(results)
            .Where(p => p.Second.Problem is not { } problem || !p.First.Statuses.Contains(problem.Status))
            .Select(p => $"{p.First.What}: {p.Second.Problem?.Text ?? "accepted"}"));
        await AssertNothingStoredAsync(sender, recipient);
    }

    [Fact]
    public async Task Invalid_utf8_is_refused_wherever_it_stands()
    {
        (ApiClient sender, ApiClient recipient) = await NewPairAsync();
        foreach (string field in (string[])["body", "subject", "orderingKey", "correlationId"])
        {
            byte[] document = [.. Encoding.UTF8.GetBytes($$"""{"to":"{{recipient.Name}}","{{field}}":" """), 0xC3, 0x28, 0xFF, .. "\"}"u8];
            Assert.Null((await sender.PostRawAsync("/v1/messages", document, "application/json")).NotAProblem(400));
        }
        byte[] lone = Encoding.UTF8.GetBytes($$"""{"to":"{{recipient.Name}}","body":1,"subject":"\ud800"}""");
        Assert.Null((await sender.PostRawAsync("/v1/messages", lone, "application/json")).NotAProblem(400, 422));
        await AssertNothingStoredAsync(sender, recipient);
    }

    [Fact]
    public async Task Every_fault_of_one_message_is_told_at_once()
    {
        ApiClient sender = await NewTeamAsync("sender");
        ApiAnswer answer = await sender.PostRawAsync(
            "/v1/messages", """{"to":"No Team","ttl":-5,"priority":"asap","subjekt":"x","deliverAt":"never"}"""u8.ToArray(), "application/json");
        Assert.Null(answer.NotAProblem(400, 422));
        Assert.All((string[])["to", "ttl", "priority", "subjekt", "deliverAt", "body"], field => Assert.Contains(field, answer.Text, StringComparison.Ordinal));
        Assert.Contains("subject", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_thousand_and_one_lines_a_long_line_and_more_than_eight_mebibytes_are_refused()
    {
        (ApiClient sender, ApiClient recipient) = await NewPairAsync();
        string line = $$"""{"to":"{{recipient.Name}}","body":1}""";
        ApiAnswer lines = await PostLinesAsync(sender, string.Join('\n', Enumerable.Repeat(line, 1001)));
        Assert.Null(lines.NotAProblem(400, 413, 422));
        string large = $$"""{"to":"{{recipient.Name}}","body":{{ApiClient.JsonTextOf(200_000)}}}""";
        Assert.Null((await PostLinesAsync(sender, string.Join('\n', Enumerable.Repeat(large, 43)))).NotAProblem(413));
        // A line longer than a single post may be is refused alone.
        ApiAnswer one = await PostLinesAsync(sender, $$"""{"to":"{{recipient.Name}}","body":{{ApiClient.JsonTextOf(1024 * 1024)}}}""");
        Assert.Equal(413, one.Status == 200 ? ApiClient.BulkResults(one).Single().Problem?.Status : one.Status);
        await AssertNothingStoredAsync(sender, recipient);
    }

    [Fact]
    public async Task Bad_headers_are_refused()
    {
        (ApiClient sender, ApiClient recipient) = await NewPairAsync();
        byte[] good = Json.Bytes(NewMessage.Text(recipient.Name, "x"));
        foreach ((string header, string value, int[] statuses) in ((string, string, int[])[])
        [
            ("Idempotency-Key", new string('k', 256), [400, 422]), ("Idempotency-Key", "", [400, 422]),
        ])
            Assert.Null((await sender.PostRawAsync("/v1/messages", good, "application/json", (header, value))).NotAProblem(statuses));
        Assert.Null((await sender.PostRawAsync("/v1/messages", good, "text/plain")).NotAProblem(400, 415));
        Assert.Null((await sender.PostRawAsync("/v1/messages", good, "application/json; charset=utf-16")).NotAProblem(400, 415));
        await AssertNothingStoredAsync(sender, recipient);
        // A traceparent that is none is no reason to lose a message (W3C Trace Context, 3.3): it is left out.
        await sender.Api.SendAsync(NewMessage.Text(recipient.Name, "x"), "00-nonsense");
        Assert.Null(Assert.Single(await recipient.ReceiveAsync(1)).Message.Traceparent);
    }

    [Fact]
    public async Task Bad_calls_of_a_team_are_refused()
    {
        ApiClient team = await NewTeamAsync("team");
        await AssertRefusedAsync(team,
        [
            ("GET", "/v1/messages/no-id", null, [400, 404, 422]),
            ("GET", $"/v1/messages/{Guid.CreateVersion7()}", null, [404]),
            ("GET", $"/v1/messages/{Guid.CreateVersion7()}/trace", null, [404]),
            ("DELETE", $"/v1/messages/{Guid.CreateVersion7()}", null, [404]),
            ("GET", $"/v1/attachments/{Guid.CreateVersion7()}", null, [404]),
            ("GET", "/v1/inbox?max=0", null, [400, 422]), ("GET", "/v1/inbox?max=1001", null, [400, 422]),
            ("GET", "/v1/inbox?max=ten", null, [400, 422]), ("GET", "/v1/inbox?wait=-1", null, [400, 422]),
            ("GET", "/v1/inbox?wait=31", null, [400, 422]), ("GET", "/v1/inbox?lease=0", null, [400, 422]),
            ("GET", "/v1/inbox?lease=99999999", null, [400, 422]), ("GET", "/v1/inbox?leese=5", null, [400, 422]),
            ("POST", "/v1/inbox/ack", "{}", [400, 422]), ("POST", "/v1/inbox/ack", "", [400]),
            ("POST", "/v1/inbox/ack", """{"deliveries":["x"]}""", [400, 422]),
            ("POST", "/v1/inbox/ack", """{"deliveries":"01980000-0000-7000-8000-000000000000"}""", [400, 422]),
            ("POST", "/v1/inbox/ack", """{"delivery":["01980000-0000-7000-8000-000000000000"]}""", [422]),
            ("POST", "/v1/inbox/nack", """{"deliveries":["01980000-0000-7000-8000-000000000000"],"delay":-1}""", [400, 422]),
            ("POST", "/v1/inbox/nack", """{"deliveries":["01980000-0000-7000-8000-000000000000"],"delay":1e9}""", [400, 422]),
            ("POST", "/v1/inbox/extend", """{"deliveries":["01980000-0000-7000-8000-000000000000"],"lease":0}""", [400, 422]),
            ("GET", "/v1/no-such-thing", null, [404]), ("PATCH", "/v1/messages", "{}", [405]),
        ]);
    }

    [Fact]
    public async Task Bad_calls_of_operations_are_refused()
    {
        string unknown = Guid.CreateVersion7().ToString(), fresh = NewName("fresh");
        await AssertRefusedAsync(Operator,
        [
            ("PUT", "/v1/teams/Bad_Name", """{"function":"QA"}""", [400, 422]), ("PUT", $"/v1/teams/{new string('a', 65)}", """{"function":"QA"}""", [400, 422]),
            ("PUT", $"/v1/teams/{fresh}", "{}", [400, 422]), ("PUT", $"/v1/teams/{fresh}", """{"function":""}""", [400, 422]),
            ("PUT", $"/v1/teams/{fresh}", """{"function":"QA","weight":0}""", [400, 422]), ("PUT", $"/v1/teams/{fresh}", """{"function":"QA","weight":3}""", [400, 422]),
            ("PUT", $"/v1/teams/{fresh}", """{"function":"QA","wieght":1}""", [422]), ("PUT", $"/v1/teams/{fresh}", """{"function":7}""", [400, 422]),
            ("GET", "/v1/teams/nobody-here", null, [404]), ("DELETE", "/v1/teams/nobody-here", null, [404]),
            ("POST", "/v1/teams/nobody-here/keys", "{}", [404]), ("DELETE", $"/v1/teams/nobody-here/keys/{unknown}", null, [404]),
            ("GET", "/v1/teams?limit=0", null, [400, 422]), ("GET", "/v1/teams?limit=1001", null, [400, 422]), ("GET", "/v1/teams?limit=x", null, [400, 422]),
            ("GET", "/v1/events?limit=-1", null, [400, 422]), ("GET", "/v1/events?after=nonsense", null, [400, 422]), ("GET", "/v1/events?typ=x", null, [400, 422]),
            ("GET", $"/v1/quarantine/{unknown}", null, [404]), ("GET", "/v1/quarantine/x", null, [400, 404, 422]),
            ("GET", "/v1/nodes/-1", null, [400, 404, 422]), ("GET", "/v1/nodes/x", null, [400, 404, 422]),
            ("POST", "/v1/dead-letters/replay", "{}", [400, 422]), ("POST", "/v1/dead-letters/replay", """{"ids":["x"]}""", [400, 422]),
            ("POST", "/v1/dead-letters/discard", $$"""{"ids":["{{unknown}}"],"reason":"both"}""", [400, 422]),
        ]);
        Assert.Equal(404, (await Operator.GetAsync($"/v1/teams/{fresh}")).Status);
        await AssertRefusedAsync(Security,
        [
            ("POST", $"/v1/quarantine/{unknown}/release", """{"reason":"x"}""", [404]), ("POST", $"/v1/quarantine/{unknown}/purge", """{"reason":"x"}""", [404]),
            ("POST", $"/v1/quarantine/{unknown}/release", "{}", [400, 422]), ("POST", $"/v1/quarantine/{unknown}/release", """{"raeson":"x"}""", [422]),
        ]);
    }

    [Fact]
    public async Task A_team_that_was_deleted_is_an_unknown_recipient()
    {
        (ApiClient sender, ApiClient gone) = await NewPairAsync();
        Assert.InRange((await Operator.DeleteTeamAsync(gone.Name)).Status, 200, 204);
        ApiAnswer answer = await sender.TrySendAsync(NewMessage.Text(gone.Name, "too late"));
        Assert.Null(answer.NotAProblem(422));
        Assert.Contains(gone.Name, answer.Text, StringComparison.Ordinal);
    }

    private static async Task AssertRefusedAsync(ApiClient client, (string Method, string Path, string? Body, int[] Statuses)[] calls)
    {
        var wrong = new List<string>();
        foreach ((string method, string path, string? body, int[] statuses) in calls)
        {
            HttpContent? content = body is null ? null : ApiClient.BytesContent(Encoding.UTF8.GetBytes(body), "application/json");
            if ((await client.CallAsync(new(method), path, content)).NotAProblem(statuses) is { } fault)
                wrong.Add(string.Create(CultureInfo.InvariantCulture, $"{method} {path} {body}: {fault}"));
        }
        Assert.Empty(wrong);
    }

    private static Task<ApiAnswer> PostLinesAsync(ApiClient sender, string lines) =>
        sender.PostRawAsync("/v1/messages", Encoding.UTF8.GetBytes(lines), "application/x-ndjson");

    private async Task AssertNothingStoredAsync(ApiClient sender, ApiClient recipient)
    {
        await AssertEmptyAsync(recipient, wait: 0);
        Assert.DoesNotContain(await Operator.EventsAsync("message.accepted", recipient.Name), e => e.From == sender.Name);
        // And the lane is not blocked by what was refused.
        await sender.SendAsync(NewMessage.Text(recipient.Name, "good"));
        Assert.Equal("good", Assert.Single(await recipient.ReceiveAsync(1)).Message.Body.GetString());
    }
}
