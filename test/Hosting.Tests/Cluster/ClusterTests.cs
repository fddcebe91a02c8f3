using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using ShitOps.Hosting.Cluster;
using ShitOps.Hosting.Configuration;
using ShitOps.TestKit;

namespace ShitOps.Hosting.Tests.Cluster;

public sealed class ClusterTests
{
    [Fact]
    public async Task A_gateway_listens_before_there_is_any_silo_and_stops_in_order()
    {
        int port = Loopback.FreePort();
        WebApplicationBuilder builder = Builder(port);
        builder.UseOrleansClient(client => client.UseShitOpsCluster());
        WebApplication app = builder.Build();
        app.MapGet("/", (IClusterLink link) => Results.StatusCode(link.IsConnected ? 200 : 503));
        app.MapGet("/call", async (IGrainFactory grains) =>
        {
            try
            {
                await grains.GetGrain<Orleans.Runtime.IManagementGrain>(0).GetTotalActivationCount();
                return "answered";
            }
            catch (Exception error)
            {
                return error.ToString();
            }
        });
        var lifetime = app.Services.GetRequiredService<IHostApplicationLifetime>();
        Task<int> run = Startup.RunAsync(app);

        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        using var pulse = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!run.IsCompleted && !await Loopback.AcceptsAsync(port, limit.Token))
            await pulse.WaitForNextTickAsync(limit.Token);
        HttpResponseMessage reply = await http.GetAsync(new Uri("/", UriKind.Relative), limit.Token);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, reply.StatusCode);

        Assert.StartsWith("Orleans.Runtime.SiloUnavailableException", await http.GetStringAsync(new Uri("/call", UriKind.Relative), limit.Token));

        lifetime.StopApplication();
        Assert.Equal(0, await run.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task A_silo_in_the_same_process_is_reached_once_it_has_started()
    {
        WebApplicationBuilder builder = Builder(Loopback.FreePort());
        builder.Configuration["Cluster:SiloPort"] = Loopback.FreePort().ToString();
        builder.Configuration["Cluster:GatewayPort"] = Loopback.FreePort().ToString();
        builder.UseOrleans(silo => silo.UseShitOpsLocalCluster());
        await using WebApplication app = builder.Build();
        var link = app.Services.GetRequiredService<IClusterLink>();
        Assert.False(link.IsConnected);
        await app.StartAsync();
        await link.FirstConnected.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.True(link.IsConnected);
        await app.StopAsync();
        Assert.False(link.IsConnected);
    }

    [Fact]
    public void A_silo_takes_ports_address_and_id_from_the_configuration()
    {
        WebApplicationBuilder builder = Builder(Loopback.FreePort());
        builder.Configuration["Cluster:Id"] = "blue";
        builder.Configuration["Cluster:SiloPort"] = "12111";
        builder.Configuration["Cluster:GatewayPort"] = "12112";
        builder.Configuration["Cluster:AdvertisedAddress"] = "127.0.0.1";
        builder.UseOrleans(silo => silo.UseShitOpsCluster());
        using WebApplication app = builder.Build();
        EndpointOptions endpoint = Options<EndpointOptions>(app);
        Assert.Equal((IPAddress.Loopback, 12111, 12112), (endpoint.AdvertisedIPAddress, endpoint.SiloPort, endpoint.GatewayPort));
        Assert.Null(endpoint.SiloListeningEndpoint);
        Assert.Equal(("blue", "blue"), (Options<ClusterOptions>(app).ClusterId, Options<ClusterOptions>(app).ServiceId));
        Assert.Equal(TimeSpan.FromSeconds(5), Options<SiloMessagingOptions>(app).ResponseTimeout);
        Assert.Equal(1, Options<ClusterMembershipOptions>(app).NumVotesForDeathDeclaration);
        Assert.Equal(TimeSpan.FromSeconds(30), Options<HostOptions>(app).ShutdownTimeout);
    }

    [Fact]
    public void Behind_an_address_that_is_not_the_machines_own_a_silo_listens_on_all()
    {
        WebApplicationBuilder builder = Builder(Loopback.FreePort());
        builder.Configuration["Cluster:AdvertisedAddress"] = "203.0.113.7";
        builder.UseOrleans(silo => silo.UseShitOpsCluster());
        using WebApplication app = builder.Build();
        Assert.Equal(IPAddress.Any, Options<EndpointOptions>(app).SiloListeningEndpoint!.Address);
    }

    private static T Options<T>(WebApplication app) where T : class => app.Services.GetRequiredService<IOptions<T>>().Value;

    private static WebApplicationBuilder Builder(int port)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = Environments.Production });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:ShitOps"] = $"Server=127.0.0.1;Port={Loopback.FreePort()};Database=shitops;User ID=root",
        });
        return builder;
    }
}
