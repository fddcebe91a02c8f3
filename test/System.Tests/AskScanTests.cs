using ShitOps.System.Tests.Fixtures;

namespace ShitOps.System.Tests;

/// <summary>Replies and questions are scanned like messages; what is not clean counts for nothing.</summary>
public sealed class AskScanTests(SharedCluster source, ITestOutputHelper output) : AskTest(source, output)
{
    private static readonly string Infected = Polls.Text(Eicar.Text);

    [Fact]
    public async Task An_infected_reply_is_in_quarantine_and_its_team_is_missing_for_that_reason()
    {
        (ApiClient asker, string to, ApiClient[] asked) = await NewPollAsync(3);
        Guid ask = await asker.AskAsync(NewAsk.Open(to, TimeSpan.FromSeconds(5)));
        Assert.Equal("quarantined", await asked[1].ReplyAsync(ask, Infected));
        QuarantineEntry entry = Assert.Single(await Security.QuarantineAsync(), e => e.Ask == ask);
        Assert.Equal((asked[1].Name, "infected", "waiting"), (entry.From, entry.Verdict, entry.State));
        Assert.Contains("eicar", entry.Signature, StringComparison.OrdinalIgnoreCase);
        Assert.Null((await asked[1].TryReplyAsync(ask, "\"clean now\"")).NotAProblem(409));
        await asked[0].ReplyAsync(ask, "0");

        Collation collation = await asker.TakeCollationAsync(ask);
        Assert.Equal((1, "partial"), (collation.Answered, collation.State));
        Assert.Equal([asked[0].Name], collation.Teams);
        Assert.Equal(
            [(asked[1].Name, "quarantined"), (asked[2].Name, "no_reply")], collation.Missing.Select(m => (m.Team, m.Reason)).OrderByDescending(m => m.Reason));
        JournalEvent told = Assert.Single(await asker.AskTraceAsync(ask), e => e.Type == "ask.reply_quarantined");
        Assert.Equal((asked[1].Name, "infected"), (told.Team, told.Verdict));
    }

    [Fact]
    public async Task A_reply_that_is_released_before_the_end_counts()
    {
        (ApiClient asker, string to, ApiClient[] asked) = await NewPollAsync(3);
        Guid ask = await asker.AskAsync(NewAsk.Of(to));
        Assert.Equal("quarantined", await asked[0].ReplyAsync(ask, Infected));
        Assert.Equal("quarantined", await asked[1].ReplyAsync(ask, Infected));
        QuarantineEntry[] entries = [.. (await Security.QuarantineAsync()).Where(e => e.Ask == ask)];
        Assert.Equal(Names(asked[..2]), entries.Select(e => e.From).Order(StringComparer.Ordinal));
        Assert.InRange((await Security.ReleaseAsync(entries.Single(e => e.From == asked[0].Name).Id, "a known test file")).Status, 200, 204);
        Assert.InRange((await Security.PurgeAsync(entries.Single(e => e.From == asked[1].Name).Id, "malware")).Status, 200, 204);
        await asked[2].ReplyAsync(ask, "2");

        Collation collation = await asker.TakeCollationAsync(ask);
        Assert.Equal(2, collation.Answered);
        AssertMissing(collation.Missing, "quarantined", asked[1..2]);
        // In the collation it would be found again: it is read on its own.
        Assert.True(collation.Result.EnumerateArray().Single(item => item.Text("team") == asked[0].Name).GetProperty("omitted").GetBoolean());
        Assert.Equal(Names([asked[0], asked[2]]), collation.Teams.Order(StringComparer.Ordinal));
        Assert.Equal(Eicar.Text, (await asker.RepliesAsync(ask)).Single(item => item.Text("team") == asked[0].Name).Text("body"));
        Assert.Contains(await Operator.EventsAsync("quarantine.released"), e => e.From == asked[0].Name || e.Team == asked[0].Name);
    }

    [Fact]
    public async Task A_decision_after_the_end_is_recorded_and_changes_no_result()
    {
        (ApiClient asker, string to, ApiClient[] asked) = await NewPollAsync(2);
        Guid ask = await asker.AskAsync(NewAsk.Open(to, TimeSpan.FromSeconds(3)));
        await asked[0].ReplyAsync(ask, Infected);
        Collation collation = await asker.TakeCollationAsync(ask);
        QuarantineEntry entry = Assert.Single(await Security.QuarantineAsync(), e => e.Ask == ask);
        Assert.InRange((await Security.ReleaseAsync(entry.Id, "too late to count")).Status, 200, 204);
        Assert.Equal("released", (await Security.GetAsync($"/v1/quarantine/{entry.Id}")).Json.Text("state"));
        Assert.Equal(0, collation.Answered);
        Assert.Equal(0, (await asker.AskInfoAsync(ask)).Answered);
        await AssertEmptyAsync(asker);
    }

    [Fact]
    public async Task An_infected_question_is_in_quarantine_and_its_ask_ends_with_all_missing()
    {
        (ApiClient asker, string to, ApiClient[] asked) = await NewPollAsync(2);
        Guid ask = await asker.AskAsync(NewAsk.Open(to, TimeSpan.FromSeconds(4)) with { Body = Json.Raw(Infected) });
        QuarantineEntry entry = await Eventually.UntilAsync(
            async () => (await Security.QuarantineAsync()).SingleOrDefault(e => e.Message == ask), found => found is not null,
            TimeSpan.FromSeconds(10), "the question is in quarantine") ?? throw new InvalidOperationException();
        Assert.Equal(asker.Name, entry.From);
        Collation collation = await asker.TakeCollationAsync(ask);
        Assert.Equal(("partial", 0), (collation.State, collation.Answered));
        AssertMissing(collation.Missing, "no_reply", asked);
        foreach (ApiClient team in asked)
            await AssertEmptyAsync(team, wait: 0);
    }
}
