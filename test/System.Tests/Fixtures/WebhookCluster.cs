using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using ShitOps.TestKit.Webhooks;

namespace ShitOps.System.Tests.Fixtures;

/// <summary>A cluster that may push to loopback and trusts the one receiver there, in which each test has a path of its own.</summary>
public sealed class WebhookCluster : LazyCluster
{
    private readonly ConcurrentDictionary<string, Func<Received, HttpContext, Task>> _answers = new();
    private WebhookReceiver? _receiver;

    public WebhookReceiver Receiver => _receiver!;

    /// <summary>An address that answers so.</summary>
    public Uri Url(string path, Func<Received, HttpContext, Task>? answer = null)
    {
        _answers["/" + path] = answer ?? ((_, http) => WebhookReceiver.Status(http, 204));
        return new(Receiver.Url, path);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_receiver is not null)
            await _receiver.DisposeAsync();
    }

    protected override async Task<ShitOpsCluster> StartAsync()
    {
        _receiver = await WebhookReceiver.StartAsync((received, http) => _answers[received.Path](received, http));
        return await ShitOpsCluster.StartAsync(new()
        {
            SiloSettings = new Dictionary<string, string?>
            {
                ["Webhooks__AllowNetworks__0"] = "127.0.0.0/8",
                ["Webhooks__CaFile"] = _receiver.CaFile,
                ["Webhooks__FirstRetry"] = "00:00:00.05",
                ["Webhooks__LongestRetry"] = "00:00:00.2",
            },
        });
    }
}

/// <summary>One at a time, for some of them kill silos.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class PushesTests : ICollectionFixture<WebhookCluster>
{
    public const string Name = "webhooks";
}
