using System.Collections.Concurrent;

namespace ShitOps.Hosting.Cluster;

/// <summary>
/// The grains of a gateway. A client that has not connected yet does not know the cluster's grain types and calls that
/// a programmer's mistake; here it is what it is, a cluster that cannot be reached now, and passes.
/// </summary>
internal sealed class ConnectedGrains(IServiceProvider services, IClusterLink link) : IGrainFactory
{
    /// <summary>References by kind and key: Orleans reads attributes for each it makes. They hold nothing, and there are as many as hubs and teams.</summary>
    private readonly ConcurrentDictionary<(Type, string), IAddressable> _named = new();
    private IClusterClient? _client;

    private IClusterClient Client => link.FirstConnected.IsCompleted
        ? _client ??= (IClusterClient)services.GetService(typeof(IClusterClient))!
        : throw new SiloUnavailableException("No silo has been reached yet.");

    public T GetGrain<T>(Guid primaryKey, string? grainClassNamePrefix = null) where T : IGrainWithGuidKey =>
        Client.GetGrain<T>(primaryKey, grainClassNamePrefix);

    public T GetGrain<T>(long primaryKey, string? grainClassNamePrefix = null) where T : IGrainWithIntegerKey =>
        Client.GetGrain<T>(primaryKey, grainClassNamePrefix);

    public T GetGrain<T>(string primaryKey, string? grainClassNamePrefix = null) where T : IGrainWithStringKey =>
        grainClassNamePrefix is not null ? Client.GetGrain<T>(primaryKey, grainClassNamePrefix)
            : (T)_named.GetOrAdd((typeof(T), primaryKey), static (name, client) => client.GetGrain<T>(name.Item2), Client);

    public T GetGrain<T>(Guid primaryKey, string keyExtension, string? grainClassNamePrefix = null) where T : IGrainWithGuidCompoundKey =>
        Client.GetGrain<T>(primaryKey, keyExtension, grainClassNamePrefix);

    public T GetGrain<T>(long primaryKey, string keyExtension, string? grainClassNamePrefix = null) where T : IGrainWithIntegerCompoundKey =>
        Client.GetGrain<T>(primaryKey, keyExtension, grainClassNamePrefix);

    public T CreateObjectReference<T>(IGrainObserver obj) where T : IGrainObserver => Client.CreateObjectReference<T>(obj);

    public void DeleteObjectReference<T>(IGrainObserver obj) where T : IGrainObserver => Client.DeleteObjectReference<T>(obj);

    public IGrain GetGrain(Type grainInterfaceType, Guid grainPrimaryKey) => Client.GetGrain(grainInterfaceType, grainPrimaryKey);

    public IGrain GetGrain(Type grainInterfaceType, long grainPrimaryKey) => Client.GetGrain(grainInterfaceType, grainPrimaryKey);

    public IGrain GetGrain(Type grainInterfaceType, string grainPrimaryKey) => Client.GetGrain(grainInterfaceType, grainPrimaryKey);

    public IGrain GetGrain(Type grainInterfaceType, Guid grainPrimaryKey, string keyExtension) =>
        Client.GetGrain(grainInterfaceType, grainPrimaryKey, keyExtension);

    public IGrain GetGrain(Type grainInterfaceType, long grainPrimaryKey, string keyExtension) =>
        Client.GetGrain(grainInterfaceType, grainPrimaryKey, keyExtension);

    public T GetGrain<T>(GrainId grainId) where T : IAddressable => Client.GetGrain<T>(grainId);

    public IAddressable GetGrain(GrainId grainId) => Client.GetGrain(grainId);

    public IAddressable GetGrain(GrainId grainId, GrainInterfaceType interfaceType) => Client.GetGrain(grainId, interfaceType);

    public IAddressable GetGrain(Type interfaceType, IdSpan grainKey, string grainClassNamePrefix) =>
        Client.GetGrain(interfaceType, grainKey, grainClassNamePrefix);

    public IAddressable GetGrain(Type interfaceType, IdSpan grainKey) => Client.GetGrain(interfaceType, grainKey);
}
