using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ShitOps.Grains;
using ShitOps.Grains.Tree;

namespace ShitOps.Bench;

/// <summary>
/// Hops of the tree alone: two silos in this process, hubs that only pass on, the envelopes and batches of the real ones,
/// between random nodes. Grains are spread over the silos, so about every second call is serialised and sent.
/// </summary>
internal static class HopFloor
{
    private const int AtOnce = 4;

    public static async Task MeasureAsync(Figures figures, BenchOptions options, CancellationToken stop)
    {
        int port = Loopback.FreePort();
        using IHost first = Silo(port, port), second = Silo(Loopback.FreePort(), port);
        await first.StartAsync(stop);
        await second.StartAsync(stop);
        try
        {
            IGrainFactory grains = first.Services.GetRequiredService<IGrainFactory>();
            int nodes = Math.Max(2, (options.Teams + 1) / 2);
            await RunAsync(grains, nodes, options, round: 1, stop);
            double before = ProcessorTime.Of(Environment.ProcessId);
            long start = Stopwatch.GetTimestamp();
            long passed = await RunAsync(grains, nodes, options, round: 2, stop);
            figures.Add("floor.hops", passed / Stopwatch.GetElapsedTime(start).TotalSeconds, "hops/s");
            figures.Add("floor.hops.cpu", (ProcessorTime.Of(Environment.ProcessId) - before) / passed * 1e6, "µs/message and hop");
        }
        finally
        {
            await second.StopAsync(CancellationToken.None);
            await first.StopAsync(CancellationToken.None);
        }
    }

    private static IHost Silo(int port, int primary)
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddLogging(logs => logs.SetMinimumLevel(LogLevel.Error));
        builder.UseOrleans(silo => silo.UseLocalhostClustering(port, Loopback.FreePort(), new IPEndPoint(IPAddress.Loopback, primary), "hops", "hops"));
        return builder.Build();
    }

    /// <returns>Messages times nodes passed.</returns>
    private static async Task<long> RunAsync(IGrainFactory grains, int nodes, BenchOptions options, int round, CancellationToken stop)
    {
        int next = -1, batches = (options.Messages + options.Bulk - 1) / options.Bulk;
        long passed = 0;
        using var together = new Together(stop);
        for (int sender = 0; sender < AtOnce; sender++)
        {
            var random = new Random((round * 1_000) + sender);
            together.Add(async token =>
            {
                for (int batch = Interlocked.Increment(ref next); batch < batches; batch = Interlocked.Increment(ref next))
                {
                    token.ThrowIfCancellationRequested();
                    (int from, ForwardBatch envelopes, int hops) = Batch(random, nodes, Math.Min(options.Bulk, options.Messages - (batch * options.Bulk)));
                    ForwardReply reply = await grains.GetGrain<IRelayGrain>(from).Forward(envelopes);
                    if (!Array.TrueForAll(reply.Results, status => status == ForwardStatus.Delivered))
                        throw new InvalidOperationException("a relay failed");
                    Interlocked.Add(ref passed, hops);
                }
            });
        }
        await together.EndAsync();
        return passed;
    }

    private static (int From, ForwardBatch Envelopes, int Hops) Batch(Random random, int nodes, int count)
    {
        int from = random.Next(nodes), hops = 0;
        var items = new Envelope[count];
        for (int i = 0; i < count; i++)
        {
            int to = random.Next(nodes);
            hops += TreeShape.Distance(from, to) + 1;
            items[i] = new Envelope
            {
                Id = Guid.NewGuid(),
                From = "team-of-usual-length",
                To = to.ToString(CultureInfo.InvariantCulture),
                Sha256 = RandomNumberGenerator.GetBytes(SHA256.HashSizeInBytes),
            };
        }
        return (from, new ForwardBatch { Epoch = 1, From = -1, Descending = false, SignatureVersion = "27000", Hops = [], Items = items }, hops);
    }
}
