[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace ShitOps.Board.Tests.Fixtures;

/// <summary>Everything in one process, and a browser before it.</summary>
public sealed class BoardSite : IAsyncLifetime
{
    public Chromium Chromium { get; } = new();
    public StandaloneProcess Standalone { get; private set; } = null!;
    public Uri Address => Standalone.Program.Address!;

    public async ValueTask InitializeAsync() => Standalone = await StandaloneProcess.StartAsync(more: new() { ["Gateway__KeyCacheTime"] = "00:00:01", ["Gateway__KibanaUrl"] = "https://kibana.example/" });

    public async ValueTask DisposeAsync()
    {
        await Chromium.DisposeAsync();
        await Standalone.DisposeAsync();
    }
}

[CollectionDefinition(Name)]
public sealed class SiteTests : ICollectionFixture<BoardSite>
{
    public const string Name = "site";
}
