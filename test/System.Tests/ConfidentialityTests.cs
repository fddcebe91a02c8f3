using System.Text;
using System.Text.Json;
using ShitOps.System.Tests.Fixtures;

namespace ShitOps.System.Tests;

/// <summary>Those who run the system do not read what it carries, by whatever route.</summary>
public sealed class ConfidentialityTests(SharedCluster source, ITestOutputHelper output) : ClusterTest(source, output)
{
    [Fact]
    public async Task No_route_that_an_operator_or_security_may_read_holds_a_body()
    {
        (ApiClient sender, ApiClient recipient) = await NewPairAsync();
        string marker = "Confidential" + Guid.NewGuid().ToString("N"), subject = NewName("subject");
        Attachment attachment = await sender.AttachAsync(Encoding.ASCII.GetBytes(marker));
        MessageInfo sent = await sender.SendAsync(NewMessage.Text(recipient.Name, marker) with { Subject = subject, Attachments = [attachment.Id] }, wait: 10);
        Accepted infected = await sender.SendAsync(NewMessage.Of(recipient.Name, new { marker, text = Eicar.Text }));
        await sender.UntilStateAsync(infected.Id, "quarantined");
        ApiClient asked = await NewTeamAsync("asked");
        Guid ask = await sender.AskAsync(NewAsk.Of(asked.Name) with { Body = Json.Of(marker) });
        await asked.TakeQuestionAsync(ask);
        await asked.ReplyAsync(ask, $$"""{"said":"{{marker}}"}""");
        await sender.TakeCollationAsync(ask);
        WorkflowInfo flow = await sender.CreateWorkflowAsync("flow", NewTask.Of("a", recipient) with { Body = Json.Of(marker) }, NewTask.Of("b", recipient, "a") with { Body = Json.Of(marker) });
        await recipient.CompleteAsync(flow.IdOf("a"), marker);
        QuarantineEntry entry = (await Security.QuarantineAsync()).First(e => e.From == sender.Name);

        // Every GET of the API as it describes itself, with what there is put in.
        Dictionary<string, string> ids = new()
        {
            ["/v1/messages"] = sent.Id.ToString(),
            ["/v1/asks"] = ask.ToString(),
            ["/v1/tasks"] = flow.IdOf("a").ToString(),
            ["/v1/workflows"] = flow.Id.ToString(),
            ["/v1/quarantine"] = entry.Id.ToString(),
            ["/v1/attachments"] = attachment.Id.ToString(),
            ["/v1/teams"] = recipient.Name,
            ["/v1/nodes"] = "0",
        };
        string[] paths =
        [
            .. JsonElement.Parse((await Anonymous.GetAsync("/openapi/v1.json")).Bytes).GetProperty("paths").EnumerateObject()
                .Where(p => p.Value.TryGetProperty("get", out _) && !p.Name.EndsWith("/stream", StringComparison.Ordinal))
                .Select(p => ids.Aggregate(p.Name, (path, id) => path.StartsWith(id.Key + "/{", StringComparison.Ordinal) ? $"{id.Key}/{id.Value}{Behind(path)}" : path)),
        ];
        Assert.True(paths.Length > 15, string.Join(' ', paths));
        Assert.DoesNotContain(paths, path => path.Contains('{', StringComparison.Ordinal));
        var found = new List<string>();
        bool seesSubject = false;
        foreach (string path in paths)
        {
            foreach (ApiClient caller in new[] { Operator, Security })
            {
                ApiAnswer answer = await caller.GetAsync(path);
                seesSubject |= answer.Text.Contains(subject, StringComparison.Ordinal);
                if (Forms(marker).Any(form => answer.Text.Contains(form, StringComparison.OrdinalIgnoreCase)))
                    found.Add($"{path} as {caller.Name}");
            }
        }
        Assert.Empty(found);
        Assert.True(seesSubject, "not even the subject was seen: the search would find nothing");
        // The team itself reads it.
        Assert.Contains(await recipient.LeaseAsync(wait: 10), d => d.Message.Id == sent.Id && d.Message.Body.GetString() == marker);
    }

    /// <summary>What follows the placeholder.</summary>
    private static string Behind(string path) => path[(path.IndexOf('}', StringComparison.Ordinal) + 1)..];

    private static string[] Forms(string marker) =>
        [marker, Convert.ToBase64String(Encoding.ASCII.GetBytes(marker[..36])), Convert.ToHexString(Encoding.ASCII.GetBytes(marker))];
}
