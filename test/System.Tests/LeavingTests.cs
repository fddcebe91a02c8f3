using ShitOps.System.Tests.Fixtures;

namespace ShitOps.System.Tests;

/// <summary>Teams leave the tree. Nobody else may change it meanwhile, so these run alone.</summary>
[Collection(BreaksThings.Name)]
public sealed class LeavingTests(FragileCluster source, ITestOutputHelper output) : ClusterTest(source, output)
{
    [Fact]
    public async Task The_last_team_fills_the_gap_of_one_that_leaves_and_a_new_one_takes_the_free_place()
    {
        var teams = new Dictionary<string, ApiClient>();
        for (int i = 0; i < 6; i++)
        {
            ApiClient team = await NewTeamAsync($"leaver{i}");
            teams[team.Name] = team;
        }
        Dictionary<string, int> before = await PlacesAsync();
        int epoch = (await Operator.TreeAsync()).Number("epoch");
        int last = before.Values.Max();
        (string leaver, int gap) = before.First(p => teams.ContainsKey(p.Key) && p.Value < last);
        string[] candidates = [.. before.Where(p => p.Value == last).Select(p => p.Key)];

        Assert.InRange((await Operator.DeleteTeamAsync(leaver)).Status, 200, 204);

        Dictionary<string, int> after = await PlacesAsync();
        Assert.True((await Operator.TreeAsync()).Number("epoch") > epoch);
        Assert.Equal(before.Keys.Where(t => t != leaver).Order(StringComparer.Ordinal), after.Keys.Order(StringComparer.Ordinal));
        string moved = Assert.Single(after, p => p.Value != before[p.Key]).Key;
        Assert.Contains(moved, candidates);
        Assert.Equal(gap, after[moved]);

        // The one that moved is reached where it is now, and sends from there.
        ApiClient mover = teams[moved], other = teams.First(t => t.Key != moved && t.Key != leaver).Value;
        await other.SendAsync(NewMessage.Text(moved, "after the move"));
        Assert.Equal("after the move", Assert.Single(await mover.ReceiveAsync(1)).Message.Body.GetString());
        await mover.SendAsync(NewMessage.Text(other.Name, "and back"));
        Assert.Equal("and back", Assert.Single(await other.ReceiveAsync(1)).Message.Body.GetString());

        // The one that left is not reached, and its key opens nothing.
        Assert.Null((await other.TrySendAsync(NewMessage.Text(leaver, "gone"))).NotAProblem(422));
        await Eventually.UntilAsync(
            () => teams[leaver].GetAsync("/v1/inbox?wait=0"), answer => answer.Status == 401, TimeSpan.FromSeconds(5), "the key of a team that left is refused");

        // A new team takes the free place: the tree does not grow.
        (_, PutTeam created) = await Operator.CreateTeamAsync(NewName("newcomer"));
        Assert.InRange(created.Node, 0, last);
    }

    [Fact]
    public async Task A_team_that_left_may_come_back_under_its_name_with_a_new_key_and_an_empty_inbox()
    {
        ApiClient sender = await NewTeamAsync("sender");
        ApiClient first = await NewTeamAsync("returns");
        await sender.SendAsync(NewMessage.Text(first.Name, "for the first"));
        Assert.Single(await first.ReceiveAsync(1));
        Assert.InRange((await Operator.DeleteTeamAsync(first.Name)).Status, 200, 204);

        (ApiClient second, PutTeam created) = await Operator.CreateTeamAsync(first.Name);
        Assert.NotEqual(first.Key, created.Key);
        await AssertEmptyAsync(second);
        await sender.SendAsync(NewMessage.Text(second.Name, "for the second"));
        Assert.Equal("for the second", Assert.Single(await second.ReceiveAsync(1)).Message.Body.GetString());
    }

    private async Task<Dictionary<string, int>> PlacesAsync() =>
        (await Operator.TreeAsync()).GetProperty("nodes").EnumerateArray()
            .SelectMany(n => n.GetProperty("teams").EnumerateArray().Select(t => (Team: t.Name(), Node: n.Number("index"))))
            .ToDictionary(p => p.Team, p => p.Node);
}
