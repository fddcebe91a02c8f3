using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using ShitOps.Gateway.Cluster;
using ShitOps.Gateway.Tests.World;

namespace ShitOps.Gateway.Tests.Cluster;

public sealed class ClusterCallTests
{
    /// <summary>Found by the failover measure: an acknowledgement that a killed silo had not answered kept its caller for the whole budget.</summary>
    [Fact]
    public async Task A_call_under_way_is_made_again_as_soon_as_a_silo_is_lost()
    {
        using var link = new TestLink();
        var calls = new ClusterCalls(Options.Create(new GatewayOptions { CallBudget = TimeSpan.FromMinutes(5) }), link, TimeProvider.System, NullLogger<ClusterCalls>.Instance);
        int made = 0;
        Task<int> answer = calls.RetryAsync(() => ++made == 1 ? new TaskCompletionSource<int>().Task : Task.FromResult(7));
        Assert.False(answer.IsCompleted);
        await link.LoseAsync();
        Assert.Equal(7, await answer.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        Assert.Equal(2, made);
    }
}
