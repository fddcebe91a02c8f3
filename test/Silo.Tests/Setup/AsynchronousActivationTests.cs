using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Configuration;
using ShitOps.Silo.Setup;
using ShitOps.TestKit;

namespace ShitOps.Silo.Tests.Setup;

/// <summary>In a real silo: grains that are ready at once and call each other in their very first call.</summary>
public sealed class AsynchronousActivationTests
{
    private const int Pairs = 20;
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Two_grains_whose_first_calls_call_each_other_both_answer()
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        IHost host = Silo();
        await host.StartAsync(stop);
        IGrainFactory grains = host.Services.GetRequiredService<IGrainFactory>();
        for (int pair = 0; pair < Pairs; pair++)
        {
            string left = string.Create(CultureInfo.InvariantCulture, $"{pair}-left"), right = string.Create(CultureInfo.InvariantCulture, $"{pair}-right");
            // From two threads, as two connections would.
            Task<string> first = Task.Run(() => grains.GetGrain<IMeetingGrain>(left).Meet(right), stop);
            Task<string> second = Task.Run(() => grains.GetGrain<IMeetingGrain>(right).Meet(left), stop);
            string[] answers = await Task.WhenAll(first, second).WaitAsync(Enough, stop);
            Assert.Equal([right, left], answers);
        }
        // Only if all went well: a silo that stands still cannot be stopped, and the test is to fail, not to stand with it.
        await host.StopAsync(stop);
        host.Dispose();
    }

    private static IHost Silo()
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IConfigureGrainContextProvider, AsynchronousActivation>();
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(Loopback.FreePort(), Loopback.FreePort());
            silo.Configure<EndpointOptions>(options => options.AdvertisedIPAddress = IPAddress.Loopback);
        });
        return builder.Build();
    }
}

[Alias("test.IMeetingGrain")]
public interface IMeetingGrain : IGrainWithStringKey
{
    [Alias("Meet")]
    Task<string> Meet(string other);

    [Alias("Name")]
    Task<string> Name();
}

/// <summary>Calls the other only when that one is being called too, and without having waited before.</summary>
[Reentrant]
public sealed class MeetingGrain : Grain, IMeetingGrain
{
    private static readonly ConcurrentDictionary<string, Barrier> Meetings = new();

    public Task<string> Meet(string other)
    {
        string meeting = this.GetPrimaryKeyString().Split('-')[0];
        // Should the other never come, the calls go on one after the other and the test says nothing: so that must fail.
        if (!Meetings.GetOrAdd(meeting, _ => new(2)).SignalAndWait(TimeSpan.FromSeconds(20)))
            throw new TimeoutException("the two were not called at once");
        return GrainFactory.GetGrain<IMeetingGrain>(other).Name();
    }

    public Task<string> Name() => Task.FromResult(this.GetPrimaryKeyString());
}
