using System.Text.Json;
using ShitOps.System.Tests.Fixtures;

namespace ShitOps.System.Tests;

/// <summary>Questions over a tree of 15 nodes with 30 teams: who is asked, and what is made of the answers.</summary>
[Collection(OrganisationTests.Name)]
public sealed class AskTests(OrganisationCluster source, ITestOutputHelper output) : ClusterTest(source, output)
{
    // Who asks, whom, and which of the others that is.
    private static readonly (int From, string To, Func<int, bool> Asked)[] Scopes =
    [
        (4, "all", _ => true),
        (0, "function:QA", n => Organisation.FunctionOf(n) == "QA"), // the asker has that function itself
        (1, "function:Ops", n => Organisation.FunctionOf(n) == "Ops"),
        (29, "below:team-02", n => Organisation.IsBelow(Organisation.NodeOf(n), 1)), // from outside
        (7, "below:team-02", n => Organisation.IsBelow(Organisation.NodeOf(n), 1)), // from inside
        (2, "below:team-03", n => Organisation.IsBelow(Organisation.NodeOf(n), 1)), // by one of its top
        (3, "below:team-28", n => Organisation.NodeOf(n) == 14), // a leaf
        (15, "team-28", n => n == 28),
    ];

    private static readonly string[] Kinds = ["list", "tally", "sum", "min", "max"];

    public static TheoryData<string, int> Cases() => [.. from kind in Kinds from scope in Enumerable.Range(0, Scopes.Length) select (kind, scope)];

    private Organisation Teams => source.Teams!;

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Every_kind_over_every_form_of_address_comes_out_exactly_and_in_post_order(string kind, int scope)
    {
        (int from, string to, Func<int, bool> isAsked) = Scopes[scope];
        ApiClient asker = Teams.Clients[from];
        int[] asked = await InPostOrderAsync(n => n != from && isAsked(n));
        string text = $"how many? {Guid.NewGuid()}";

        Guid ask = await asker.AskAsync(NewAsk.Of(to, kind, Polls.PointerOf(kind)) with { Subject = "a poll", Body = Json.Of(text) });
        await Task.WhenAll(asked.Select(async n =>
        {
            InboxMessage question = await Teams.Clients[n].TakeQuestionAsync(ask);
            Assert.Equal((asker.Name, "a poll", text), (question.From, question.Subject, question.Body.GetString()));
        }));
        AskInfo open = await asker.AskInfoAsync(ask);
        Assert.Equal(("open", asked.Length, 0), (open.State, open.Asked, open.Answered));
        Assert.Equal(asked.Select(Organisation.NameOf), open.Missing);
        Assert.False(open.HasResult);
        foreach (int n in asked.Reverse())
            Assert.Equal("answered", await Teams.Clients[n].ReplyAsync(ask, Polls.Reply(n)));

        Collation collation = await asker.TakeCollationAsync(ask);
        Assert.Equal(("complete", asked.Length), (collation.State, collation.Asked));
        Assert.Empty(collation.Missing);
        Polls.Check(collation, kind, asked, Organisation.NameOf);
        AskInfo ended = await asker.AskInfoAsync(ask);
        Assert.Equal(("complete", asked.Length, asked.Length), (ended.State, ended.Asked, ended.Answered));
        Assert.Empty(ended.Missing);
        Assert.Equal(collation.Result.GetRawText(), ended.Result.GetRawText());
        await AssertEmptyAsync(asker, wait: 0);
    }

    [Fact]
    public async Task The_asker_sees_at_each_node_who_has_answered_and_who_has_not()
    {
        ApiClient asker = Teams.Clients[0];
        int[] asked = await InPostOrderAsync(n => Organisation.IsBelow(Organisation.NodeOf(n), 2));
        Guid ask = await asker.AskAsync(NewAsk.Of("below:team-04"));
        foreach (int n in asked)
            await Teams.Clients[n].TakeQuestionAsync(ask);
        int[] first = [.. asked.Where(n => n % 2 == 0)];
        foreach (int n in first)
            await Teams.Clients[n].ReplyAsync(ask, Polls.Reply(n));
        AskInfo half = await asker.AskInfoAsync(ask);
        Assert.Equal(("open", 14, 7), (half.State, half.Asked, half.Answered));
        Assert.Equal(asked.Except(first).Select(Organisation.NameOf), half.Missing);
        foreach (int n in asked.Except(first))
        {
            AskNode node = Assert.Single(half.Nodes, node => node.Index == Organisation.NodeOf(n));
            Assert.Equal([Organisation.NameOf(n)], node.Missing);
        }
        await Task.WhenAll(asked.Except(first).Select(n => Teams.Clients[n].ReplyAsync(ask, Polls.Reply(n))));
        Polls.Check(await asker.TakeCollationAsync(ask), "list", asked, Organisation.NameOf);
        Assert.All((await asker.AskInfoAsync(ask)).Nodes, node => Assert.Empty(node.Missing));
    }

    [Fact]
    public async Task A_pointer_that_finds_nothing_in_a_reply_names_its_team_and_counts_the_others()
    {
        ApiClient asker = Teams.Clients[0];
        int[] asked = await InPostOrderAsync(n => n != 0 && Organisation.FunctionOf(n) == "QA");
        string[] replies = ["""{"n":2}""", """{"m":5}""", "[]", """{"n":3.5}""", """{"n":"many"}"""];
        foreach ((string kind, string? expected) in ((string, string?)[])[("sum", "5.5"), ("min", "2"), ("max", "3.5")])
        {
            Guid ask = await asker.AskAsync(NewAsk.Of("function:QA", kind, "/n"));
            await Polls.AnswerAsync(ask, asked.Select(n => Teams.Clients[n]), team => replies[Array.IndexOf(asked, NumberOf(team))]);
            Collation collation = await asker.TakeCollationAsync(ask);
            Assert.Equal(("complete", 5), (collation.State, collation.Answered));
            Assert.Equal(expected, collation.Result.GetRawText());
            Assert.Equal(((int[])[asked[1], asked[2], asked[4]]).Select(Organisation.NameOf), collation.Unmatched);
        }
        Guid none = await asker.AskAsync(NewAsk.Of("function:QA", "max", "/nowhere"));
        await Polls.AnswerAsync(none, asked.Select(n => Teams.Clients[n]), _ => "1");
        Collation nothing = await asker.TakeCollationAsync(none);
        Assert.Equal((JsonValueKind.Null, 5), (nothing.Result.ValueKind, nothing.Unmatched.Length));
    }

    [Fact]
    public async Task The_trace_of_an_ask_tells_every_step_of_it()
    {
        ApiClient asker = Teams.Clients[0];
        int[] asked = await InPostOrderAsync(n => Organisation.IsBelow(Organisation.NodeOf(n), 3));
        Guid ask = await asker.AskAsync(NewAsk.Of("below:team-06"));
        await Polls.AnswerAsync(ask, asked.Select(n => Teams.Clients[n]), team => Polls.Reply(NumberOf(team)));
        await asker.TakeCollationAsync(ask);
        IReadOnlyList<JournalEvent> trace = await asker.AskTraceAsync(ask);
        Assert.Equal("ask.opened", trace.First(e => e.Type.StartsWith("ask.", StringComparison.Ordinal)).Type);
        // How the question travelled is told as of any message.
        Assert.Contains("message.delivered", (await asker.TraceAsync(ask)).Select(e => e.Type));
        Assert.Equal(asked.Select(Organisation.NameOf).Order(), trace.Where(e => e.Type == "ask.replied").Select(e => e.Team!).Order());
        Assert.Equal("ask.completed", trace.Last(e => e.Type.StartsWith("ask.", StringComparison.Ordinal)).Type);
        Assert.Equal(trace.Select(e => e.Type), (await Operator.AskTraceAsync(ask)).Select(e => e.Type));
    }

    private static int NumberOf(ApiClient team) => int.Parse(team.Name["team-".Length..], global::System.Globalization.CultureInfo.InvariantCulture);

    private async Task<int[]> InPostOrderAsync(Func<int, bool> wanted)
    {
        TreePicture tree = await TreePicture.TakeAsync(Operator);
        return [.. tree.PostOrder(_ => true).Select(name => Array.FindIndex(Teams.Created, team => team.Name == name)).Where(wanted)];
    }
}
