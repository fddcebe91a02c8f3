using System.Text.Json;
using ShitOps.System.Tests.Fixtures;

namespace ShitOps.System.Tests;

/// <summary>Who sees what of an ask.</summary>
public sealed class AskAccessTests(SharedCluster source, ITestOutputHelper output) : AskTest(source, output)
{
    [Fact]
    public async Task The_asker_sees_all_the_asked_and_operators_no_result_and_others_nothing()
    {
        (ApiClient asker, string to, ApiClient[] asked) = await NewPollAsync(2);
        ApiClient stranger = await NewTeamAsync("stranger");
        Guid ask = await asker.AskAsync(NewAsk.Of(to));
        foreach (ApiClient team in asked)
            await team.ReplyAsync(ask, "\"a secret answer\"");
        await asker.TakeCollationAsync(ask);

        Assert.True((await asker.AskInfoAsync(ask)).HasResult);
        foreach (ApiClient caller in (ApiClient[])[asked[0], Operator])
        {
            ApiAnswer answer = await caller.GetAsync($"/v1/asks/{ask}");
            Assert.Equal(200, answer.Status);
            Assert.DoesNotContain("a secret answer", answer.Text, StringComparison.Ordinal);
            Assert.False(answer.Json.Has("result"));
            Assert.Contains((await caller.GetAsync($"/v1/asks/{ask}/replies")).Status, (int[])[403, 404]);
            Assert.DoesNotContain("a secret answer", (await caller.GetAsync($"/v1/asks/{ask}/trace")).Text, StringComparison.Ordinal);
        }
        Assert.Null((await stranger.GetAsync($"/v1/asks/{ask}")).NotAProblem(404));
        Assert.Null((await stranger.GetAsync($"/v1/asks/{ask}/trace")).NotAProblem(404));
        Assert.Contains((await stranger.GetAsync($"/v1/asks/{ask}/replies")).Status, (int[])[403, 404]);
    }

    [Fact]
    public async Task The_answer_to_a_question_says_where_the_ask_is_and_its_traceparent_goes_along()
    {
        (ApiClient asker, string to, ApiClient[] asked) = await NewPollAsync(1);
        string parent = $"00-{Guid.NewGuid():N}-00f067aa0ba902b7-01";
        ApiAnswer answer = await asker.TryAskAsync(NewAsk.Of(to), parent);
        Assert.Equal(202, answer.Status);
        Guid ask = answer.Json.GetProperty("id").GetGuid();
        Assert.Equal("open", answer.Json.Text("state"));
        Assert.EndsWith($"/v1/asks/{ask}", answer.Headers.Location?.ToString(), StringComparison.Ordinal);
        Assert.Equal(200, (await asker.GetAsync(answer.Headers.Location!.ToString())).Status);
        Assert.Equal(parent, (await asked[0].TakeQuestionAsync(ask)).Traceparent);
    }

    [Fact]
    public async Task Bytes_are_a_reply_too_and_come_back_as_they_were()
    {
        (ApiClient asker, string to, ApiClient[] asked) = await NewPollAsync(1);
        Guid ask = await asker.AskAsync(NewAsk.Of(to));
        byte[] bytes = [0, 1, 2, 255, 254];
        ApiAnswer answer = await asked[0].PostAsync($"/v1/asks/{ask}/reply", new { bodyBase64 = bytes, contentType = "application/x-thing" });
        Assert.Equal(202, answer.Status);
        JsonElement item = Assert.Single((await asker.TakeCollationAsync(ask)).Result.EnumerateArray());
        Assert.Equal((asked[0].Name, "application/x-thing"), (item.Text("team"), item.Text("contentType")));
        Assert.Equal(bytes, item.GetProperty("bodyBase64").GetBytesFromBase64());
    }
}
