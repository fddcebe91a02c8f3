using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using ShitOps.Client.Tests.World;
using ShitOps.TestKit.Clamd;

namespace ShitOps.Client.Tests.Library;

/// <summary>The client against a real process.</summary>
[Collection(nameof(Shared))]
public sealed class LiveTests(Installation installation)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_message_goes_there_is_received_and_acknowledged()
    {
        TestTeam from = await installation.TeamAsync("from"), to = await installation.TeamAsync("to");
        Attachment attachment = await from.Client.AttachAsync("log"u8.ToArray(), "text/plain");
        Accepted accepted = await from.Client.SendAsync(NewMessage.Json(to.Name, """{"ready":true}""") with { Subject = "build 812", CorrelationId = "b", Attachments = [attachment.Id] });
        Delivery delivery = Assert.Single(await to.Client.LeaseAsync());
        Assert.Equal((accepted.Id, "message", from.Name, "build 812", "b"), (delivery.Message.Id, delivery.Message.Kind, delivery.Message.From, delivery.Message.Subject, delivery.Message.CorrelationId));
        Assert.True(delivery.Message.Body.GetProperty("ready").GetBoolean());
        Assert.Equal("log", Encoding.UTF8.GetString(await to.Client.GetAttachmentAsync(delivery.Message.Attachments.Single())));
        Assert.Equal(1, (await to.Client.ExtendAsync([delivery.DeliveryId], TimeSpan.FromMinutes(5))).Extended);
        Assert.Equal(1, (await to.Client.AckAsync([delivery.DeliveryId])).Acknowledged);
        MessageInfo message = await from.Client.GetMessageAsync(accepted.Id);
        Assert.Equal("acknowledged", message.State);
        Assert.Equal(to.Name, Assert.Single(message.Deliveries).Team);
        IReadOnlyList<JournalEvent> trace = await from.Client.TraceMessageAsync(accepted.Id);
        Assert.Equal(("message.accepted", "message.acknowledged"), (trace[0].Type, trace[^1].Type));
    }

    [Fact]
    public async Task A_message_sent_twice_with_one_key_is_one()
    {
        TestTeam from = await installation.TeamAsync(), to = await installation.TeamAsync();
        NewMessage message = NewMessage.Text(to.Name, "once") with { IdempotencyKey = "k-1" };
        Assert.Equal((await from.Client.SendAsync(message)).Id, (await from.Client.SendAsync(message)).Id);
    }

    [Fact]
    public async Task Waiting_for_a_message_tells_that_it_stands_in_quarantine_and_security_releases_it()
    {
        TestTeam from = await installation.TeamAsync(), to = await installation.TeamAsync();
        MessageInfo infected = await from.Client.SendAndWaitAsync(new NewMessage(to.Name) { Bytes = Eicar.Plain }, TimeSpan.FromSeconds(10));
        Assert.Equal("quarantined", infected.State);
        QuarantineEntry entry = await installation.Operator.GetQuarantineAsync("waiting").FirstAsync(e => e.Message == infected.Id);
        Assert.Equal("released", (await installation.Security.ReleaseAsync(entry.Id, "a test file")).State);
        Assert.Equal(Eicar.Plain, Assert.Single(await to.Client.LeaseAsync()).Message.Bytes);
        Assert.Equal("already_decided", (await Assert.ThrowsAsync<ShitOpsException>(() => installation.Security.PurgeAsync(entry.Id, "late"))).Code);
    }

    [Fact]
    public async Task More_messages_than_a_request_takes_arrive_once_each()
    {
        const int Many = 2_345;
        TestTeam from = await installation.TeamAsync(), to = await installation.TeamAsync();
        List<BulkResult> results = await from.Client.SendManyAsync(
            Enumerable.Range(0, Many).Select(n => NewMessage.Text(n == 7 ? "nobody-at-all" : to.Name, $"{n}"))).ToListAsync();
        Assert.Equal(Many, results.Count);
        Assert.Equal(422, Assert.Single(results, r => !r.IsAccepted).Problem!.Status);
        var seen = new HashSet<string>();
        using var stop = new CancellationTokenSource(Limit);
        while (seen.Count < Many - 1)
        {
            IReadOnlyList<Delivery> leased = await to.Client.LeaseAsync(1000, stop: stop.Token);
            Assert.All(leased, d => Assert.True(seen.Add(d.Message.Body.GetString()!)));
            if (leased.Count > 0)
                await to.Client.AckAsync([.. leased.Select(d => d.DeliveryId)], stop.Token);
        }
    }

    [Fact]
    public async Task The_loop_acknowledges_what_was_handled_and_gives_back_what_failed()
    {
        TestTeam from = await installation.TeamAsync(), to = await installation.TeamAsync();
        await from.Client.SendManyAsync(Enumerable.Range(0, 5).Select(n => NewMessage.Text(to.Name, $"{n}"))).ToListAsync();
        var handled = new ConcurrentQueue<(string Body, int Attempt)>();
        var failures = new ConcurrentQueue<Exception>();
        using var stop = new CancellationTokenSource(Limit);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => to.Client.ReceiveAsync(
            async (delivery, _) =>
            {
                if (delivery.Message.Body.GetString() == "3" && delivery.Attempt == 1)
                    throw new InvalidOperationException("not yet");
                handled.Enqueue((delivery.Message.Body.GetString()!, delivery.Attempt));
                if (handled.Count == 5)
                    await stop.CancelAsync();
            },
            new() { NackDelay = TimeSpan.Zero, OnFailure = (_, error) => failures.Enqueue(error) }, stop.Token));
        Assert.Equal([("0", 1), ("1", 1), ("2", 1), ("3", 2), ("4", 1)], handled.Order());
        Assert.Equal("not yet", Assert.Single(failures).Message);
        Assert.Empty(await to.Client.LeaseAsync(wait: TimeSpan.Zero));
        Assert.Empty((await to.Client.GetOpenEndsAsync(to.Name)).Messages.Items);
    }

    [Fact]
    public async Task What_takes_longer_than_its_lease_stays_ours_and_what_was_not_begun_is_given_back()
    {
        TestTeam from = await installation.TeamAsync(), to = await installation.TeamAsync();
        await from.Client.SendManyAsync([NewMessage.Text(to.Name, "slow"), NewMessage.Text(to.Name, "next")]).ToListAsync();
        using var stop = new CancellationTokenSource(Limit);
        int calls = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => to.Client.ReceiveAsync(
            async (delivery, until) =>
            {
                calls++;
                // Leased for 5 s, and nobody else gets it in 8.
                Assert.Empty(await to.Client.LeaseAsync(wait: TimeSpan.FromSeconds(8), stop: until));
                await stop.CancelAsync();
            },
            new() { Lease = TimeSpan.FromSeconds(5), Max = 10 }, stop.Token));
        Assert.Equal(1, calls);
        Assert.Equal("next", Assert.Single(await to.Client.LeaseAsync(wait: TimeSpan.FromSeconds(5))).Message.Body.GetString());
    }

    [Fact]
    public async Task A_stream_shows_what_comes_while_it_is_open()
    {
        TestTeam from = await installation.TeamAsync(), to = await installation.TeamAsync();
        using var stop = new CancellationTokenSource(Limit);
        var seen = new List<string>();
        await from.Client.SendAsync(NewMessage.Text(to.Name, "0"));
        await foreach (Delivery delivery in to.Client.StreamAsync(stop: stop.Token))
        {
            seen.Add(delivery.Message.Body.GetString()!);
            await to.Client.AckAsync([delivery.DeliveryId], stop.Token);
            if (seen.Count == 3)
                break;
            await from.Client.SendAsync(NewMessage.Text(to.Name, $"{seen.Count}"), stop: stop.Token);
        }
        Assert.Equal(["0", "1", "2"], seen);
    }

    [Fact]
    public async Task An_ask_is_answered_and_collated()
    {
        string function = "f" + Guid.NewGuid().ToString("N")[..8];
        TestTeam asker = await installation.TeamAsync("asker"), a = await installation.TeamAsync("a", function), b = await installation.TeamAsync("b", function);
        Accepted ask = await asker.Client.AskAsync(new("function:" + function, TimeProvider.System.GetUtcNow().AddHours(1))
        {
            Body = JsonSerializer.SerializeToElement("ready?"),
            Collate = new("tally", "/ready"),
        });
        foreach (TestTeam team in (TestTeam[])[a, b])
        {
            Delivery question = Assert.Single(await team.Client.LeaseAsync());
            Assert.Equal(("ask", ask.Id), (question.Message.Kind, question.Message.Ask!.Value));
            Assert.Equal("answered", (await team.Client.ReplyAsync(ask.Id, NewReply.Json("""{"ready":"yes"}"""))).State);
        }
        // All have answered: it has ended, or is about to.
        Assert.Contains((await Assert.ThrowsAsync<ShitOpsException>(() => a.Client.ReplyAsync(ask.Id, NewReply.Json("1")))).Status, (int[])[409, 410]);
        Assert.Equal("collation", Assert.Single(await asker.Client.LeaseAsync()).Message.Kind);
        AskInfo info = await asker.Client.GetAskAsync(ask.Id);
        Assert.Equal(("complete", 2, 2), (info.State, info.Answered, info.Result.GetProperty("yes").GetInt32()));
        Assert.Equal(new[] { a.Name, b.Name }.Order(), (await asker.Client.GetRepliesAsync(ask.Id).ToListAsync()).Select(r => r.Team).Order());
        Assert.NotEmpty(await asker.Client.TraceAskAsync(ask.Id));
    }

    [Fact]
    public async Task A_workflow_is_worked_off()
    {
        TestTeam lead = await installation.TeamAsync("lead"), dev = await installation.TeamAsync("dev");
        WorkflowInfo flow = await lead.Client.CreateWorkflowAsync(new("release", [new("build", dev.Name) { Key = "build" }, new("test", dev.Name) { Key = "test", DependsOn = ["build"] }]));
        Assert.Equal(["ready", "blocked"], flow.Tasks.Select(t => t.State));
        await dev.Client.StartTaskAsync(flow.Ids["build"]);
        await dev.Client.CompleteTaskAsync(flow.Ids["build"], JsonSerializer.SerializeToElement("812"));
        Assert.Equal("failed", (await dev.Client.FailTaskAsync(flow.Ids["test"], "red")).State);
        Assert.Equal((1, 1), ((await lead.Client.GetWorkflowAsync(flow.Id)).Progress.Done, (await lead.Client.GetWorkflowAsync(flow.Id)).Progress.Failed));
        Assert.Equal("812", (await lead.Client.GetTaskAsync(flow.Ids["build"])).Result.GetString());
        TaskInfo single = await lead.Client.CreateTaskAsync(new("look", dev.Name));
        Assert.Equal(lead.Name, (await lead.Client.ReassignTaskAsync(single.Id, lead.Name)).Assignee);
        Assert.Equal("cancelled", (await lead.Client.CancelTaskAsync(single.Id, "no need")).State);
        Assert.Equal(3, await lead.Client.GetTasksAsync().CountAsync());
        Assert.Single(await dev.Client.GetTasksAsync(new(State: "failed", Workflow: flow.Id)).ToListAsync());
        ShitOpsException refused = await Assert.ThrowsAsync<ShitOpsException>(() => lead.Client.CreateWorkflowAsync(new("round", [new("a", dev.Name) { Key = "a", DependsOn = ["a"] }])));
        Assert.Equal(422, refused.Status);
        Assert.NotEmpty(refused.Faults);
    }

    [Fact]
    public async Task An_operator_sees_teams_tree_nodes_journal_and_dead_letters()
    {
        TestTeam from = await installation.TeamAsync("from"), to = await installation.TeamAsync("gone");
        ShitOpsClient admin = installation.Operator;
        Assert.Contains(await admin.GetTeamsAsync().ToListAsync(), team => team.Name == from.Name);
        CreatedKey more = await admin.AddTeamKeyAsync(to.Name);
        Assert.Equal(2, (await admin.GetTeamAsync(to.Name)).Keys.Count);
        await admin.RevokeTeamKeyAsync(to.Name, more.KeyId);
        Assert.Equal(401, (await Assert.ThrowsAsync<ShitOpsException>(() => admin.As(more.Key).LeaseAsync(wait: TimeSpan.Zero))).Status);
        Assert.Null((await admin.PutTeamAsync(to.Name, "Other")).Key);
        Client.Tree tree = await admin.GetTreeAsync();
        Assert.Contains(tree.Nodes, node => node.Teams.Contains(to.Name));
        Assert.Equal(tree.Nodes.Count, await admin.GetNodesAsync().CountAsync());
        Assert.Equal(0, (await admin.GetNodeAsync(0)).Index);
        MessageInfo message = await from.Client.SendAndWaitAsync(NewMessage.Text(to.Name, "x"), TimeSpan.FromSeconds(10));
        await admin.RemoveTeamAsync(to.Name, force: true);
        DeadLetterGroup group = Assert.Single(await admin.GetDeadLettersAsync(to.Name));
        Assert.Equal(message.Id, Assert.Single(group.Items).Message);
        Assert.Equal(0, await admin.DiscardAsync(DeadLetterChoice.Because(group.Reason, from.Name)));
        Assert.Equal(1, await admin.DiscardAsync(DeadLetterChoice.Because(group.Reason, to.Name)));
        Assert.NotEmpty(await admin.GetEventsAsync("message.*", to.Name).ToListAsync());
        Assert.Contains("# EOF", await admin.GetMetricsAsync(), StringComparison.Ordinal);
        Readiness ready = await admin.GetReadinessAsync();
        Assert.Equal(("degraded", 1), (ready.Status, ready.Reasons.Count(reason => reason.Contains("built-in scanner", StringComparison.Ordinal))));
        await admin.CheckLiveAsync();
    }

    [Fact]
    public async Task An_injected_HttpClient_is_used_and_left_alone()
    {
        TestTeam from = await installation.TeamAsync(), to = await installation.TeamAsync();
        using var http = new HttpClient { BaseAddress = installation.Address };
        using (var client = new ShitOpsClient(http, new() { Key = from.Key }))
        {
            Accepted accepted = await client.SendAsync(NewMessage.Text(to.Name, "x") with { DeliverAt = TimeProvider.System.GetUtcNow().AddHours(1) });
            Assert.Equal("cancelled", (await client.CancelMessageAsync(accepted.Id)).State);
        }
        using var again = new ShitOpsClient(http, new() { Key = to.Key });
        Assert.Empty(await again.LeaseAsync(wait: TimeSpan.Zero));
    }
}
