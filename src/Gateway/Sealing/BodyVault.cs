using ShitOps.Gateway.Cluster;
using ShitOps.Grains;
using ShitOps.Hosting.Sealing;

namespace ShitOps.Gateway.Sealing;

/// <summary>With the keys at hand, which is nearly always, both complete at once. Keys that are out of reach are asked for again; then it is a 503.</summary>
internal sealed class BodyVault(SealedBodies bodies, ClusterCalls calls) : IBodyVault
{
    public ValueTask<byte[]> SealAsync(ReadOnlyMemory<byte> plain, Guid id, int part = 0, CancellationToken stop = default)
    {
        ValueTask<byte[]> result = bodies.SealAsync(plain, id, part, stop);
        return result.IsCompletedSuccessfully ? result : AgainAsync(result, () => bodies.SealAsync(plain, id, part, stop), stop);
    }

    public ValueTask<byte[]> OpenAsync(ReadOnlyMemory<byte> sealedBody, Guid id, int part = 0, CancellationToken stop = default)
    {
        ValueTask<byte[]> result = bodies.OpenAsync(sealedBody, id, part, stop);
        return result.IsCompletedSuccessfully ? result : AgainAsync(result, () => bodies.OpenAsync(sealedBody, id, part, stop), stop);
    }

    private async ValueTask<byte[]> AgainAsync(ValueTask<byte[]> first, Func<ValueTask<byte[]>> again, CancellationToken stop)
    {
        try
        {
            return await first;
        }
        catch (KeyRingAwayException)
        {
            return await calls.RetryAsync(() => again().AsTask(), stop);
        }
    }
}

/// <summary>
/// A gateway touches no table of keys: a silo hands them out, wrapped. Asked again like any call into the cluster; while
/// there is no answer, what needs a key that is not at hand is answered by 503.
/// </summary>
internal sealed class GrainDataKeys(IGrainFactory grains, ClusterCalls calls) : IDataKeyStore
{
    private IDataKeyGrain Keys => grains.GetGrain<IDataKeyGrain>(0);

    public async ValueTask<WrappedDataKey> CurrentAsync(CancellationToken stop = default) => Key(await calls.RetryAsync(() => Keys.Current(), stop));

    public async ValueTask<WrappedDataKey?> FindAsync(int id, CancellationToken stop = default) =>
        await calls.RetryAsync(() => Keys.Get(id), stop) is { } key ? Key(key) : null;

    private static WrappedDataKey Key(WrappedDataKeyDto key) => new(key.Id, key.Wrapped, key.CreatedAt, key.RotateAt);
}

public static class GatewaySealing
{
    /// <summary>Bodies are sealed and opened under keys of the cluster; a key store registered before is kept.</summary>
    public static IServiceCollection AddBodyVault(this IServiceCollection services)
    {
        if (!services.Any(s => s.ServiceType == typeof(IDataKeyStore)))
            services.AddSingleton<IDataKeyStore, GrainDataKeys>();
        return services.AddSealedBodies().AddSingleton<IBodyVault, BodyVault>();
    }
}
