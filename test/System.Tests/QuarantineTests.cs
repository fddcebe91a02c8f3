using System.Text;
using System.Text.Json;
using ShitOps.System.Tests.Fixtures;

namespace ShitOps.System.Tests;

/// <summary>What is infected, or cannot be looked into, is in quarantine and in no inbox.</summary>
public sealed class QuarantineTests(SharedCluster source, ITestOutputHelper output) : ClusterTest(source, output)
{
    public static TheoryData<string, string?, byte[]?> Infected() => new()
    {
        { "plain body", null, Eicar.Plain },
        { "JSON text", JsonSerializer.Serialize(Eicar.Text), null },
        { "JSON field", JsonSerializer.Serialize(new { note = "look", deep = new object[] { 1, new { text = Eicar.Text } } }), null },
        { "escaped JSON field", $$"""{"text":"{{string.Concat(Eicar.Text.Select(c => $"\\u{(int)c:x4}"))}}"}""", null },
        { "JSON key", JsonSerializer.Serialize(new Dictionary<string, int> { [Eicar.Text] = 1 }), null },
        { "base64 field", JsonSerializer.Serialize(new { file = Convert.ToBase64String(Eicar.Plain) }), null },
        { "base64 field of a zip", JsonSerializer.Serialize(new { files = new[] { Convert.ToBase64String(Eicar.Zip) } }), null },
        { "zip", null, Eicar.Zip },
        { "nested zip", null, Eicar.NestedZip },
    };

    [Theory]
    [MemberData(nameof(Infected))]
    public async Task An_infected_message_is_in_quarantine_and_in_no_inbox(string what, string? json, byte[]? bytes)
    {
        (ApiClient sender, ApiClient recipient) = await NewPairAsync();
        Accepted infected = await sender.SendAsync(new NewMessage(recipient.Name)
        {
            Body = json is null ? null : Json.Raw(json),
            Bytes = bytes,
            Subject = what,
            ContentType = bytes is null ? null : "application/octet-stream",
        });
        MessageInfo message = await sender.UntilStateAsync(infected.Id, "quarantined");
        Assert.True(message.Quarantine is not null, "the message tells of its quarantine");
        Assert.DoesNotContain(message.Deliveries, d => d.DeliveredAt is not null);
        // One behind it in the same lane goes on.
        await sender.SendAsync(NewMessage.Text(recipient.Name, "clean"));
        Assert.Equal("clean", Assert.Single(await recipient.ReceiveAsync(1)).Message.Body.GetString());
        await AssertEmptyAsync(recipient);

        QuarantineEntry entry = (await Security.QuarantineAsync()).Single(e => e.Message == infected.Id);
        Assert.Equal((sender.Name, "infected", "waiting"), (entry.From, entry.Verdict, entry.State));
        Assert.Contains("eicar", entry.Signature, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(message.Node, entry.Node);
        Assert.Equal(200, (await Operator.GetAsync($"/v1/quarantine/{entry.Id}")).Status);
        JournalEvent told = (await Operator.TraceAsync(infected.Id)).Single(e => e.Type == "message.quarantined");
        Assert.Equal("infected", told.Verdict);
        Assert.False(string.IsNullOrEmpty(told.SignatureVersion));
    }

    [Fact]
    public async Task A_subject_is_scanned_as_well()
    {
        (ApiClient sender, ApiClient recipient) = await NewPairAsync();
        Accepted sent = await sender.SendAsync(NewMessage.Text(recipient.Name, "clean") with { Subject = Eicar.Text });
        await sender.UntilStateAsync(sent.Id, "quarantined");
        await AssertEmptyAsync(recipient);
    }

    [Fact]
    public async Task A_message_that_cannot_be_looked_into_is_in_quarantine()
    {
        (ApiClient sender, ApiClient recipient) = await NewPairAsync();
        Accepted sent = await sender.SendAsync(new NewMessage(recipient.Name) { Bytes = Eicar.EncryptedZip, ContentType = "application/zip" });
        await sender.UntilStateAsync(sent.Id, "quarantined");
        QuarantineEntry entry = (await Security.QuarantineAsync()).Single(e => e.Message == sent.Id);
        Assert.Equal("unscannable", entry.Verdict);
        await AssertEmptyAsync(recipient);
    }

    [Fact]
    public async Task Of_a_bulk_with_one_infected_line_all_others_are_delivered_in_order()
    {
        (ApiClient sender, ApiClient recipient) = await NewPairAsync();
        BulkResult[] results = await sender.SendBulkAsync(
            Enumerable.Range(0, 200).Select(n => NewMessage.Text(recipient.Name, n == 77 ? Eicar.Text : $"clean {n} {Guid.NewGuid()}")));
        await sender.UntilStateAsync(results[77].Id!.Value, "quarantined");
        List<Delivery> received = await recipient.ReceiveAsync(199);
        Assert.Equal(results.Where((_, n) => n != 77).Select(r => r.Id!.Value), received.Select(d => d.Message.Id));
        await AssertEmptyAsync(recipient);
    }

    [Fact]
    public async Task An_infected_attachment_is_refused_and_in_quarantine()
    {
        ApiClient sender = await NewTeamAsync("sender");
        foreach (byte[] content in (byte[][])[Eicar.Plain, Eicar.NestedZip, Eicar.ZipOf(("one.txt", "clean"u8.ToArray()), ("two.bin", Eicar.Plain))])
        {
            ApiAnswer answer = await sender.TryAttachAsync(content);
            Assert.Null(answer.NotAProblem(422));
            Assert.Equal("infected", answer.Problem!.Code);
        }
        QuarantineEntry[] entries = [.. (await Security.QuarantineAsync()).Where(e => e.From == sender.Name)];
        Assert.Equal(3, entries.Length);
        Assert.All(entries, e =>
        {
            Assert.NotNull(e.Attachment);
            Assert.Equal("infected", e.Verdict);
        });
        Assert.Contains((await sender.GetAsync($"/v1/attachments/{entries[0].Attachment}")).Status, (int[])[403, 404, 409, 410]);
    }

    [Fact]
    public async Task A_released_message_continues_its_journey_and_who_and_why_is_journalled()
    {
        (ApiClient sender, ApiClient recipient) = await NewPairAsync();
        Accepted sent = await sender.SendAsync(NewMessage.Text(recipient.Name, Eicar.Text));
        await sender.UntilStateAsync(sent.Id, "quarantined");
        QuarantineEntry entry = (await Security.QuarantineAsync()).Single(e => e.Message == sent.Id);
        Assert.Null((await Security.PostAsync($"/v1/quarantine/{entry.Id}/release", new { })).NotAProblem(400, 422));
        Assert.InRange((await Security.ReleaseAsync(entry.Id, "a known test file")).Status, 200, 204);
        Assert.Equal(Eicar.Text, Assert.Single(await recipient.ReceiveAsync(1)).Message.Body.GetString());
        await sender.UntilStateAsync(sent.Id, "acknowledged");
        Assert.Null((await Security.PurgeAsync(entry.Id, "too late")).NotAProblem(409));
        Assert.Equal(("released", "a known test file"), await DecisionAsync(entry.Id));
        JournalEvent told = (await Operator.EventsAsync("quarantine.released")).Single(e => e.Message == sent.Id);
        Assert.Contains("a known test file", told.Reason, StringComparison.Ordinal);
        Assert.StartsWith("security", told.Actor, StringComparison.Ordinal);
        Assert.Contains("quarantine.released", (await sender.TraceAsync(sent.Id)).Select(e => e.Type));
    }

    [Fact]
    public async Task A_purged_message_is_destroyed_and_stays_as_evidence()
    {
        (ApiClient sender, ApiClient recipient) = await NewPairAsync();
        Accepted sent = await sender.SendAsync(new NewMessage(recipient.Name) { Bytes = Encoding.ASCII.GetBytes(Eicar.Text) });
        await sender.UntilStateAsync(sent.Id, "quarantined");
        QuarantineEntry entry = (await Security.QuarantineAsync()).Single(e => e.Message == sent.Id);
        Assert.InRange((await Security.PurgeAsync(entry.Id, "malware")).Status, 200, 204);
        Assert.Null((await Security.ReleaseAsync(entry.Id, "too late")).NotAProblem(409));
        Assert.Equal(("purged", "malware"), await DecisionAsync(entry.Id));
        Assert.Equal("quarantined", (await sender.MessageAsync(sent.Id)).State);
        await AssertEmptyAsync(recipient);
        Assert.Contains(await Operator.EventsAsync("quarantine.purged"), e => e.Message == sent.Id && e.Actor!.StartsWith("security", StringComparison.Ordinal));
    }

    private async Task<(string?, string?)> DecisionAsync(Guid id)
    {
        JsonElement entry = (await Security.GetAsync($"/v1/quarantine/{id}")).Json;
        return (entry.Text("state"), entry.Text("reason"));
    }
}
