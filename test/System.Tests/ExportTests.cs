using System.Text.Json;
using ShitOps.System.Tests.Fixtures;
using ShitOps.TestKit.Elastic;

namespace ShitOps.System.Tests;

/// <summary>The journal's way to Elasticsearch through silos that die and an Elasticsearch that goes away. A cluster of its own.</summary>
[Collection(BreaksThings.Name)]
public sealed class ExportTests(ITestOutputHelper output)
{
    private const string Stream = "logs-shitops.pipeline-default";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(180);

    [Fact]
    public async Task Silos_that_die_and_an_outage_of_Elasticsearch_delay_events_and_lose_and_double_none()
    {
        await using ElasticServer elastic = await ElasticServer.StartNewAsync(new() { ApiKey = "a2V5OnNlY3JldA==" });
        await using ShitOpsCluster cluster = await ShitOpsCluster.StartAsync(new ClusterOptions
        {
            SiloSettings = new Dictionary<string, string?> { ["Elastic__Url"] = elastic.Url.ToString(), ["Elastic__ApiKey"] = "a2V5OnNlY3JldA==" },
        });
        try
        {
            await DisturbAsync(elastic, cluster);
        }
        catch
        {
            output.WriteLine(cluster.Tails());
            throw;
        }
    }

    private async Task DisturbAsync(ElasticServer elastic, ShitOpsCluster cluster)
    {
        var teams = new List<ApiClient>();
        foreach (string name in (string[])["one", "two", "three"])
            teams.Add((await cluster.Operator.CreateTeamAsync(name)).Client);
        await elastic.UntilAsync(Stream, stored => stored.Count > 0, TestContext.Current.CancellationToken);
        var flow = new Flow(teams[..2], teams[2..], batch: 25, lease: 20);
        output.WriteLine(await flow.RunAsync(400, Limit, async () =>
        {
            await flow.UnderWay;
            ProgramUnderTest exporter = await ExporterAsync(cluster, except: null);
            elastic.Next(new ElasticFault.Truncate(), new ElasticFault.Refuse(429, 0), new ElasticFault.Drop(), new ElasticFault.Items(id => id.EndsWith('1'), 503, "unavailable_shards_exception"));
            await exporter.StopAsync(Signals.Kill);
            ProgramUnderTest next = await ExporterAsync(cluster, except: exporter);
            output.WriteLine($"{exporter.Name} sent, and after its death {next.Name}");
            await elastic.StopAsync();
            await exporter.RestartAsync();
        }));
        flow.Check();
        await Eventually.UntilAsync(cluster.Anonymous.ReadyAsync, ready => ready.Text.Contains("journal export", StringComparison.Ordinal), Limit, "health tells that events wait");
        await elastic.StartAsync();
        await Eventually.UntilAsync(() => DifferenceAsync(elastic, cluster), difference => difference.Length == 0, Limit, "every event of the journal arrives once");
        await Eventually.UntilAsync(cluster.Anonymous.ReadyAsync, ready => !ready.Text.Contains("journal export", StringComparison.Ordinal), Limit, "health is as before");
        Assert.Equal(elastic.Documents(Stream).Count, elastic.Documents(Stream).Select(d => d.Id).Distinct().Count());
        await elastic.UntilAsync(Stream, stored => Stored(elastic, "metric").Any(m => m.GetProperty("shitops").TryGetProperty("node", out _)), TestContext.Current.CancellationToken);
        Assert.Contains(Stored(elastic, "metric"), m => m.GetProperty("shitops").GetProperty("metrics").TryGetProperty("lag_events", out _));
        output.WriteLine($"{Stored(elastic, "event").Count} events, {Stored(elastic, "metric").Count} samples");
    }

    private static Task<ProgramUnderTest> ExporterAsync(ShitOpsCluster cluster, ProgramUnderTest? except) => Eventually.UntilAsync(
        () => Task.FromResult(cluster.Silos.FirstOrDefault(s => s != except && s.IsRunning && s.Output.Contains("This process sends the journal", StringComparison.Ordinal))!),
        found => found is not null, Limit, "a silo sends the journal");

    private static List<JsonElement> Stored(ElasticServer elastic, string kind) =>
        [.. elastic.Documents(Stream).Select(d => JsonDocument.Parse(d.Source).RootElement)
            .Where(d => (d.GetProperty("event").GetProperty("kind").GetString() == "metric") == (kind == "metric"))];

    /// <summary>What differs between the journal and what was sent of it; empty if nothing does.</summary>
    private static async Task<string> DifferenceAsync(ElasticServer elastic, ShitOpsCluster cluster)
    {
        string[] told = [.. (await cluster.Operator.AllAsync("/v1/events", ("limit", "1000"))).Select(e => e.Text("position")!).Order(StringComparer.Ordinal)];
        string[] stored = [.. Stored(elastic, "event").Select(d => d.GetProperty("event").GetProperty("id").GetString()!).Order(StringComparer.Ordinal)];
        return told.SequenceEqual(stored) ? ""
            : $"{stored.Length} of {told.Length} events stand there; missing {string.Join(' ', told.Except(stored).Take(5))}; too many {string.Join(' ', stored.Except(told).Take(5))}";
    }
}
