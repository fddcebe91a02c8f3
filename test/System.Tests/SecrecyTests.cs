using System.Text;
using ShitOps.System.Tests.Fixtures;

namespace ShitOps.System.Tests;

/// <summary>No plain body and no key is found in the database, its files or any log.</summary>
[Collection(BreaksThings.Name)]
public sealed class SecrecyTests(FragileCluster source, ITestOutputHelper output) : ClusterTest(source, output)
{
    [Fact]
    public async Task A_planted_body_is_in_no_dump_in_no_file_of_the_database_and_in_no_log()
    {
        await Cluster.MendAsync();
        (ApiClient sender, ApiClient recipient) = await NewPairAsync();
        string marker = "Planted" + Guid.NewGuid().ToString("N"), visible = NewName("subject");
        // Every way a body can go: delivered, waiting, quarantined, dead, refused; and an attachment.
        // The scanner may have come back just now.
        Attachment attachment = await Eventually.UntilAsync(
            () => sender.AttachAsync(Encoding.ASCII.GetBytes(marker)), _ => true, TimeSpan.FromSeconds(30), "an attachment is stored");
        Accepted[] sent =
        [
            await sender.SendAsync(NewMessage.Text(recipient.Name, marker) with { Subject = visible }),
            await sender.SendAsync(new NewMessage(recipient.Name) { Bytes = Encoding.ASCII.GetBytes(marker), Attachments = [attachment.Id] }),
            await sender.SendAsync(NewMessage.Of(recipient.Name, new { first = marker, infected = Eicar.Text })),
            await sender.SendAsync(NewMessage.Text(recipient.Name, marker) with { DeliverAt = TimeProvider.System.GetUtcNow().AddHours(1) }),
        ];
        await sender.TrySendAsync(NewMessage.Text(recipient.Name, marker) with { TimeToLive = -1 });
        await sender.PostRawAsync("/v1/messages", Encoding.UTF8.GetBytes($$"""{"to":"{{recipient.Name}}","body":"{{marker}}" """), "application/json");
        await sender.UntilStateAsync(sent[2].Id, "quarantined");
        Assert.Equal(2, (await recipient.ReceiveAsync(2, acknowledge: false)).Count);
        await PlantInAsksAndTasksAsync(marker);
        ApiAnswer hook = await sender.CallAsync(HttpMethod.Put, $"/v1/teams/{sender.Name}/webhook", ApiClient.JsonContent(new { url = "https://hooks.invalid/" }));
        string hookSecret = hook.Json.Text("secret")!["whsec_".Length..];

        Dictionary<string, byte[]> secrets = new()
        {
            ["the body"] = Encoding.ASCII.GetBytes(marker),
            ["the body in base64"] = Encoding.ASCII.GetBytes(Convert.ToBase64String(Encoding.ASCII.GetBytes(marker[..36]))),
            ["the body in UTF-16"] = Encoding.Unicode.GetBytes(marker),
            ["the body in hexadecimal"] = Encoding.ASCII.GetBytes(Convert.ToHexString(Encoding.ASCII.GetBytes(marker))),
            ["the operator key"] = Encoding.ASCII.GetBytes(Cluster.OperatorKey),
            ["the security key"] = Encoding.ASCII.GetBytes(Cluster.SecurityKey),
            ["a webhook's secret"] = Convert.FromBase64String(hookSecret),
            ["a webhook's secret in base64"] = Encoding.ASCII.GetBytes(hookSecret),
            ["a team key"] = Encoding.ASCII.GetBytes(sender.Key!),
        };
        var found = new List<string>();
        byte[] dump = await Cluster.Database.DumpAsync();
        Assert.True(dump.AsSpan().IndexOf(Encoding.ASCII.GetBytes(visible)) >= 0, "the dump does not even hold the subject: the search would find nothing");
        Search("the dump", dump, secrets, found);
        foreach ((string name, string text) in Cluster.Logs())
            Search($"the log of {name}", Encoding.UTF8.GetBytes(text), secrets, found);

        await Task.WhenAll(Cluster.Gateways.Concat(Cluster.Silos).Select(p => p.StopAsync()));
        await Cluster.Database.StopAsync();
        foreach (string file in Directory.EnumerateFiles(Cluster.Database.DataFolder, "*", SearchOption.AllDirectories))
            Search(file, await File.ReadAllBytesAsync(file), secrets, found);
        Assert.Empty(found);

        // It all comes back, and what waited is still there for its recipient.
        await Cluster.MendAsync();
        Assert.Equal(2, (await recipient.ReceiveAsync(2)).Count(d => d.Message.Bytes is not null || d.Message.Body.GetString() == marker));
    }

    // Questions, replies of every fate, values reduced from them, results; bodies and results of tasks, handed on and refused.
    private async Task PlantInAsksAndTasksAsync(string marker)
    {
        (ApiClient asker, ApiClient asked) = await NewPairAsync();
        string text = Polls.Text(marker), infected = $$"""{"first":"{{marker}}","text":{{Polls.Text(Eicar.Text)}}}""";
        foreach (string kind in (string[])["list", "tally"])
        {
            Guid ask = await asker.AskAsync(NewAsk.Of(asked.Name, kind, kind == "list" ? null : "/said") with { Body = Json.Raw(text) });
            Assert.Equal(marker, (await asked.TakeQuestionAsync(ask)).Body.GetString());
            await asked.ReplyAsync(ask, $$"""{"said":"{{marker}}"}""");
            Assert.Contains(marker, (await asker.TakeCollationAsync(ask)).Result.GetRawText(), StringComparison.Ordinal);
        }
        Guid open = await asker.AskAsync(NewAsk.Of(asked.Name) with { Body = Json.Raw(text) });
        Assert.Equal("quarantined", await asked.ReplyAsync(open, infected));
        await asked.TryReplyAsync(open, text);

        WorkflowInfo flow = await asker.CreateWorkflowAsync("planted",
            NewTask.Of("a", asked) with { Body = Json.Of(marker) }, NewTask.Of("b", asked, "a") with { Body = Json.Of(new { marker }) }, NewTask.Of("c", asked, "b") with { Body = Json.Of(marker) });
        await asked.TryActAsync(flow.IdOf("a"), "complete", new { result = new { marker, text = Eicar.Text } });
        await asked.CompleteAsync(flow.IdOf("a"), marker);
        await asked.FailAsync(flow.IdOf("b"), result: marker);
        Assert.Contains(marker, (await asker.TaskAsync(flow.IdOf("a"))).Result.GetRawText(), StringComparison.Ordinal);
        await asker.TryCreateTaskAsync(new("refused", asked.Name) { Body = Json.Of(new { marker, text = Eicar.Text }) });
    }

    private static void Search(string place, byte[] bytes, Dictionary<string, byte[]> secrets, List<string> found)
    {
        foreach ((string what, byte[] secret) in secrets)
        {
            if (bytes.AsSpan().IndexOf(secret) >= 0)
                found.Add($"{what} in {place}");
        }
    }
}
