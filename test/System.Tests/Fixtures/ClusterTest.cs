using System.Security.Cryptography;

namespace ShitOps.System.Tests.Fixtures;

/// <summary>A test on a cluster: clients at hand, new teams by a call, the processes' logs in the output if it fails.</summary>
public abstract class ClusterTest(LazyCluster source, ITestOutputHelper output) : IAsyncLifetime
{
    protected ITestOutputHelper Output { get; } = output;
    protected ShitOpsCluster Cluster { get; private set; } = null!;
    protected ApiClient Anonymous => Cluster.Anonymous;
    protected ApiClient Operator => Cluster.Operator;
    protected ApiClient Security => Cluster.Security;

    public virtual async ValueTask InitializeAsync() => Cluster = await source.GetAsync();

    public virtual ValueTask DisposeAsync()
    {
        if (TestContext.Current.TestState?.Result == TestResult.Failed && Cluster is not null)
            Output.WriteLine(Cluster.Tails());
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>A team with a name nobody has.</summary>
    protected async Task<ApiClient> NewTeamAsync(string hint = "team", string function = "QA") =>
        (await Operator.CreateTeamAsync(NewName(hint), function)).Client;

    protected static string NewName(string hint) => $"{hint}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(5))}";

    /// <summary>A sender and a recipient.</summary>
    protected async Task<(ApiClient Sender, ApiClient Recipient)> NewPairAsync() => (await NewTeamAsync("sender"), await NewTeamAsync("recipient"));

    /// <summary>Nothing can be leased now, nor within the wait.</summary>
    protected static async Task AssertEmptyAsync(ApiClient team, int wait = 1) => Assert.Empty(await team.LeaseAsync(wait: wait, lease: 1));
}
