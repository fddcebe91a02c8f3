namespace ShitOps.System.Tests.Fixtures;

/// <summary>A test in which a team of its own asks some others of their own, wherever they stand in the tree.</summary>
public abstract class AskTest(LazyCluster source, ITestOutputHelper output) : ClusterTest(source, output)
{
    /// <summary>An asker, and so many teams that are reached by <c>function:</c> and that name.</summary>
    protected async Task<(ApiClient Asker, string To, ApiClient[] Asked)> NewPollAsync(int asked)
    {
        string function = NewName("voters");
        ApiClient asker = await NewTeamAsync("asker");
        var teams = new ApiClient[asked];
        for (int i = 0; i < asked; i++)
            teams[i] = await NewTeamAsync("voter", function);
        return (asker, $"function:{function}", teams);
    }

    protected static string[] Names(IEnumerable<ApiClient> teams) => [.. teams.Select(team => team.Name).Order(StringComparer.Ordinal)];

    protected static void AssertMissing(IEnumerable<MissingTeam> missing, string reason, IEnumerable<ApiClient> teams) =>
        Assert.Equal(Names(teams).Select(team => (team, reason)), missing.Select(team => (team.Team, team.Reason)).Order());
}
