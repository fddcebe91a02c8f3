using System.Text;
using System.Text.Json;
using ShitOps.Grains;
using ShitOps.Grains.Journal;
using ShitOps.TestKit.Clamd;

namespace ShitOps.Silo.Tests.Asks;

/// <summary>Asks through all their grains, on a real store: only the HTTP in front is missing.</summary>
public sealed class AskTests(AskCluster cluster) : IClassFixture<AskCluster>
{
    private static string[] Names(JsonElement array, string? of = null) => [.. array.EnumerateArray().Select(e => (of is null ? e : e.GetProperty(of)).GetString()!)];

    [Fact]
    public async Task Everybody_answers_and_the_asker_gets_a_list_in_post_order()
    {
        (AcceptStatus status, Guid ask) = await cluster.AskAsync("a", "all", CollateKind.List);
        Assert.Equal(AcceptStatus.Accepted, status);
        foreach (string team in (string[])["b", "g", "c", "f", "d", "e"])
        {
            (Delivery question, _) = await cluster.NextAsync(team, MessageKind.Ask, ask);
            Assert.Equal(ask, question.Reference);
            Assert.Equal(ReplyStatus.Answered, await cluster.ReplyAsync(ask, team, $"{{\"from\":\"{team}\"}}"));
        }
        (Delivery delivery, JsonElement body) = await cluster.NextAsync("a", MessageKind.Collation, ask);
        Assert.Equal((ask, "a", "application/json"), (delivery.Reference, delivery.From, delivery.ContentType));
        string[] order = Names(body.GetProperty("result"), "team");
        AskView view = (await cluster.Asks.Get(ask))!;
        Assert.Equal(view.Teams, order);
        Assert.Equal((string[])["b"], order[^1..]);
        Assert.Equal(order, body.GetProperty("result").EnumerateArray().Select(e => e.GetProperty("body").GetProperty("from").GetString()));
        Assert.Equal(("complete", 6, 6), (body.GetProperty("state").GetString(), body.GetProperty("asked").GetInt32(), body.GetProperty("answered").GetInt32()));
        Assert.Equal((AskState.Complete, 6, delivery.Id), (view.State, view.Answered, view.Result));
        Assert.NotNull(view.SealedResult);
        Assert.Equal(order, (await cluster.Asks.Replies(ask, null, 10)).Items.Select(r => r.Team));

        string[] told = [.. (await cluster.Asks.Trace(ask)).Value.Select(e => e.Type)];
        Assert.Equal(1, told.Count(t => t == EventTypes.AskOpened));
        Assert.Equal(6, told.Count(t => t == EventTypes.AskReplied));
        Assert.Equal(3, told.Count(t => t == EventTypes.AskCollated));
        Assert.Equal(1, told.Count(t => t == EventTypes.AskCompleted));
    }

    [Fact]
    public async Task At_the_deadline_the_ask_ends_and_names_who_is_missing()
    {
        (_, Guid ask) = await cluster.AskAsync("b", "all", CollateKind.Tally, "/ready", within: TimeSpan.FromSeconds(3));
        Assert.Equal(ReplyStatus.Answered, await cluster.ReplyAsync(ask, "g", """{"ready":true}"""));
        Assert.Equal(ReplyStatus.Answered, await cluster.ReplyAsync(ask, "a", """{"ready":"no"}"""));
        Assert.Equal(ReplyStatus.Answered, await cluster.ReplyAsync(ask, "c", """{"other":1}"""));
        (_, JsonElement body) = await cluster.NextAsync("b", MessageKind.Collation, ask);
        Assert.Equal("partial", body.GetProperty("state").GetString());
        Assert.Equal("""{"no":1,"true":1}""", body.GetProperty("result").GetRawText());
        Assert.Equal(["c"], Names(body.GetProperty("unmatched")));
        Assert.Equal(["d", "e", "f"], Names(body.GetProperty("missing"), "team").Order(StringComparer.Ordinal));
        Assert.All(Names(body.GetProperty("missing"), "reason"), reason => Assert.Equal("no_reply", reason));
        Assert.Equal(ReplyStatus.Ended, await cluster.ReplyAsync(ask, "d", "{}"));
        Assert.Contains((await cluster.Asks.Trace(ask)).Value, e => e.Type == EventTypes.AskPartial && e.Reason == "3 of 6 missing");
    }

    [Fact]
    public async Task A_quorum_ends_the_ask_before_its_deadline()
    {
        Assert.Equal(AcceptStatus.QuorumTooLarge, (await cluster.AskAsync("c", "all", CollateKind.Sum, "/n", quorum: 7)).Status);
        (_, Guid ask) = await cluster.AskAsync("c", "all", CollateKind.Sum, "/n", quorum: 3);
        foreach (string team in (string[])["g", "e", "a"])
            Assert.Equal(ReplyStatus.Answered, await cluster.ReplyAsync(ask, team, """{"n":1.5}"""));
        (_, JsonElement body) = await cluster.NextAsync("c", MessageKind.Collation, ask);
        Assert.Equal(("complete", 3, "4.5"), (body.GetProperty("state").GetString(), body.GetProperty("answered").GetInt32(), body.GetProperty("result").GetRawText()));
        Assert.Equal(ReplyStatus.Ended, await cluster.ReplyAsync(ask, "b", "{}"));
    }

    [Fact]
    public async Task A_reply_counts_once_from_whom_was_asked()
    {
        (_, Guid ask) = await cluster.AskAsync("d", "function:QA", CollateKind.Max, "/n");
        Guid reply = Guid.CreateVersion7();
        Assert.Equal(ReplyStatus.Answered, await cluster.ReplyAsync(ask, "e", """{"n":1}""", reply));
        Assert.Equal(ReplyStatus.Answered, await cluster.ReplyAsync(ask, "e", """{"n":1}""", reply));
        Assert.Equal(ReplyStatus.AlreadyReplied, await cluster.ReplyAsync(ask, "e", """{"n":9}"""));
        Assert.Equal(ReplyStatus.NotAsked, await cluster.ReplyAsync(ask, "a", "{}"));
        Assert.Equal(ReplyStatus.NotAsked, await cluster.ReplyAsync(ask, "d", "{}"));
        Assert.Equal(ReplyStatus.NoSuchAsk, await cluster.ReplyAsync(Guid.CreateVersion7(), "e", "{}"));
        Assert.Equal(ReplyStatus.Answered, await cluster.ReplyAsync(ask, "g", """{"n":-1}"""));
        (_, JsonElement body) = await cluster.NextAsync("d", MessageKind.Collation, ask);
        Assert.Equal(1, body.GetProperty("result").GetInt32());
    }

    [Fact]
    public async Task Malware_in_a_reply_stands_in_quarantine_and_counts_when_released_in_time()
    {
        (_, Guid ask) = await cluster.AskAsync("e", "all", CollateKind.Tally, "/ok");
        Guid bad = Guid.CreateVersion7();
        string malware = JsonSerializer.Serialize(new { note = Eicar.Text, ok = true });
        // g stands alone at the lowest node: its part is passed up before it is released.
        Assert.Equal(ReplyStatus.Quarantined, await cluster.ReplyAsync(ask, "g", malware, bad));
        QuarantineView entry = (await cluster.Grains.GetGrain<IArchiveGrain>(0).QuarantineEntry(bad))!;
        Assert.Equal((ask, "g", "e", "waiting", "infected"), (entry.Ask, entry.From, entry.To, entry.State, entry.Verdict));
        Assert.Equal(DecisionStatus.Done, await cluster.Grains.GetGrain<IQuarantineGrain>(bad).Release("security:test", "known sample"));
        Assert.Equal(DecisionStatus.AlreadyDecided, await cluster.Grains.GetGrain<IQuarantineGrain>(bad).Purge("security:test", "again"));
        foreach (string team in (string[])["a", "b", "c", "d"])
            Assert.Equal(ReplyStatus.Answered, await cluster.ReplyAsync(ask, team, """{"ok":false}"""));
        Guid worse = Guid.CreateVersion7();
        Assert.Equal(ReplyStatus.Quarantined, await cluster.ReplyAsync(ask, "f", malware, worse));
        (_, JsonElement body) = await cluster.NextAsync("e", MessageKind.Collation, ask);
        Assert.Equal("""{"false":4,"true":1}""", body.GetProperty("result").GetRawText());
        AskView view = (await cluster.Asks.Get(ask))!;
        Assert.Equal(AskState.Partial, view.State);
        Assert.Equal([new MissingTeam("f", "quarantined")], view.Missing);
        Assert.Equal(5, view.Answered);
        Assert.Equal(DecisionStatus.Done, await cluster.Grains.GetGrain<IQuarantineGrain>(worse).Purge("security:test", "too late"));
    }

    [Fact]
    public async Task A_reply_that_waits_for_the_scanner_counts_when_it_is_back()
    {
        (_, Guid ask) = await cluster.AskAsync("f", "g", CollateKind.Tally, "");
        cluster.Scanner.Away = true;
        try
        {
            Assert.Equal(ReplyStatus.Held, await cluster.ReplyAsync(ask, "g", "\"later\""));
            Assert.Equal(ReplyStatus.AlreadyReplied, await cluster.ReplyAsync(ask, "g", "\"again\""));
        }
        finally
        {
            cluster.Scanner.Away = false;
        }
        (_, JsonElement body) = await cluster.NextAsync("f", MessageKind.Collation, ask);
        Assert.Equal("""{"later":1}""", body.GetProperty("result").GetRawText());
        string[] told = [.. (await cluster.Asks.Trace(ask)).Value.Select(e => e.Type)];
        Assert.Contains(EventTypes.AskReplyHeld, told);
        Assert.Contains(EventTypes.AskReplied, told);
    }

    [Fact]
    public async Task A_list_that_would_be_too_long_names_the_replies_it_leaves_out()
    {
        (_, Guid ask) = await cluster.AskAsync("g", "all", CollateKind.List);
        string large = JsonSerializer.Serialize(new { text = new string('x', Limits.BodyBytes - 100) });
        foreach (string team in (string[])["a", "b", "c", "d", "e", "f"])
            Assert.Equal(ReplyStatus.Answered, await cluster.ReplyAsync(ask, team, large));
        (_, JsonElement body) = await cluster.NextAsync("g", MessageKind.Collation, ask);
        bool[] omitted = [.. body.GetProperty("result").EnumerateArray().Select(e => e.TryGetProperty("omitted", out _))];
        Assert.Equal(6, omitted.Length);
        Assert.Equal(omitted.Order(), omitted);
        Assert.InRange(omitted.Count(o => o), 2, 4);
        Assert.Equal(Encoding.UTF8.GetByteCount(large), body.GetProperty("result")[5].GetProperty("size").GetInt32());
    }

    [Fact]
    public async Task An_ask_outlives_the_memory_of_its_grains()
    {
        (_, Guid ask) = await cluster.AskAsync("a", "all", CollateKind.Sum, "/n");
        IManagementGrain management = cluster.Grains.GetGrain<IManagementGrain>(0);
        int n = 1;
        foreach (string team in (string[])["g", "b", "d", "f", "c", "e"])
        {
            Assert.Equal(ReplyStatus.Answered, await cluster.ReplyAsync(ask, team, $"{{\"n\":{n}}}"));
            n *= 10;
            await management.ForceActivationCollection(TimeSpan.Zero);
        }
        (_, JsonElement body) = await cluster.NextAsync("a", MessageKind.Collation, ask);
        Assert.Equal(111_111, body.GetProperty("result").GetInt32());
    }

    [Fact]
    public async Task A_list_with_a_released_reply_reaches_the_asker_without_it()
    {
        (_, Guid ask) = await cluster.AskAsync("f", "function:QA", CollateKind.List);
        Guid bad = Guid.CreateVersion7();
        Assert.Equal(ReplyStatus.Quarantined, await cluster.ReplyAsync(ask, "g", JsonSerializer.Serialize(new { note = Eicar.Text }), bad));
        Assert.Equal(DecisionStatus.Done, await cluster.Grains.GetGrain<IQuarantineGrain>(bad).Release("security:test", "known sample"));
        Assert.Contains((await cluster.Asks.Trace(ask)).Value, e => e.Type == EventTypes.QuarantineReleased && e.Actor == "security:test");
        Assert.Equal(ReplyStatus.Answered, await cluster.ReplyAsync(ask, "e", "1"));
        (_, JsonElement body) = await cluster.NextAsync("f", MessageKind.Collation, ask);
        Assert.Equal("complete", body.GetProperty("state").GetString());
        Assert.Contains(body.GetProperty("result").EnumerateArray(), e => e.GetProperty("team").GetString() == "g" && e.TryGetProperty("omitted", out _));
        Assert.Equal(["e", "g"], (await cluster.Asks.Replies(ask, null, 10)).Items.Select(r => r.Team).Order(StringComparer.Ordinal));
    }
}
