using ShitOps.System.Tests.Fixtures;

namespace ShitOps.System.Tests;

/// <summary>Who is asked is fixed when the ask is made, whatever becomes of the tree. Nobody else may change it meanwhile.</summary>
[Collection(BreaksThings.Name)]
public sealed class AskTreeTests(FragileCluster source, ITestOutputHelper output) : AskTest(source, output)
{
    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await Cluster.MendAsync();
    }

    [Fact]
    public async Task A_team_that_joins_while_it_is_open_is_not_asked()
    {
        (ApiClient asker, string to, ApiClient[] asked) = await NewPollAsync(2);
        Guid ask = await asker.AskAsync(NewAsk.Of(to));
        foreach (ApiClient team in asked)
            await team.TakeQuestionAsync(ask);
        ApiClient late = await NewTeamAsync("late", to["function:".Length..]);
        Assert.Null((await late.TryReplyAsync(ask, "1")).NotAProblem(403));
        foreach (ApiClient team in asked)
            await team.ReplyAsync(ask, "1");
        Collation collation = await asker.TakeCollationAsync(ask);
        Assert.Equal(("complete", 2), (collation.State, collation.Asked));
        await AssertEmptyAsync(late);
    }

    [Fact]
    public async Task A_team_that_leaves_while_it_is_open_is_missing_at_its_end_unless_it_has_answered()
    {
        (ApiClient asker, string to, ApiClient[] asked) = await NewPollAsync(3);
        Guid ask = await asker.AskAsync(NewAsk.Open(to, TimeSpan.FromSeconds(8)));
        await Task.WhenAll(asked.Select(team => team.TakeQuestionAsync(ask)));
        await asked[0].ReplyAsync(ask, "0");
        foreach (ApiClient leaver in asked[..2])
            Assert.InRange((await Operator.DeleteTeamAsync(leaver.Name, force: true)).Status, 200, 204);
        await asked[2].ReplyAsync(ask, "2");
        Collation collation = await asker.TakeCollationAsync(ask);
        Assert.Equal(("partial", 3, 2), (collation.State, collation.Asked, collation.Answered));
        AssertMissing(collation.Missing, "no_reply", asked[1..2]);
        Assert.Equal(Names([asked[0], asked[2]]), collation.Teams.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_team_that_moves_while_it_is_open_answers_where_it_was_asked()
    {
        (ApiClient asker, string to, ApiClient[] asked) = await NewPollAsync(8);
        TreePicture before = await TreePicture.TakeAsync(Operator);
        Guid ask = await asker.AskAsync(NewAsk.Of(to));
        await Polls.AnswerAsync(ask, asked[..1], team => Polls.Text(team.Name));
        Assert.InRange((await Operator.DeleteTeamAsync(asked[0].Name, force: true)).Status, 200, 204);
        TreePicture after = await TreePicture.TakeAsync(Operator);
        Assert.Contains(asked[1..], team => before.NodeOf(team.Name) != after.NodeOf(team.Name));
        await Polls.AnswerAsync(ask, asked[1..], team => Polls.Text(team.Name));
        Collation collation = await asker.TakeCollationAsync(ask);
        Assert.Equal("complete", collation.State);
        Assert.Equal(before.PostOrder(asked.Select(team => team.Name)), collation.Teams);
    }

    [Fact]
    public async Task An_asker_that_leaves_gets_no_result_and_the_ask_ends_by_its_deadline()
    {
        (ApiClient asker, string to, ApiClient[] asked) = await NewPollAsync(1);
        Guid ask = await asker.AskAsync(NewAsk.Open(to, TimeSpan.FromSeconds(5)));
        await asked[0].TakeQuestionAsync(ask);
        Assert.InRange((await Operator.DeleteTeamAsync(asker.Name, force: true)).Status, 200, 204);
        AskInfo info = await Operator.UntilEndedAsync(ask);
        Assert.Equal(("partial", 1, 0), (info.State, info.Asked, info.Answered));
    }
}
