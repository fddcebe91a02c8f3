using System.Diagnostics;
using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MySqlConnector;
using ShitOps.Grains;
using ShitOps.Grains.Journal;
using ShitOps.Grains.Scanning;
using ShitOps.Grains.Storage;
using ShitOps.Silo;
using ShitOps.Silo.MySql;
using ShitOps.Silo.Store;

namespace ShitOps.Bench;

/// <summary>The scanner alone and the database alone, each asked through the silo's own client for it.</summary>
internal static class ServerFloors
{
    private const int Batch = 500, AtOnce = 4;

    /// <remarks>Stops silos and gateways.</remarks>
    public static async Task MeasureAsync(Figures figures, BenchOptions options, ShitOpsCluster cluster, CancellationToken stop)
    {
        foreach (ProgramUnderTest program in cluster.Gateways.Concat(cluster.Silos))
            await program.StopAsync();
        string database = new MySqlConnectionStringBuilder(cluster.Database.ConnectionString) { Database = "shitops_floor" }.ConnectionString;
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Antivirus:Endpoints:0"] = $"tcp://127.0.0.1:{cluster.Clamd.Port}" });
        builder.Services.AddLogging(logs => logs.SetMinimumLevel(LogLevel.Error));
        builder.Services.AddMySqlStore(database).AddScanner(builder.Configuration, allowBuiltIn: false);
        using IHost host = builder.Build();
        await host.Services.GetRequiredService<ISchema>().MigrateAsync(stop);
        await host.StartAsync(stop);
        // Others than those measured: clamd knows again what it has found clean.
        byte[][] first = Bodies(options, 1), bodies = Bodies(options, 2);

        IScanner scanner = host.Services.GetRequiredService<IScanner>();
        await PassAsync(options.Messages, batch => ScanAsync(scanner, first, batch));
        double scan = await CostAsync(figures, "floor.scan", options.Messages, cluster.Clamd.ProcessId, batch => ScanAsync(scanner, bodies, batch));
        ICommitQueue commits = host.Services.GetRequiredService<ICommitQueue>();
        await PassAsync(options.Messages, batch => WriteAsync(commits, first, batch));
        double write = await CostAsync(figures, "floor.database", options.Messages, cluster.Database.ProcessId, batch => WriteAsync(commits, bodies, batch));
        figures.Add("floor.cpu", scan + write, "µs/message");
        await host.StopAsync(stop);
    }

    /// <returns>Processor time of server and client, in µs a message.</returns>
    private static async Task<double> CostAsync(Figures figures, string name, int messages, int server, Func<Range, Task> work)
    {
        double before = ProcessorTime.Of(server), mine = ProcessorTime.Of(Environment.ProcessId);
        long start = Stopwatch.GetTimestamp();
        await PassAsync(messages, work);
        TimeSpan took = Stopwatch.GetElapsedTime(start);
        double served = (ProcessorTime.Of(server) - before) / messages * 1e6, asked = (ProcessorTime.Of(Environment.ProcessId) - mine) / messages * 1e6;
        figures.Add(name, messages / took.TotalSeconds, "messages/s");
        figures.Add($"{name}.server", served, "µs/message");
        figures.Add($"{name}.client", asked, "µs/message");
        return served + asked;
    }

    private static Task PassAsync(int messages, Func<Range, Task> work)
    {
        int batches = (messages + Batch - 1) / Batch, next = -1;
        return Task.WhenAll(Enumerable.Range(0, AtOnce).Select(async _ =>
        {
            for (int batch = Interlocked.Increment(ref next); batch < batches; batch = Interlocked.Increment(ref next))
                await work((batch * Batch)..Math.Min(messages, (batch + 1) * Batch));
        }));
    }

    private static byte[][] Bodies(BenchOptions options, int round)
    {
        var random = new Random(round);
        return [.. Enumerable.Range(0, options.Messages).Select(_ => RandomText.Make(random, options.Body))];
    }

    private static async Task ScanAsync(IScanner scanner, byte[][] bodies, Range batch)
    {
        ScanReport found = await scanner.ScanAsync([.. bodies[batch].Select(body => (ReadOnlyMemory<byte>)body)]);
        if (!found.Verdicts.All(verdict => verdict.Kind == VerdictKind.Clean))
            throw new InvalidOperationException($"not clean: {found.Verdicts.First(v => v.Kind != VerdictKind.Clean)}");
    }

    private static async Task WriteAsync(ICommitQueue commits, byte[][] bodies, Range batch)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        NewMessage[] messages = [.. bodies[batch].Select(body => new NewMessage
        {
            Id = Guid.CreateVersion7(now),
            From = "a",
            To = "b",
            ContentType = "application/json",
            SealedBody = body,
            Size = body.Length,
            Sha256 = SHA256.HashData(body),
        })];
        await CommitAsync(commits, messages.Select((m, i) => new InsertMessage(m, new NodeKey(Limits.DefaultTree, 0), MessageState.Queued, i, now)
        {
            Events = [new(EventTypes.MessageAccepted, now) { Message = m.Id, From = m.From, Team = m.To, Sha256 = m.Sha256 }],
        }));
        await CommitAsync(commits, messages.SelectMany(m => new Change[]
        {
            new InsertDelivery(m.Id, m.To, m.From, Priority.Normal, null, null, now)
            {
                Events = [new(EventTypes.MessageScanned, now) { Message = m.Id }, new(EventTypes.MessageForwarded, now) { Message = m.Id }, new(EventTypes.MessageDelivered, now) { Message = m.Id }],
            },
            new MoveMessage(m.Id, MessageStateSet.Unsettled, MessageState.Delivered, now),
        }));
        await CommitAsync(commits, messages.Select(m => new MoveDelivery(m.Id, m.To, DeliveryState.Acknowledged, 1, now)
        {
            Events = [new(EventTypes.MessageAcknowledged, now) { Message = m.Id }],
        }));
    }

    private static async Task CommitAsync(ICommitQueue commits, IEnumerable<Change> changes)
    {
        ChangeResult[] results = await commits.CommitAsync(new Commit([.. changes], Deadline: TimeSpan.FromMinutes(1)));
        if (!results.All(r => r.Applied))
            throw new InvalidOperationException("a change was not applied");
    }
}
