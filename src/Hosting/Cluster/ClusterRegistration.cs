using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using ShitOps.Hosting.Configuration;

namespace ShitOps.Hosting.Cluster;

/// <summary>What makes a process a member, or a client, of the cluster.</summary>
public static class ClusterRegistration
{
    /// <summary>The provider's name for MySqlConnector.</summary>
    public const string Invariant = "MySql.Data.MySqlConnector";

    /// <summary>
    /// A silo whose membership stands in the database of <c>ConnectionStrings:ShitOps</c>. Its tables and queries must
    /// be there when the silo starts: register what makes them before <c>UseOrleans</c>.
    /// </summary>
    public static ISiloBuilder UseShitOpsCluster(this ISiloBuilder silo)
    {
        silo.Services.AddSettings<DatabaseSettings>(DatabaseSettings.Section, strict: false);
        silo.UseAdoNetClustering(options => options.Configure<IOptions<DatabaseSettings>>((clustering, database) =>
        {
            clustering.Invariant = Invariant;
            clustering.ConnectionString = database.Value.ShitOps;
        }));
        silo.Services.AddOptions<EndpointOptions>().Configure<IOptions<ClusterSettings>>((endpoint, cluster) =>
        {
            IPAddress address = AdvertisedAddress.Resolve(cluster.Value.AdvertisedAddress);
            endpoint.AdvertisedIPAddress = address;
            endpoint.SiloPort = cluster.Value.SiloPort;
            endpoint.GatewayPort = cluster.Value.GatewayPort;
            if (AdvertisedAddress.IsOwn(address))
                return;
            endpoint.SiloListeningEndpoint = new IPEndPoint(IPAddress.Any, cluster.Value.SiloPort);
            endpoint.GatewayListeningEndpoint = new IPEndPoint(IPAddress.Any, cluster.Value.GatewayPort);
        });
        return silo.UseShared();
    }

    /// <summary>The one silo of the one-process form, on loopback, with its membership in memory.</summary>
    public static ISiloBuilder UseShitOpsLocalCluster(this ISiloBuilder silo)
    {
        silo.UseLocalhostClustering();
        silo.Services.AddOptions<EndpointOptions>().Configure<IOptions<ClusterSettings>>((endpoint, cluster) =>
        {
            endpoint.SiloPort = cluster.Value.SiloPort;
            endpoint.GatewayPort = cluster.Value.GatewayPort;
        });
        return silo.UseShared();
    }

    /// <summary>
    /// A client of the cluster in the database of <c>ConnectionStrings:ShitOps</c>. The process listens at once and
    /// connects beside; <see cref="IClusterLink"/> tells whether it has.
    /// </summary>
    public static IClientBuilder UseShitOpsCluster(this IClientBuilder client)
    {
        IServiceCollection services = client.Services;
        services.AddSettings<DatabaseSettings>(DatabaseSettings.Section, strict: false);
        AddShared(services);
        client.UseAdoNetClustering(options => options.Configure<IOptions<DatabaseSettings>>((clustering, database) =>
        {
            clustering.Invariant = Invariant;
            clustering.ConnectionString = database.Value.ShitOps;
        }));
        services.Configure<GatewayOptions>(options => options.GatewayListRefreshPeriod = Timing.GatewayListRefresh);
        services.Configure<ClientMessagingOptions>(Timing.Apply);
        services.RemoveAll<IClientConnectionRetryFilter>();
        services.AddSingleton<IClientConnectionRetryFilter, ConnectForever>();
        // The last registration is the one resolved; Orleans' own parts ask for their internal factory.
        services.AddSingleton<IGrainFactory, ConnectedGrains>();
        // The client's start ends when it has connected: one service after the other, HTTP would wait for it.
        services.Configure<HostOptions>(options => options.ServicesStartConcurrently = true);
        services.AddSingleton<ILifecycleParticipant<IClusterClientLifecycle>>(s => s.GetRequiredService<ClusterLink>());
        services.AddSingleton<IClusterConnectionStatusObserver>(s => s.GetRequiredService<ClusterLink>());
        return client;
    }

    private static ISiloBuilder UseShared(this ISiloBuilder silo)
    {
        AddShared(silo.Services);
        silo.Services.Configure<ClusterMembershipOptions>(Timing.Apply);
        silo.Services.Configure<SiloMessagingOptions>(Timing.Apply);
        silo.Services.Configure<ClientMessagingOptions>(Timing.Apply);
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(s => s.GetRequiredService<ClusterLink>());
        return silo;
    }

    private static void AddShared(IServiceCollection services)
    {
        services.AddSettings<ClusterSettings>(ClusterSettings.Section);
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<ClusterOptions>().Configure<IOptions<ClusterSettings>>((cluster, settings) =>
        {
            cluster.ClusterId = settings.Value.Id;
            cluster.ServiceId = settings.Value.Id;
        });
        services.Configure<HostOptions>(options => options.ShutdownTimeout = Timing.Shutdown);
        services.TryAddSingleton<ClusterLink>();
        services.TryAddSingleton<IClusterLink>(s => s.GetRequiredService<ClusterLink>());
    }
}
