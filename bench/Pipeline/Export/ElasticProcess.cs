using ShitOps.TestKit.Elastic;

namespace ShitOps.Bench;

/// <summary>The test kit's Elasticsearch in a process of its own, so that its processor time is not the exporter's.</summary>
internal sealed class ElasticProcess : IAsyncDisposable
{
    /// <summary>The hidden command that serves.</summary>
    public const string Verb = "elastic";

    private readonly ServerProcess _process;
    private readonly HttpClient _client = new();

    private ElasticProcess(ServerProcess process) => _process = process;

    public int Id => _process.Id;

    public Uri Url { get; private set; } = null!;

    public static async Task<ElasticProcess> StartAsync()
    {
        var elastic = new ElasticProcess(ServerProcess.Start(Verb, "dotnet", [typeof(ElasticProcess).Assembly.Location, Verb]));
        await elastic._process.UntilAsync(_ => Task.FromResult(elastic.TryReadUrl()));
        return elastic;
    }

    public static async Task ServeAsync(CancellationToken stop)
    {
        await using ElasticServer server = await ElasticServer.StartNewAsync();
        Console.WriteLine(server.Url);
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Forgets all documents of a stream.</summary>
    /// <exception cref="InvalidOperationException">There were not so many.</exception>
    public async Task EmptyAsync(string stream, int expected, CancellationToken stop)
    {
        string count = await _client.GetStringAsync(new Uri(Url, $"{stream}/_count"), stop);
        if (count != $$"""{"count":{{expected}}}""")
            throw new InvalidOperationException($"{expected} events were sent, and stored are {count}");
        (await _client.DeleteAsync(new Uri(Url, $"_data_stream/{stream}"), stop)).EnsureSuccessStatusCode();
    }

    private bool TryReadUrl()
    {
        bool there = Uri.TryCreate(_process.Output.Split('\n')[0], UriKind.Absolute, out Uri? url);
        Url = url!;
        return there;
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _process.DisposeAsync();
    }
}
