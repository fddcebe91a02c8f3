using Microsoft.Extensions.DependencyInjection;
using ShitOps.Gateway.Cluster;
using ShitOps.Gateway.Problems;
using ShitOps.Gateway.Sealing;
using ShitOps.Gateway.Tests.World;
using ShitOps.Grains;

namespace ShitOps.Gateway.Tests.Routes;

/// <summary>
/// Found by chaos seed 4: the first posts after a gateway's start were answered by 500 while the database was away, since
/// the key to seal them with could not be fetched.
/// </summary>
[Collection(nameof(GatewayCollection))]
public sealed class DataKeyTests(GatewayFixture gateway)
{
    private GrainDataKeys Keys => new(gateway.Services.GetRequiredService<IGrainFactory>(), gateway.Services.GetRequiredService<ClusterCalls>());

    [Fact]
    public async Task A_data_key_that_cannot_be_fetched_now_is_asked_for_again()
    {
        gateway.World.NextDataKeys.Enqueue(() => throw new StoreUnavailableException("away"));
        gateway.World.NextDataKeys.Enqueue(() => throw new SiloUnavailableException("died"));
        gateway.World.NextDataKeys.Enqueue(() => new WrappedDataKeyDto(7, [1], DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue));
        Assert.Equal(7, (await Keys.CurrentAsync(TestContext.Current.CancellationToken)).Id);
    }

    [Fact]
    public async Task A_data_key_that_stays_out_of_reach_is_a_503_to_seal_and_to_open()
    {
        ProblemException sealing = await Assert.ThrowsAsync<ProblemException>(() => Keys.CurrentAsync(TestContext.Current.CancellationToken).AsTask());
        ProblemException opening = await Assert.ThrowsAsync<ProblemException>(() => Keys.FindAsync(1, TestContext.Current.CancellationToken).AsTask());
        Assert.Equal([503, 503], [sealing.Problem.Status, opening.Problem.Status]);
    }
}
