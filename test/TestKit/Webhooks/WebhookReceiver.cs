using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ShitOps.TestKit.Elastic;

namespace ShitOps.TestKit.Webhooks;

/// <summary>A request as it came.</summary>
public sealed record Received(string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Id => Headers["webhook-id"];
    public string Timestamp => Headers["webhook-timestamp"];
    public string[] Signatures => Headers["webhook-signature"].Split(' ');
}

/// <summary>An https server on loopback with a certificate of an authority of its own, which keeps what it gets.</summary>
public sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly TestAuthority _authority = new();
    private readonly Lock _lock = new();
    private readonly List<Received> _received = [];
    private readonly Func<Received, HttpContext, Task> _answer;
    private WebApplication? _web;
    private int _connections;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private WebhookReceiver(Func<Received, HttpContext, Task> answer) => _answer = answer;

    public int Port { get; } = Loopback.FreePort();

    /// <summary>By number, as a name would have to be resolved.</summary>
    public Uri Url => new($"https://127.0.0.1:{Port}/hook");

    public Uri UrlByName => new($"https://localhost:{Port}/hook");

    public string CaFile => _authority.File;

    /// <summary>Connections made, used or not.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>All requests so far, in the order in which they came.</summary>
    public IReadOnlyList<Received> Received
    {
        get
        {
            lock (_lock)
                return [.. _received];
        }
    }

    /// <param name="answer">Null: 204 to everything.</param>
    public static async Task<WebhookReceiver> StartAsync(Func<Received, HttpContext, Task>? answer = null)
    {
        var receiver = new WebhookReceiver(answer ?? ((_, http) => Status(http, 204)));
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            // Also what is too much for the other side is answered.
            kestrel.Limits.MaxResponseBufferSize = null;
            kestrel.Listen(IPAddress.Loopback, receiver.Port, listen =>
            {
                listen.Use(next => connection =>
                {
                    Interlocked.Increment(ref receiver._connections);
                    return next(connection);
                });
                listen.UseHttps(receiver._authority.Server);
            });
        });
        receiver._web = builder.Build();
        receiver._web.Run(receiver.TakeAsync);
        await receiver._web.StartAsync();
        return receiver;
    }

    public static Task Status(HttpContext http, int status)
    {
        http.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    /// <summary>Waits until what came is as wanted; looks after every request.</summary>
    public async Task<IReadOnlyList<Received>> UntilAsync(Func<IReadOnlyList<Received>, bool> wanted, TimeSpan limit)
    {
        using var stop = new CancellationTokenSource(limit);
        while (true)
        {
            Task changed = Volatile.Read(ref _changed).Task;
            if (Received is var received && wanted(received))
                return received;
            await changed.WaitAsync(stop.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_web is not null)
        {
            using var now = new CancellationTokenSource();
            await now.CancelAsync();
            await _web.StopAsync(now.Token);
            await _web.DisposeAsync();
        }
        _authority.Dispose();
    }

    private async Task TakeAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        var received = new Received(http.Request.Path, http.Request.Headers.ToDictionary(h => h.Key.ToLowerInvariant(), h => h.Value.ToString()), body.ToArray());
        lock (_lock)
            _received.Add(received);
        Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
        await _answer(received, http);
    }
}
