using System.Security.Cryptography;
using System.Text;
using ShitOps.System.Tests.Fixtures;

namespace ShitOps.System.Tests;

/// <summary>The life of one message, from POST to the recipient's ack, with all it can carry.</summary>
public sealed class LifeTests(SharedCluster source, ITestOutputHelper output) : ClusterTest(source, output)
{
    [Fact]
    public async Task A_message_is_queued_delivered_leased_and_acknowledged_and_its_trace_tells_so_in_order()
    {
        (ApiClient sender, ApiClient recipient) = await NewPairAsync();
        ApiAnswer answer = await sender.TrySendAsync(NewMessage.Of(recipient.Name, new { any = "json" }) with { Subject = "build 812" });
        Assert.Equal(202, answer.Status);
        Guid id = answer.Json.GetProperty("id").GetGuid();
        Assert.Equal("queued", answer.Json.Text("state"));
        Assert.Equal(7, id.Version);
        Assert.EndsWith($"/v1/messages/{id}", answer.Headers.Location?.ToString(), StringComparison.Ordinal);

        MessageInfo delivered = await sender.UntilStateAsync(id, "delivered");
        Assert.Equal((sender.Name, recipient.Name, "build 812"), (delivered.From, delivered.To, delivered.Subject));
        DeliveryInfo waiting = Assert.Single(delivered.Deliveries);
        Assert.Equal((recipient.Name, "delivered"), (waiting.Team, waiting.State));

        Delivery delivery = Assert.Single(await recipient.LeaseAsync(lease: 60));
        Assert.Equal((1, id, "message", sender.Name, "build 812"),
            (delivery.Attempt, delivery.Message.Id, delivery.Message.Kind, delivery.Message.From, delivery.Message.Subject));
        Assert.Equal("json", delivery.Message.Body.Text("any"));
        Assert.InRange(delivery.LeasedUntil - TimeProvider.System.GetUtcNow(), TimeSpan.FromSeconds(40), TimeSpan.FromSeconds(61));
        await AssertEmptyAsync(recipient);

        Assert.Equal(1, (await recipient.AckAsync(delivery.DeliveryId)).Acknowledged);
        MessageInfo settled = await recipient.MessageAsync(id);
        Assert.Equal("acknowledged", settled.State);
        Assert.NotNull(settled.SettledAt);
        Assert.NotNull(Assert.Single(settled.Deliveries).AcknowledgedAt);

        IReadOnlyList<JournalEvent> trace = await sender.TraceAsync(id);
        Assert.Equal("message.accepted", trace[0].Type);
        Assert.Equal("message.acknowledged", trace[^1].Type);
        Assert.Equal(trace.Select(e => e.At).Order(), trace.Select(e => e.At));
        string[] types = [.. trace.Select(e => e.Type)];
        Assert.True(Array.IndexOf(types, "message.scanned") is > 0 and var scanned && scanned < Array.IndexOf(types, "message.delivered"), string.Join(", ", types));
        Assert.Equal(recipient.Name, trace.Single(e => e.Type == "message.delivered").Team);
        // The operator and the recipient see the same.
        Assert.Equal(types, (await Operator.TraceAsync(id)).Select(e => e.Type));
        Assert.Equal(types, (await recipient.TraceAsync(id)).Select(e => e.Type));
    }

    [Fact]
    public async Task Prefer_wait_answers_with_the_state_in_which_it_settled()
    {
        (ApiClient sender, ApiClient recipient) = await NewPairAsync();
        ApiAnswer answer = await sender.TrySendAsync(NewMessage.Text(recipient.Name, "wait for me"), wait: 10);
        Assert.Equal(200, answer.Status);
        Assert.Equal("delivered", answer.Json.Text("state"));
        // What cannot settle in that time is answered as queued.
        ApiAnswer later = await sender.TrySendAsync(
            NewMessage.Text(recipient.Name, "not yet") with { DeliverAt = TimeProvider.System.GetUtcNow().AddHours(1) }, wait: 1);
        Assert.Equal(202, later.Status);
        Assert.Equal("queued", later.Json.Text("state"));
    }

    [Fact]
    public async Task A_repeat_under_the_same_idempotency_key_is_the_same_message_and_another_body_is_refused()
    {
        (ApiClient sender, ApiClient recipient) = await NewPairAsync();
        NewMessage message = NewMessage.Text(recipient.Name, "once") with { IdempotencyKey = "key-1" };
        Accepted first = await sender.SendAsync(message);
        Accepted again = await sender.SendAsync(message);
        Assert.Equal(first.Id, again.Id);
        Assert.Null((await sender.TrySendAsync(message with { Body = Json.Of("twice") })).NotAProblem(409));
        // In bulk the key is a field of the line; one that repeats within the same request is one message too.
        BulkResult[] lines = await sender.SendBulkAsync(
            [message, message with { Body = Json.Of("other") }, message with { IdempotencyKey = "key-2" }, message with { IdempotencyKey = "key-2" }]);
        Assert.Equal(first.Id, lines[0].Id);
        Assert.Equal(409, lines[1].Problem?.Status);
        Assert.NotEqual(first.Id, lines[2].Id);
        Assert.Equal(lines[2].Id, lines[3].Id);
        // Another team's key of the same name is another key.
        ApiClient other = await NewTeamAsync("other");
        Assert.NotEqual(first.Id, (await other.SendAsync(message)).Id);
        Assert.Equal(3, (await recipient.ReceiveAsync(3)).Count);
        await AssertEmptyAsync(recipient);
    }

    [Fact]
    public async Task Twenty_repeats_at_once_are_one_message()
    {
        (ApiClient sender, ApiClient recipient) = await NewPairAsync();
        NewMessage message = NewMessage.Text(recipient.Name, "once") with { IdempotencyKey = "race" };
        Accepted[] sent = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => sender.SendAsync(message)));
        Assert.Single(sent.Select(s => s.Id).Distinct());
        Assert.Single(await recipient.ReceiveAsync(1));
        await AssertEmptyAsync(recipient);
    }

    [Fact]
    public async Task Correlation_id_ordering_key_and_traceparent_are_handed_to_the_recipient()
    {
        (ApiClient sender, ApiClient recipient) = await NewPairAsync();
        const string Parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        NewMessage sent = NewMessage.Text(recipient.Name, "x") with
        {
            Subject = "Grüße, 世界 🚚",
            CorrelationId = "b-812",
            OrderingKey = "build",
        };
        await sender.Api.SendAsync(sent, Parent);
        InboxMessage message = Assert.Single(await recipient.ReceiveAsync(1)).Message;
        Assert.Equal(("Grüße, 世界 🚚", "b-812", "build", Parent), (message.Subject, message.CorrelationId, message.OrderingKey, message.Traceparent));
    }

    [Theory]
    [InlineData("true")]
    [InlineData("\"\"")]
    [InlineData("[]")]
    [InlineData("1.50E+2")]
    [InlineData("-0.0")]
    [InlineData("123456789012345678901234567890.000000000000000000001")]
    [InlineData("{ \"b\" : 1 ,\t\"a\":[ 1 , 2 ] }")]
    [InlineData("{\"same\":1,\"same\":2}")]
    [InlineData("\"\\u00e9 é \\/ / \\ud83d\\ude00 😀 <script> & ' +\"")]
    [InlineData("{\"\":{\"key with \\\"quotes\\\"\":null}}")]
    [InlineData("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[{\"deep\":1}]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]")]
    public async Task Any_json_body_comes_out_as_it_went_in(string body)
    {
        (ApiClient sender, ApiClient recipient) = await NewPairAsync();
        await sender.SendAsync(NewMessage.Json(recipient.Name, body));
        InboxMessage message = Assert.Single(await recipient.ReceiveAsync(1)).Message;
        Assert.Equal(body, message.BodyText);
        Assert.Null(message.Bytes);
        Assert.StartsWith("application/json", message.ContentType, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(70_000)]
    [InlineData(256 * 1024)]
    public async Task Bytes_come_out_as_they_went_in_with_their_content_type(int size)
    {
        (ApiClient sender, ApiClient recipient) = await NewPairAsync();
        byte[] bytes = RandomNumberGenerator.GetBytes(size);
        await sender.SendAsync(new NewMessage(recipient.Name) { Bytes = bytes, ContentType = "application/vnd.test+octets; v=2" });
        InboxMessage message = Assert.Single(await recipient.ReceiveAsync(1)).Message;
        Assert.Equal(bytes, message.Bytes);
        Assert.Equal("application/vnd.test+octets; v=2", message.ContentType);
    }

    [Fact]
    public async Task A_json_body_of_exactly_the_limit_travels()
    {
        (ApiClient sender, ApiClient recipient) = await NewPairAsync();
        string body = ApiClient.JsonTextOf(256 * 1024);
        await sender.SendAsync(NewMessage.Json(recipient.Name, body));
        Assert.Equal(body, Assert.Single(await recipient.ReceiveAsync(1)).Message.BodyText);
    }

    [Fact]
    public async Task Urgent_comes_before_normal_before_bulk_whatever_was_first()
    {
        (ApiClient sender, ApiClient recipient) = await NewPairAsync();
        string[] priorities = ["bulk", "normal", "urgent", "bulk", "normal", "urgent"];
        foreach ((int number, string priority) in priorities.Index())
        {
            Accepted sent = await sender.SendAsync(NewMessage.Text(recipient.Name, priority + number) with { Priority = priority });
            await sender.UntilStateAsync(sent.Id, "delivered");
        }
        IReadOnlyList<Delivery> leased = await recipient.LeaseAsync(max: 10);
        Assert.Equal(["urgent2", "urgent5", "normal1", "normal4", "bulk0", "bulk3"], leased.Select(d => d.Message.Body.GetString()));
    }

    [Fact]
    public async Task An_ordering_key_keeps_its_order_across_priorities()
    {
        (ApiClient sender, ApiClient recipient) = await NewPairAsync();
        string[] priorities = ["bulk", "normal", "urgent"];
        await sender.SendBulkAsync(priorities.Select(p => NewMessage.Text(recipient.Name, p) with { Priority = p, OrderingKey = "one" }));
        Assert.Equal(priorities, (await recipient.ReceiveAsync(3)).Select(d => d.Message.Body.GetString()));
    }

    [Fact]
    public async Task A_message_for_later_waits_until_then()
    {
        (ApiClient sender, ApiClient recipient) = await NewPairAsync();
        DateTimeOffset due = TimeProvider.System.GetUtcNow().AddSeconds(4);
        Accepted later = await sender.SendAsync(NewMessage.Text(recipient.Name, "later") with { DeliverAt = due });
        await sender.SendAsync(NewMessage.Text(recipient.Name, "now") with { OrderingKey = "other" });
        Assert.Equal("now", Assert.Single(await recipient.ReceiveAsync(1)).Message.Body.GetString());
        Assert.Equal("queued", (await sender.MessageAsync(later.Id)).State);
        Delivery delivery = Assert.Single(await recipient.LeaseAsync(wait: 20));
        Assert.Equal("later", delivery.Message.Body.GetString());
        Assert.True(TimeProvider.System.GetUtcNow() >= due, "delivered before its time");
    }

    [Fact]
    public async Task A_message_nobody_takes_in_its_time_to_live_expires()
    {
        (ApiClient sender, ApiClient recipient) = await NewPairAsync();
        Accepted sent = await sender.SendAsync(NewMessage.Text(recipient.Name, "short-lived") with { TimeToLive = 2 });
        await sender.UntilStateAsync(sent.Id, "expired");
        await AssertEmptyAsync(recipient);
        Assert.Contains("message.expired", (await sender.TraceAsync(sent.Id)).Select(e => e.Type));
    }

    [Fact]
    public async Task A_message_that_still_waits_can_be_cancelled_and_one_that_left_cannot()
    {
        (ApiClient sender, ApiClient recipient) = await NewPairAsync();
        Accepted waiting = await sender.SendAsync(NewMessage.Text(recipient.Name, "never") with { DeliverAt = TimeProvider.System.GetUtcNow().AddSeconds(3) });
        Assert.Equal(200, (await sender.CancelAsync(waiting.Id)).Status);
        Assert.Equal("cancelled", (await sender.MessageAsync(waiting.Id)).State);
        Assert.Equal(200, (await sender.CancelAsync(waiting.Id)).Status);
        MessageInfo left = await sender.SendAsync(NewMessage.Text(recipient.Name, "gone"), wait: 10);
        Assert.Null((await sender.CancelAsync(left.Id)).NotAProblem(409));
        Assert.Equal("gone", Assert.Single(await recipient.ReceiveAsync(1)).Message.Body.GetString());
        await AssertEmptyAsync(recipient, wait: 4);
        Assert.Contains("message.cancelled", (await sender.TraceAsync(waiting.Id)).Select(e => e.Type));
    }

    [Fact]
    public async Task An_attachment_reaches_the_recipients_and_nobody_else()
    {
        (ApiClient sender, ApiClient recipient) = await NewPairAsync();
        ApiClient stranger = await NewTeamAsync("stranger");
        byte[] content = RandomNumberGenerator.GetBytes(3 * 1024 * 1024 + 17);
        Attachment stored = await sender.AttachAsync(content);
        Assert.Equal(content.Length, stored.Size);
        Assert.Equal(Convert.ToHexString(SHA256.HashData(content)), stored.Sha256, ignoreCase: true);
        Assert.Contains((await recipient.GetAsync($"/v1/attachments/{stored.Id}")).Status, (int[])[403, 404]);

        await sender.SendAsync(NewMessage.Text(recipient.Name, "see the attachment") with { Attachments = [stored.Id] });
        InboxMessage message = Assert.Single(await recipient.ReceiveAsync(1)).Message;
        Assert.Equal([stored.Id], message.Attachments);
        Assert.Equal(content, await recipient.AttachmentAsync(stored.Id));
        Assert.Equal(content, await sender.AttachmentAsync(stored.Id));
        Assert.Contains((await stranger.GetAsync($"/v1/attachments/{stored.Id}")).Status, (int[])[403, 404]);
        // What is not one's own cannot be passed on.
        Assert.Null((await stranger.TrySendAsync(NewMessage.Text(recipient.Name, "mine") with { Attachments = [stored.Id] })).NotAProblem(422));
        Assert.Null((await sender.TrySendAsync(NewMessage.Text(recipient.Name, "none") with { Attachments = [Guid.CreateVersion7()] })).NotAProblem(422));
    }

    [Fact]
    public async Task An_attachment_over_the_limit_is_refused()
    {
        ApiClient sender = await NewTeamAsync("sender");
        Assert.Null((await sender.TryAttachAsync(new byte[25 * 1024 * 1024 + 1])).NotAProblem(413));
    }

    [Fact]
    public async Task Every_line_of_a_bulk_post_is_answered_in_order_and_a_bad_one_spoils_no_other()
    {
        (ApiClient sender, ApiClient recipient) = await NewPairAsync();
        string[] lines =
        [
            $$"""{"to":"{{recipient.Name}}","body":"first"}""",
            "not json at all",
            $$"""{"to":"{{recipient.Name}}","body":"third","subjekt":"typo"}""",
            $$"""{"to":"nobody-{{Guid.NewGuid():N}}","body":"fourth"}""",
            $$"""{"to":"{{recipient.Name}}","body":{{ApiClient.JsonTextOf(256 * 1024 + 1)}}}""",
            $$"""{"to":"{{recipient.Name}}","body":"last"}""",
        ];
        ApiAnswer answer = await sender.PostRawAsync("/v1/messages", Encoding.UTF8.GetBytes(string.Join('\n', lines)), "application/x-ndjson");
        Assert.Equal(200, answer.Status);
        Assert.Equal("application/x-ndjson", answer.ContentType);
        BulkResult[] results = ApiClient.BulkResults(answer);
        Assert.Equal([null, 400, 422, 422, 413, null], results.Select(r => r.Problem?.Status));
        Assert.Contains("subject", results[2].Problem!.Text, StringComparison.Ordinal);
        List<Delivery> received = await recipient.ReceiveAsync(2);
        Assert.Equal(["first", "last"], received.Select(d => d.Message.Body.GetString()));
        Assert.Equal([results[0].Id, results[5].Id], received.Select(d => (Guid?)d.Message.Id));
        await AssertEmptyAsync(recipient);
    }
}
