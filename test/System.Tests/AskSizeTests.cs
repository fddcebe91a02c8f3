using System.Diagnostics;
using System.Globalization;
using ShitOps.System.Tests.Fixtures;

namespace ShitOps.System.Tests;

/// <summary>An ask over a whole large organisation.</summary>
[Collection(LargeTests.Name)]
public sealed class AskSizeTests(LargeCluster source, ITestOutputHelper output) : ClusterTest(source, output)
{
    /// <summary>1,023 is what the design was made for; with 2,046 teams that takes a minute.</summary>
    public const string NodesVariable = "SHITOPS_ASK_NODES";

    [Fact]
    public async Task Everybody_in_a_large_tree_answers_and_the_result_is_exact()
    {
        int nodes = int.Parse(Environment.GetEnvironmentVariable(NodesVariable) ?? "255", CultureInfo.InvariantCulture);
        var clock = Stopwatch.StartNew();
        ApiClient[] teams = await source.TeamsAsync(2 * nodes);
        Tell($"{teams.Length} teams after {clock.Elapsed.TotalSeconds:0.0} s");
        TreePicture tree = await TreePicture.TakeAsync(Operator);
        Dictionary<string, int> numbers = teams.Index().ToDictionary(team => team.Item.Name, team => team.Index);
        ApiClient asker = teams[0];
        int[] inOrder = [.. tree.PostOrder(name => name != asker.Name).Select(name => numbers[name])];
        Assert.Equal(teams.Length - 1, inOrder.Length);

        foreach (string kind in (string[])["tally", "list"])
        {
            Guid ask = await asker.AskAsync(NewAsk.Of("all", kind, Polls.PointerOf(kind)));
            clock.Restart();
            // From the top down: the last reply has the whole height of the tree before it.
            await Parallel.ForEachAsync(inOrder.Reverse(), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (n, _) =>
            {
                await teams[n].TakeQuestionAsync(ask, TimeSpan.FromSeconds(120));
                Assert.Equal("answered", await teams[n].ReplyAsync(ask, Polls.Reply(n)));
            });
            Tell($"{kind}: {inOrder.Length} answers after {clock.Elapsed.TotalSeconds:0.0} s");
            clock.Restart();
            Collation collation = await asker.TakeCollationAsync(ask, TimeSpan.FromSeconds(120));
            TimeSpan received = clock.Elapsed;
            JournalEvent last = (await asker.AskTraceAsync(ask)).Last(e => e.Type == "ask.replied");
            AskInfo info = await asker.AskInfoAsync(ask);
            Tell($"{kind}: ended {(info.EndedAt!.Value - last.At).TotalSeconds:0.00} s after the last reply; its collation was in the inbox {received.TotalSeconds:0.00} s after that was answered");
            Assert.Equal(("complete", inOrder.Length), (collation.State, collation.Asked));
            Polls.Check(collation, kind, inOrder, n => teams[n].Name);
        }
    }

    private void Tell(FormattableString text) => Output.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
