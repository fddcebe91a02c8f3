using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ShitOps.System.Tests.Fixtures;

namespace ShitOps.System.Tests;

/// <summary>The embedded default: one process, SQLite, the built-in scanner.</summary>
public sealed partial class StandaloneTests(ITestOutputHelper output)
{
    [Fact]
    public async Task The_demo_starts_from_nothing_and_tells_what_became_of_two_messages_an_ask_and_a_workflow()
    {
        var clock = Stopwatch.StartNew();
        await using StandaloneProcess standalone = await StandaloneProcess.StartAsync(demo: true);
        TimeSpan ready = clock.Elapsed;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ready after {ready.TotalSeconds:0.0} s"));
        await Eventually.UntilAsync(
            () => Task.FromResult(standalone.Program.Output),
            text => Arrived().IsMatch(text) && Quarantined().IsMatch(text) && Counted().IsMatch(text) && Released().IsMatch(text) && Link().IsMatch(text),
            TimeSpan.FromSeconds(30), "the demo tells what happened to both messages, the ask and the workflow");
        // What it tells is so.
        QuarantineEntry entry = Assert.Single(await standalone.Security.QuarantineAsync());
        Assert.Equal("infected", entry.Verdict);
        Assert.Equal(4, (await standalone.Operator.AllAsync("/v1/teams")).Count);
        Assert.Equal(["done", "done", "done", "done"], (await standalone.Operator.AllAsync("/v1/tasks")).Select(task => task.Text("state")!));
        using HttpClient browser = ApiClient.Connect(standalone.Program.Address!);
        Assert.True((await browser.GetAsync(Link().Match(standalone.Program.Output).Groups[1].Value)).IsSuccessStatusCode, "what it shows is there");
        // And it keeps serving.
        (ApiClient team, _) = await standalone.Operator.CreateTeamAsync("late");
        Assert.Empty(await team.LeaseAsync(wait: 0));
    }

    [Fact]
    public async Task Messages_outlive_a_crash_and_the_infected_are_found_without_clamd()
    {
        await using StandaloneProcess standalone = await StandaloneProcess.StartAsync();
        (ApiClient sender, _) = await standalone.Operator.CreateTeamAsync("sender");
        (ApiClient recipient, _) = await standalone.Operator.CreateTeamAsync("recipient");
        BulkResult[] accepted = await sender.SendBulkAsync(Enumerable.Range(0, 200).Select(n => NewMessage.Of(recipient.Name, n) with { OrderingKey = "k" }));
        Accepted[] infected =
        [
            await sender.SendAsync(new NewMessage(recipient.Name) { Bytes = Eicar.Plain }),
            await sender.SendAsync(NewMessage.Of(recipient.Name, new { field = Eicar.Text })),
            await sender.SendAsync(NewMessage.Of(recipient.Name, new { file = Convert.ToBase64String(Eicar.Plain) })),
        ];
        foreach (Accepted bad in infected)
            await sender.UntilStateAsync(bad.Id, "quarantined");
        await standalone.Program.StopAsync(Signals.Kill);
        await standalone.Program.RestartAsync();
        List<Delivery> received = await recipient.ReceiveAsync(200);
        Assert.Equal(accepted.Select(r => r.Id!.Value), received.Select(d => d.Message.Id));
        Assert.Empty(await recipient.LeaseAsync(wait: 1));
    }

    [Fact]
    public async Task At_the_most_talkative_level_no_body_and_no_key_is_logged()
    {
        Dictionary<string, string> talkative = new[] { "Default", "Override__Microsoft", "Override__System", "Override__Orleans", "Override__Polly" }
            .ToDictionary(part => $"Serilog__MinimumLevel__{part}", _ => "Verbose");
        await using StandaloneProcess standalone = await StandaloneProcess.StartAsync(more: talkative);
        (ApiClient sender, _) = await standalone.Operator.CreateTeamAsync("sender");
        (ApiClient recipient, _) = await standalone.Operator.CreateTeamAsync("recipient");
        string marker = "Planted" + Guid.NewGuid().ToString("N");
        ApiAnswer hook = await sender.CallAsync(HttpMethod.Put, "/v1/teams/sender/webhook", ApiClient.JsonContent(new { url = "https://hooks.invalid/" }));
        await sender.SendAsync(NewMessage.Text("recipient", marker), wait: 10);
        await sender.SendAsync(NewMessage.Of("recipient", new { marker, text = Eicar.Text }), wait: 10);
        await sender.PostRawAsync("/v1/messages", Encoding.UTF8.GetBytes($$"""{"to":"recipient","body":"{{marker}}" """), "application/json");
        Assert.Single(await recipient.ReceiveAsync(1));
        Guid ask = await recipient.AskAsync(NewAsk.Of("sender") with { Body = Json.Of(marker) });
        await sender.ReplyAsync(ask, $$"""{"said":"{{marker}}"}""");
        await recipient.TakeCollationAsync(ask);

        // Debug speaks of what succeeded: then the level is on, and the search finds what is there.
        string log = await Eventually.UntilAsync(
            () => Task.FromResult(standalone.Program.Output), text => text.Contains("/v1/inbox/ack", StringComparison.Ordinal), TimeSpan.FromSeconds(20), "requests are logged");
        string secret = hook.Json.Text("secret")!["whsec_".Length..];
        string[] secrets =
        [
            marker, Convert.ToBase64String(Encoding.ASCII.GetBytes(marker[..36])), Convert.ToHexString(Encoding.ASCII.GetBytes(marker)), secret,
            Convert.ToHexString(Convert.FromBase64String(secret)), sender.Key!, recipient.Key!, standalone.OperatorKey, standalone.SecurityKey,
        ];
        Assert.All(secrets, text => Assert.False(log.Contains(text, StringComparison.OrdinalIgnoreCase), Around(log, text)));
    }

    private static string Around(string log, string text) => log.IndexOf(text, StringComparison.OrdinalIgnoreCase) is var at and >= 0
        ? log[Math.Max(0, at - 300)..Math.Min(log.Length, at + 100)] : "";

    [Fact]
    public async Task A_full_hub_says_429_and_takes_more_once_there_is_room()
    {
        await using StandaloneProcess standalone = await StandaloneProcess.StartAsync(more: new() { ["Hub__OutboxCapacity"] = "5" });
        (ApiClient sender, _) = await standalone.Operator.CreateTeamAsync("sender");
        (ApiClient recipient, _) = await standalone.Operator.CreateTeamAsync("recipient");
        NewMessage later = NewMessage.Of(recipient.Name, 1) with { DeliverAt = TimeProvider.System.GetUtcNow().AddHours(1) };
        BulkResult[] results = await sender.SendBulkAsync(Enumerable.Repeat(later, 7));
        Assert.All(results[..5], r => Assert.NotNull(r.Id));
        Assert.All(results[5..], r => Assert.Equal((429, "hub_full"), (r.Problem!.Status, r.Problem.Code)));
        ApiAnswer full = await sender.TrySendAsync(later);
        Assert.Equal(429, full.Status);
        Assert.NotNull(full.RetryAfter);
        await sender.CancelAsync(results[0].Id!.Value);
        await sender.SendAsync(later);
    }

    [Fact]
    public async Task Asks_and_workflows_outlive_a_crash()
    {
        await using StandaloneProcess standalone = await StandaloneProcess.StartAsync();
        (ApiClient asker, _) = await standalone.Operator.CreateTeamAsync("asker");
        var teams = new ApiClient[4];
        for (int i = 0; i < teams.Length; i++)
            (teams[i], _) = await standalone.Operator.CreateTeamAsync($"team-{i}");
        int[] inOrder = [.. (await TreePicture.TakeAsync(standalone.Operator)).PostOrder(name => name != "asker").Select(name => name[^1] - '0')];
        (string Kind, Guid Ask)[] asks =
        [
            ("list", await asker.AskAsync(NewAsk.Of("all"))), ("tally", await asker.AskAsync(NewAsk.Of("all", "tally", Polls.ByReady))),
            ("sum", await asker.AskAsync(NewAsk.Of("all", "sum", Polls.ByCount))),
        ];
        Guid late = await asker.AskAsync(NewAsk.Open("all", TimeSpan.FromSeconds(5)));
        WorkflowInfo flow = await asker.CreateWorkflowAsync("w", NewTask.Of("a", teams[0]), NewTask.Of("b", teams[1], "a"), NewTask.Of("c", teams[1], "b"));
        foreach (int half in (int[])[0, 2])
        {
            foreach ((_, Guid ask) in asks)
                await Task.WhenAll(teams[half..(half + 2)].Select(team => team.ReplyAsync(ask, Polls.Reply(Array.IndexOf(teams, team)))));
            if (half == 2)
                break;
            await teams[0].CompleteAsync(flow.IdOf("a"), "handed on");
            await standalone.Program.StopAsync(Signals.Kill);
            await standalone.Program.RestartAsync();
        }
        List<Delivery> collations = await asker.ReceiveAsync(4);
        foreach ((string kind, Guid ask) in asks)
        {
            Collation collation = Assert.Single(collations, d => d.Message.Ask == ask).Message.Body.Deserialize<Collation>(JsonSerializerOptions.Web)!;
            Assert.Equal("complete", collation.State);
            Polls.Check(collation, kind, inOrder, n => teams[n].Name);
        }
        Assert.Equal(("partial", 0, 4), ((await asker.AskInfoAsync(late)).State, (await asker.AskInfoAsync(late)).Answered, (await asker.AskInfoAsync(late)).Missing.Count));

        // The questions stand before it; that of the ask that has ended has expired, unless it was delivered before.
        InboxMessage ready = (await teams[1].ReceiveAsync(1))[0].Message;
        while (ready.Kind == "ask")
            ready = (await teams[1].ReceiveAsync(1))[0].Message;
        Assert.Equal((flow.IdOf("b"), "handed on"), (ready.Task, ready.Body.GetProperty("results")[0].Text("result")));
        await teams[1].FailAsync(flow.IdOf("b"));
        Assert.Equal(["done", "failed", "failed"], (await asker.WorkflowAsync(flow.Id)).Tasks.Select(task => task.State));
    }

    [Fact]
    public async Task Its_files_hold_no_plain_body()
    {
        await using StandaloneProcess standalone = await StandaloneProcess.StartAsync();
        (ApiClient sender, _) = await standalone.Operator.CreateTeamAsync("sender");
        (ApiClient recipient, _) = await standalone.Operator.CreateTeamAsync("recipient");
        byte[] marker = Encoding.ASCII.GetBytes("Planted" + Guid.NewGuid().ToString("N")), visible = Encoding.ASCII.GetBytes("visible-subject-of-it");
        await sender.SendAsync(new NewMessage(recipient.Name) { Bytes = marker, Subject = Encoding.ASCII.GetString(visible) }, wait: 10);
        Assert.Single(await recipient.ReceiveAsync(1));
        await standalone.Program.StopAsync();
        byte[][] files = [.. Directory.EnumerateFiles(standalone.DataPath, "*", SearchOption.AllDirectories).Select(File.ReadAllBytes)];
        Assert.Contains(files, file => file.AsSpan().IndexOf(visible) >= 0);
        Assert.DoesNotContain(files, file => file.AsSpan().IndexOf(marker) >= 0);
        Assert.DoesNotContain(Encoding.ASCII.GetString(marker), standalone.Program.Output, StringComparison.Ordinal);
    }

    [GeneratedRegex("clean.*(arrive|deliver|acknowledge|received)", RegexOptions.IgnoreCase)]
    private static partial Regex Arrived();

    [GeneratedRegex("infected.*quarantine", RegexOptions.IgnoreCase)]
    private static partial Regex Quarantined();

    [GeneratedRegex("""ask .*complete, 3 of 3 answered.*"yes":2""")]
    private static partial Regex Counted();

    [GeneratedRegex("workflow .*build done, test done, scan done, ship done")]
    private static partial Regex Released();

    [GeneratedRegex("look around: ([^ ,]+)")]
    private static partial Regex Link();
}
