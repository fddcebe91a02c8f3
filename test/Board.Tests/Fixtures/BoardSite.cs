using ShitOps.TestKit.Elastic;

[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace ShitOps.Board.Tests.Fixtures;

/// <summary>Everything in one process, and a browser before it.</summary>
public sealed class BoardSite : IAsyncLifetime
{
    public Chromium Chromium { get; } = new();
    /// <summary>Where the journal is sent.</summary>
    public ElasticServer Elastic { get; private set; } = null!;
    public StandaloneProcess Standalone { get; private set; } = null!;
    public Uri Address => Standalone.Program.Address!;

    /// <summary>A browser of its own, signed in, at that path.</summary>
    public async Task<BoardPage> AtAsync(string key, string path = "/") => await BoardPage.SignedInAsync(await Chromium.NewAsync(Address), key, path);

    public async ValueTask InitializeAsync()
    {
        Elastic = await ElasticServer.StartNewAsync();
        Standalone = await StandaloneProcess.StartAsync(more: new()
        {
            ["Gateway__KeyCacheTime"] = "00:00:01",
            ["Gateway__KibanaUrl"] = "https://kibana.example/",
            ["Elastic__Url"] = Elastic.Url.ToString(),
        });
    }

    public async ValueTask DisposeAsync()
    {
        await Chromium.DisposeAsync();
        await Standalone.DisposeAsync();
        await Elastic.DisposeAsync();
    }
}

[CollectionDefinition(Name)]
public sealed class SiteTests : ICollectionFixture<BoardSite>
{
    public const string Name = "site";
}
