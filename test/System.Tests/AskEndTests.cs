using ShitOps.System.Tests.Fixtures;

namespace ShitOps.System.Tests;

/// <summary>Every ask ends: by its last answer, its quorum or its deadline; and then no reply counts any more.</summary>
public sealed class AskEndTests(SharedCluster source, ITestOutputHelper output) : AskTest(source, output)
{
    // A deadline is looked for once a second; the rest is for a busy machine.
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_quorum_ends_it_early_with_those_who_had_answered()
    {
        (ApiClient asker, string to, ApiClient[] asked) = await NewPollAsync(5);
        Guid ask = await asker.AskAsync(NewAsk.Of(to, "tally", Polls.ByReady) with { Quorum = 3 });
        await Polls.AnswerAsync(ask, asked[..2], _ => """{"ready":"yes"}""");
        Assert.Equal("open", (await asker.AskInfoAsync(ask)).State);
        await Polls.AnswerAsync(ask, asked[2..3], _ => """{"ready":"no"}""");
        Collation collation = await asker.TakeCollationAsync(ask);
        Assert.Equal(("complete", 5, 3), (collation.State, collation.Asked, collation.Answered));
        AssertMissing(collation.Missing, "no_reply", asked[3..]);
        Assert.Equal((2, 1), (collation.Result.Number("yes"), collation.Result.Number("no")));
        AskInfo info = await asker.AskInfoAsync(ask);
        Assert.Equal((3, 3), (info.Answered, info.Quorum));
        Assert.True(info.EndedAt < info.Deadline, "it ended before its deadline");
        Assert.Null((await asked[4].TryReplyAsync(ask, "1")).NotAProblem(410));
    }

    [Fact]
    public async Task The_deadline_ends_it_and_names_who_is_missing()
    {
        (ApiClient asker, string to, ApiClient[] asked) = await NewPollAsync(4);
        Guid ask = await asker.AskAsync(NewAsk.Open(to, TimeSpan.FromSeconds(4)) with { Collate = new("sum", "/n") });
        await Polls.AnswerAsync(ask, asked[1..3], _ => """{"n":21}""");
        Collation collation = await asker.TakeCollationAsync(ask);
        Assert.Equal(("partial", 4, 2, 42), (collation.State, collation.Asked, collation.Answered, collation.Result.GetInt32()));
        AssertMissing(collation.Missing, "no_reply", [asked[0], asked[3]]);
        AskInfo info = await asker.AskInfoAsync(ask);
        Assert.Equal("partial", info.State);
        Assert.Equal(Names([asked[0], asked[3]]), info.Missing.Order(StringComparer.Ordinal));
        Assert.InRange(info.EndedAt!.Value, info.Deadline, info.Deadline + Slack);
        Assert.Equal("ask.partial", (await asker.AskTraceAsync(ask)).Last(e => e.Type.StartsWith("ask.", StringComparison.Ordinal)).Type);
    }

    [Theory]
    [InlineData("list", "[]")]
    [InlineData("tally", "{}")]
    [InlineData("sum", "null")]
    public async Task When_nobody_answers_it_ends_with_nothing_and_all_are_missing(string kind, string result)
    {
        (ApiClient asker, string to, ApiClient[] asked) = await NewPollAsync(3);
        Guid ask = await asker.AskAsync(NewAsk.Open(to, TimeSpan.FromSeconds(2)) with { Collate = new(kind, Polls.PointerOf(kind)) });
        Collation collation = await asker.TakeCollationAsync(ask);
        Assert.Equal(("partial", 0, result), (collation.State, collation.Answered, collation.Result.GetRawText()));
        AssertMissing(collation.Missing, "no_reply", asked);
    }

    [Fact]
    public async Task Each_asked_team_replies_once_and_nobody_else_does()
    {
        (ApiClient asker, string to, ApiClient[] asked) = await NewPollAsync(2);
        ApiClient stranger = await NewTeamAsync("stranger");
        Guid ask = await asker.AskAsync(NewAsk.Of(to));
        Assert.Equal("answered", await asked[0].ReplyAsync(ask, "\"first\""));
        AssertProblem(await asked[0].TryReplyAsync(ask, "\"second\""), 409, "already_replied");
        AssertProblem(await stranger.TryReplyAsync(ask, "1"), 403, "not_asked");
        AssertProblem(await asker.TryReplyAsync(ask, "1"), 403, "not_asked");
        AssertProblem(await stranger.TryReplyAsync(Guid.CreateVersion7(), "1"), 404, "not_found");
        await asked[1].ReplyAsync(ask, "\"last\"");
        Collation collation = await asker.TakeCollationAsync(ask);
        Assert.Equal(["\"first\"", "\"last\""], collation.Result.EnumerateArray().Select(item => item.GetProperty("body").GetRawText()).Order());
        AssertProblem(await asked[1].TryReplyAsync(ask, "1"), 409, 410);
        AssertProblem(await stranger.TryReplyAsync(ask, "1"), 403, 410);
    }

    [Fact]
    public async Task A_reply_that_comes_too_late_is_told_so()
    {
        (ApiClient asker, string to, ApiClient[] asked) = await NewPollAsync(1);
        Guid ask = await asker.AskAsync(NewAsk.Open(to, TimeSpan.FromSeconds(2)));
        await asker.UntilEndedAsync(ask);
        AssertProblem(await asked[0].TryReplyAsync(ask, "1"), 410, "ask_ended");
    }

    [Fact]
    public async Task The_same_idempotency_key_asks_once_and_another_question_under_it_is_refused()
    {
        (ApiClient asker, string to, ApiClient[] asked) = await NewPollAsync(1);
        NewAsk question = NewAsk.Of(to) with { IdempotencyKey = "k-1" };
        Guid ask = await asker.AskAsync(question);
        Assert.Equal(ask, await asker.AskAsync(question));
        AssertProblem(await asker.TryAskAsync(question with { Body = Json.Of("another") }), 409, "idempotency_key_reused");
        AssertProblem(await asker.TryAskAsync(question with { Quorum = 1 }), 409, "idempotency_key_reused");
        await asked[0].TakeQuestionAsync(ask);
        await AssertEmptyAsync(asked[0]);
    }

    [Fact]
    public async Task Replies_that_no_message_holds_are_left_out_of_the_collation_and_read_page_by_page()
    {
        // Six of 250 KiB: the collation holds a mebibyte of them.
        (ApiClient asker, string to, ApiClient[] asked) = await NewPollAsync(6);
        Guid ask = await asker.AskAsync(NewAsk.Of(to));
        await Task.WhenAll(asked.Select(team => team.ReplyAsync(ask, ApiClient.JsonTextOf(250 * 1024))));
        Collation collation = await asker.TakeCollationAsync(ask, TimeSpan.FromSeconds(60));
        Assert.Equal(("complete", 6), (collation.State, collation.Answered));
        Assert.InRange(collation.Result.EnumerateArray().Count(item => item.Has("body")), 1, 4);
        Assert.All(collation.Result.EnumerateArray().Where(item => !item.Has("body")), item =>
            Assert.Equal((true, 250 * 1024), (item.GetProperty("omitted").GetBoolean(), item.Number("size"))));
        List<global::System.Text.Json.JsonElement> all = await asker.RepliesAsync(ask, "2");
        Assert.Equal(collation.Teams, all.Select(item => item.Text("team")!));
        Assert.All(all, item => Assert.Equal(250 * 1024, item.GetProperty("body").GetRawText().Length));
    }

    private static void AssertProblem(ApiAnswer answer, int status, string code)
    {
        Assert.Null(answer.NotAProblem(status));
        Assert.Equal(code, answer.Problem!.Code);
    }

    private static void AssertProblem(ApiAnswer answer, params int[] statuses) => Assert.Null(answer.NotAProblem(statuses));
}
