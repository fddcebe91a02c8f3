using System.Diagnostics;
using System.Globalization;
using ShitOps.System.Tests.Fixtures;

namespace ShitOps.System.Tests;

/// <summary>Silos die and teams come and go while an ask is open. It ends all the same, with the right result.</summary>
[Collection(BreaksThings.Name)]
public sealed class AskFailureTests(FragileCluster source, ITestOutputHelper output) : AskTest(source, output)
{
    private const int Teams = 30;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await Cluster.MendAsync();
    }

    [Theory]
    [InlineData(0, "list")]
    [InlineData(1, "sum")]
    public async Task A_silo_killed_between_the_replies_loses_and_doubles_none(int silo, string kind)
    {
        (ApiClient asker, string to, ApiClient[] asked) = await NewPollAsync(Teams);
        TreePicture tree = await TreePicture.TakeAsync(Operator);
        Assert.True(asked.Select(team => tree.NodeOf(team.Name)).Distinct().Count() >= Teams / 2, "they stand on fifteen hubs at least");
        int[] inOrder = [.. tree.PostOrder(asked.Select(team => team.Name)).Select(name => Array.FindIndex(asked, team => team.Name == name))];
        Guid ask = await asker.AskAsync(NewAsk.Of(to, kind, Polls.PointerOf(kind)));
        await Polls.AnswerAsync(ask, asked[..(Teams / 2)], team => Polls.Reply(Array.IndexOf(asked, team)));
        await Task.WhenAll(asked[(Teams / 2)..].Select(team => team.TakeQuestionAsync(ask)));

        await Cluster.Silos[silo].StopAsync(Signals.Kill);
        var clock = Stopwatch.StartNew();
        // A reply whose answer was lost may be stored: then it is said to be there already.
        await Task.WhenAll(Enumerable.Range(Teams / 2, Teams - (Teams / 2)).Select(n => Eventually.UntilAsync(
            () => asked[n].TryReplyAsync(ask, Polls.Reply(n)), answer => answer.Status is 202 or 409, Patience, $"the reply of {asked[n].Name} is taken")));
        Collation collation = await asker.TakeCollationAsync(ask, Patience);
        Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{clock.Elapsed.TotalSeconds:0.0} s from the kill to the collation"));
        Assert.Equal(("complete", Teams), (collation.State, collation.Asked));
        Assert.Empty(collation.Missing);
        Polls.Check(collation, kind, inOrder, n => asked[n].Name);
        await AssertEmptyAsync(asker);
        await Cluster.Silos[silo].RestartAsync();
    }

    [Fact]
    public async Task A_silo_killed_before_the_deadline_does_not_keep_the_ask_from_ending_with_the_right_names()
    {
        (ApiClient asker, string to, ApiClient[] asked) = await NewPollAsync(Teams);
        Guid ask = await asker.AskAsync(NewAsk.Open(to, TimeSpan.FromSeconds(20)) with { Collate = new("tally", Polls.ByReady) });
        await Polls.AnswerAsync(ask, asked[..10], _ => """{"ready":"yes"}""");
        await Cluster.Silos[1].StopAsync(Signals.Kill);
        Collation collation = await asker.TakeCollationAsync(ask, Patience);
        Assert.Equal(("partial", Teams, 10), (collation.State, collation.Asked, collation.Answered));
        AssertMissing(collation.Missing, "no_reply", asked[10..]);
        Assert.Equal(10, collation.Result.Number("yes"));
        AskInfo info = await asker.AskInfoAsync(ask);
        Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ended {(info.EndedAt!.Value - info.Deadline).TotalSeconds:0.0} s after its deadline"));
        Assert.InRange(info.EndedAt.Value, info.Deadline, info.Deadline + TimeSpan.FromSeconds(10));
        await Cluster.Silos[1].RestartAsync();
    }

    [Fact]
    public async Task All_silos_killed_and_started_again_go_on_with_the_ask()
    {
        (ApiClient asker, string to, ApiClient[] asked) = await NewPollAsync(4);
        Guid ask = await asker.AskAsync(NewAsk.Of(to, "sum", "/n"));
        await Polls.AnswerAsync(ask, asked[..3], _ => """{"n":1}""");
        await Task.WhenAll(Cluster.Silos.Select(silo => silo.StopAsync(Signals.Kill)));
        await ShitOpsCluster.StartProgramsAsync(Cluster.Silos);
        await Eventually.UntilAsync(
            () => asked[3].TryReplyAsync(ask, """{"n":1}"""), answer => answer.Status is 202 or 409, Patience, "the last reply is taken");
        Assert.Equal(4, (await asker.TakeCollationAsync(ask, Patience)).Result.GetInt32());
    }

    [Fact]
    public async Task A_reply_given_while_the_scanner_is_away_is_held_and_counts_when_it_is_back()
    {
        (ApiClient asker, string to, ApiClient[] asked) = await NewPollAsync(2);
        Guid ask = await asker.AskAsync(NewAsk.Of(to)), brief = await asker.AskAsync(NewAsk.Open(to, TimeSpan.FromSeconds(20)));
        foreach (ApiClient team in asked)
            await team.ReceiveAsync(2);
        await asked[0].ReplyAsync(brief, Polls.Text($"clean {Guid.NewGuid()}"));
        await Cluster.Clamd.StopAsync(Signals.Kill);
        string held = $"held {Guid.NewGuid()}";
        Assert.Equal("held", await asked[1].ReplyAsync(brief, Polls.Text(held)));
        Assert.Equal("held", await asked[0].ReplyAsync(ask, Polls.Text(held)));
        Assert.Equal("held", await asked[1].ReplyAsync(ask, Polls.Text(held + " too")));
        // The one whose deadline passes meanwhile ends without what nobody has looked at.
        AskInfo ended = await asker.UntilEndedAsync(brief, Patience);
        Assert.Equal(("partial", 1), (ended.State, ended.Answered));
        Assert.Equal("open", (await asker.AskInfoAsync(ask)).State);
        await Cluster.Clamd.StartAsync();

        List<Delivery> collations = await asker.ReceiveAsync(2, limit: Patience);
        Assert.All(collations, delivery => Assert.Equal("collation", delivery.Message.Kind));
        global::System.Text.Json.JsonElement partial = collations.Single(d => d.Message.Ask == brief).Message.Body, whole = collations.Single(d => d.Message.Ask == ask).Message.Body;
        Assert.Equal("scanner_unavailable", Assert.Single(partial.GetProperty("missing").EnumerateArray()).Text("reason"));
        Assert.Equal(("complete", 2), (whole.Text("state"), whole.Number("answered")));
    }
}
