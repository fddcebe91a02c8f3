using System.Globalization;
using System.Text;
using ShitOps.System.Tests.Fixtures;

namespace ShitOps.System.Tests;

/// <summary>Bad asks and replies get a clear problem, and nobody is asked.</summary>
public sealed class AskErrorTests(SharedCluster source, ITestOutputHelper output) : AskTest(source, output)
{
    // What is wrong, the document ({to} is who is asked, {at} a time ahead), the statuses that fit, a word the problem must name.
    private static readonly (string What, string Json, int[] Statuses, string? Names)[] Bad =
    [
        ("nothing", "", [400], null),
        ("a list", "[]", [400, 422], null),
        ("no recipient", """{"body":1,"deadline":"{at}"}""", [400, 422], "to"),
        ("unknown recipient", """{"to":"nobody-here-at-all","body":1,"deadline":"{at}"}""", [422], null),
        ("own team", """{"to":"{self}","body":1,"deadline":"{at}"}""", [422], null),
        ("no body", """{"to":"{to}","deadline":"{at}"}""", [400, 422], "body"),
        ("body too large", $$"""{"to":"{to}","deadline":"{at}","body":{{ApiClient.JsonTextOf(256 * 1024 + 1)}}}""", [413], null),
        ("no deadline", """{"to":"{to}","body":1}""", [400, 422], "deadline"),
        ("deadline in the past", """{"to":"{to}","body":1,"deadline":"2001-01-01T00:00:00Z"}""", [422], "deadline"),
        ("deadline far ahead", """{"to":"{to}","body":1,"deadline":"2999-01-01T00:00:00Z"}""", [422], "deadline"),
        ("deadline no date", """{"to":"{to}","body":1,"deadline":"soon"}""", [400, 422], "deadline"),
        ("deadline without a zone", """{"to":"{to}","body":1,"deadline":"2090-01-01T00:00:00"}""", [400, 422], "deadline"),
        ("deadline a number", """{"to":"{to}","body":1,"deadline":60}""", [400, 422], "deadline"),
        ("quorum zero", """{"to":"{to}","body":1,"deadline":"{at}","quorum":0}""", [422], "quorum"),
        ("quorum negative", """{"to":"{to}","body":1,"deadline":"{at}","quorum":-1}""", [422], "quorum"),
        ("quorum of more than are asked", """{"to":"{to}","body":1,"deadline":"{at}","quorum":3}""", [422], "quorum"),
        ("quorum of text", """{"to":"{to}","body":1,"deadline":"{at}","quorum":"2"}""", [400, 422], "quorum"),
        ("kind unknown", """{"to":"{to}","body":1,"deadline":"{at}","collate":{"kind":"average","pointer":"/n"}}""", [422], "kind"),
        ("kind a number", """{"to":"{to}","body":1,"deadline":"{at}","collate":{"kind":1,"pointer":"/n"}}""", [400, 422], "kind"),
        ("collate text", """{"to":"{to}","body":1,"deadline":"{at}","collate":"tally"}""", [400, 422], "collate"),
        ("pointer without a slash", """{"to":"{to}","body":1,"deadline":"{at}","collate":{"kind":"sum","pointer":"n"}}""", [422], "pointer"),
        ("pointer with a lone tilde", """{"to":"{to}","body":1,"deadline":"{at}","collate":{"kind":"sum","pointer":"/a~2"}}""", [422], "pointer"),
        ("pointer too long", $$$"""{"to":"{to}","body":1,"deadline":"{at}","collate":{"kind":"sum","pointer":"/{{{new string('x', 256)}}}"}}""", [422], "pointer"),
        ("no pointer for a sum", """{"to":"{to}","body":1,"deadline":"{at}","collate":{"kind":"sum"}}""", [400, 422], "pointer"),
        ("unknown field", """{"to":"{to}","body":1,"deadline":"{at}","quorom":1}""", [422], "quorom"),
        ("unknown field of collate", """{"to":"{to}","body":1,"deadline":"{at}","collate":{"kind":"sum","ponter":"/n"}}""", [422], "ponter"),
        ("subject too long", $$"""{"to":"{to}","body":1,"deadline":"{at}","subject":"{{new string('x', 513)}}"}""", [422], "subject"),
    ];

    [Fact]
    public async Task Every_bad_ask_is_refused_with_a_clear_problem_and_nobody_is_asked()
    {
        (ApiClient asker, string to, ApiClient[] asked) = await NewPollAsync(2);
        string at = TimeProvider.System.GetUtcNow().AddHours(1).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        var wrong = new List<string>();
        foreach ((string what, string json, int[] statuses, string? names) in Bad)
        {
            string document = json.Replace("{to}", to, StringComparison.Ordinal).Replace("{self}", asker.Name, StringComparison.Ordinal).Replace("{at}", at, StringComparison.Ordinal);
            ApiAnswer answer = await asker.PostRawAsync("/v1/asks", Encoding.UTF8.GetBytes(document), "application/json");
            if (answer.NotAProblem(statuses) is { } fault)
                wrong.Add($"{what}: {fault}");
            else if (names is not null && !answer.Text.Contains(names, StringComparison.Ordinal))
                wrong.Add($"{what}: the problem does not name {names}: {answer.Text}");
        }
        Assert.Empty(wrong);
        foreach (ApiClient team in asked)
            await AssertEmptyAsync(team, wait: 0);
        // A quorum of all is none too many.
        await asker.AskAsync(NewAsk.Of(to) with { Quorum = 2 });
    }

    [Fact]
    public async Task Every_fault_of_one_ask_is_told_at_once()
    {
        ApiClient asker = await NewTeamAsync("asker");
        ApiAnswer answer = await asker.PostRawAsync(
            "/v1/asks", """{"to":"No Team","deadline":"never","quorum":0,"subjekt":"x","collate":{"kind":"mean","pointer":"n"}}"""u8.ToArray(), "application/json");
        Assert.Null(answer.NotAProblem(400, 422));
        Assert.All((string[])["to", "deadline", "quorum", "subjekt", "kind", "pointer", "body"], field => Assert.Contains(field, answer.Text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_bad_reply_is_refused_and_the_good_one_after_it_counts()
    {
        (ApiClient asker, string to, ApiClient[] asked) = await NewPollAsync(1);
        Guid ask = await asker.AskAsync(NewAsk.Of(to));
        foreach ((string json, int[] statuses) in ((string, int[])[])
        [
            ("", [400]), ("{}", [400, 422]), ("7", [400, 422]), ("""{"body":1,"bodyBase64":"AAAA"}""", [400, 422]), ("""{"body":1,"bdy":2}""", [422]),
            ("""{"bodyBase64":"!"}""", [400, 422]), ($$"""{"body":{{ApiClient.JsonTextOf(256 * 1024 + 1)}}}""", [413]),
        ])
            Assert.Null((await asked[0].PostRawAsync($"/v1/asks/{ask}/reply", Encoding.UTF8.GetBytes(json), "application/json")).NotAProblem(statuses));
        await asked[0].ReplyAsync(ask, "\"good\"");
        Assert.Equal("good", Assert.Single((await asker.TakeCollationAsync(ask)).Result.EnumerateArray()).Text("body"));
        foreach (string path in (string[])["no-id", $"{Guid.CreateVersion7()}", $"{Guid.CreateVersion7()}/trace", $"{Guid.CreateVersion7()}/replies"])
            Assert.Null((await asker.GetAsync($"/v1/asks/{path}")).NotAProblem(400, 404, 422));
        foreach (string query in (string[])["limit=0", "limit=1001", "limit=x", "after=nonsense", "limt=5"])
            Assert.Null((await asker.GetAsync($"/v1/asks/{ask}/replies?{query}")).NotAProblem(400, 422));
    }
}
