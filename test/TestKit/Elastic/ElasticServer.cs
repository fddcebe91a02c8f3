using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace ShitOps.TestKit.Elastic;

/// <summary>
/// An HTTP server on loopback that answers as Elasticsearch does where the journal is sent: templates, lifecycle, data
/// streams, <c>_bulk</c>. Documents are checked against the templates that were installed, strictly. What it stored it
/// keeps over <see cref="StopAsync"/> and <see cref="StartAsync"/>.
/// </summary>
public sealed class ElasticServer : IAsyncDisposable
{
    private readonly ElasticOptions _options;
    private readonly ElasticState _state = new();
    private readonly TestAuthority? _authority;
    private readonly X509Certificate2? _certificate;
    private readonly ConcurrentQueue<ElasticFault> _faults = new();
    private WebApplication? _web;
    private int _bulks;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ElasticServer(ElasticOptions options)
    {
        _options = options;
        _authority = options.Tls ? new TestAuthority() : null;
        _certificate = options.Certificate is { } files ? TestAuthority.Load(files.CertificateFile, files.KeyFile) : _authority?.Server;
        Url = new Uri($"{(_certificate is not null ? "https" : "http")}://127.0.0.1:{Loopback.FreePort()}");
    }

    public Uri Url { get; }

    /// <summary>The certificate of the authority, PEM; null without TLS.</summary>
    public string? CaFile => _authority?.File;

    /// <summary>Requests to <c>_bulk</c> so far, refused ones too.</summary>
    public int Bulks => Volatile.Read(ref _bulks);

    /// <summary>Whether every request is refused as if a queue were full, until set back.</summary>
    public bool Busy { get; set; }

    public static async Task<ElasticServer> StartNewAsync(ElasticOptions? options = null)
    {
        var server = new ElasticServer(options ?? new());
        await server.StartAsync();
        return server;
    }

    /// <summary>Starts anew on the same port with everything that was stored.</summary>
    public async Task StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, Url.Port, listen =>
            {
                if (_certificate is not null)
                    listen.UseHttps(_certificate);
            });
        });
        WebApplication web = builder.Build();
        var api = new ElasticApi(_options, _state, () => Interlocked.Increment(ref _bulks), NextFault, Signal);
        web.Run(api.AnswerAsync);
        await web.StartAsync();
        _web = web;
    }

    public async Task StopAsync()
    {
        if (Interlocked.Exchange(ref _web, null) is { } web)
        {
            using var now = new CancellationTokenSource();
            await now.CancelAsync();
            await web.StopAsync(now.Token);
            await web.DisposeAsync();
        }
    }

    /// <summary>The next requests to <c>_bulk</c> meet these faults, one each, in order.</summary>
    public void Next(params ReadOnlySpan<ElasticFault> faults)
    {
        foreach (ElasticFault fault in faults)
            _faults.Enqueue(fault);
    }

    /// <summary>Whether all faults were met.</summary>
    public bool IsThrough => _faults.IsEmpty;

    /// <summary>As they are now.</summary>
    public IReadOnlyList<StoredDocument> Documents(string stream)
    {
        lock (_state.Gate)
            return _state.Documents(stream);
    }

    /// <summary>Waits until what is stored is as wanted; looks after every request to <c>_bulk</c>.</summary>
    public async Task UntilAsync(string stream, Func<IReadOnlyList<StoredDocument>, bool> wanted, CancellationToken stop)
    {
        while (true)
        {
            Task changed = Volatile.Read(ref _changed).Task;
            if (wanted(Documents(stream)))
                return;
            await changed.WaitAsync(stop);
        }
    }

    public string? Template(string name)
    {
        lock (_state.Gate)
        {
            return _state.Components.TryGetValue(name, out System.Text.Json.JsonElement it) || _state.IndexTemplates.TryGetValue(name, out it)
                || _state.Policies.TryGetValue(name, out it) ? it.GetRawText() : null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _certificate?.Dispose();
        _authority?.Dispose();
    }

    private void Signal() =>
        Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    private ElasticFault? NextFault() => _faults.TryDequeue(out ElasticFault? fault) ? fault : Busy ? new ElasticFault.Refuse(429) : null;
}
