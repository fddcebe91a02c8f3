using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;
using ShitOps.Grains.Scanning;
using ShitOps.Hosting.Batching;

namespace ShitOps.Silo.ClamAv;

/// <summary>
/// Scans with one or more clamds (protocol: man clamd, section COMMANDS). All contents that wait in this silo go together
/// as a ZIP; what a batch is not clean of is looked for one by one. Without a well clamd the verdict is unavailable.
/// </summary>
internal sealed class ClamdScanner : IScanner, IScannerHealth, IHostedService, IDisposable
{
    /// <summary>Larger contents go alone: a batch saves per file, not per byte.</summary>
    private const int AloneFrom = 1024 * 1024;

    /// <summary>
    /// Batches under way at one clamd. The second begins only when the first takes its time: clamd's threads share a map of
    /// memory that changes with every file, so two at once cost half as much again and are no faster than one after the other.
    /// </summary>
    private const int BatchesPerEndpoint = 2;

    /// <summary>A batch that takes longer has something in it that others need not wait for.</summary>
    private static readonly TimeSpan LongBatch = TimeSpan.FromMilliseconds(100);

    private readonly AntivirusOptions _options;
    private readonly ClamdEndpoint[] _endpoints;
    private readonly GatheringQueue<ScanItem> _queue;
    private readonly SemaphoreSlim _batches;
    private readonly SemaphoreSlim _turns;
    private readonly SemaphoreSlim _large;
    private readonly Suspects _suspects = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly TimeProvider _time;
    private Task _probes = Task.CompletedTask;
    private int _next;
    private bool _disposed;

    public ClamdScanner(IOptions<AntivirusOptions> options, TimeProvider time, ILogger<ClamdScanner> logger)
    {
        _options = options.Value;
        _time = time;
        _endpoints = [.. _options.Endpoints.Select(text => ClamdAddress.TryParse(text, out ClamdAddress? address)
            ? new ClamdEndpoint(address, _options, time, logger)
            : throw new ArgumentException($"\"{text}\" is no endpoint", nameof(options)))];
        _batches = new(BatchesPerEndpoint * _endpoints.Length);
        _turns = new(_endpoints.Length);
        _large = new(BatchesPerEndpoint * _endpoints.Length);
        _queue = new(StartBatchAsync, FailBatch, _options.BatchEntries, _options.BatchBytes, item => Frame.ZipWeight(item.Content.Length));
    }

    private IEnumerable<ClamdEndpoint> Well => _endpoints.Where(endpoint => endpoint.Well is not null);

    private ClamdVersion? Newest => _endpoints.Select(endpoint => endpoint.Well?.Version).OfType<ClamdVersion>().MaxBy(version => version.Date ?? default);

    public string? SignatureVersion => Newest?.Text;

    public DateTimeOffset? SignatureDate => Newest?.Date;

    public bool IsProduction => true;

    public bool IsCurrent(string signatureVersion) => _endpoints.Any(endpoint => endpoint.Well?.Version.Text == signatureVersion);

    public IReadOnlyList<ScannerEndpointHealth> Endpoints =>
        [.. _endpoints.Select(endpoint => new ScannerEndpointHealth(endpoint.Address.ToString(), endpoint.Well?.Version.Text))];

    /// <summary>Waits for the first probe of each clamd, so that a silo that has started knows its scanner.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _probes = Task.WhenAll(_endpoints.Select(endpoint => endpoint.RunAsync(_stop.Token)));
        await Task.WhenAll(_endpoints.Select(endpoint => endpoint.Probed)).WaitAsync(cancellationToken);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _probes.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task<ScanReport> ScanAsync(IReadOnlyList<ReadOnlyMemory<byte>> contents, CancellationToken stop = default)
    {
        if (contents.Count == 0)
            return Task.FromResult(new ScanReport(SignatureVersion, []));
        var call = new ScanCall(contents);
        var together = new List<ScanItem>(contents.Count);
        for (int place = 0; place < contents.Count; place++)
        {
            var item = new ScanItem(call, place);
            int length = item.Content.Length;
            if (length > _options.MaxContentBytes)
                item.Set(new(VerdictKind.Unscannable, $"larger than {_options.MaxContentBytes} bytes"), Newest);
            else if (length >= AloneFrom || Frame.ZipWeight(length) > _options.BatchBytes)
                _ = ScanLargeAsync(item);
            else
                together.Add(item);
        }
        // At once: the queue does not wait for what is added later, and small batches cost clamd the most.
        _queue.Add(CollectionsMarshal.AsSpan(together));
        return call.Done.WaitAsync(stop);
    }

    public async ValueTask<IStreamScan> OpenStreamAsync(CancellationToken stop = default)
    {
        string reason = "no scanner is well";
        foreach (ClamdEndpoint endpoint in Well.OrderBy(endpoint => endpoint.Load))
        {
            try
            {
                return await ClamdStream.OpenAsync(endpoint, _options, _time, stop);
            }
            catch (ClamdException error)
            {
                endpoint.Suspect(error);
                reason = error.Message;
            }
        }
        return new NoStream(reason);
    }

    /// <summary>Ends when there is room for the next batch, not when this one is done.</summary>
    private async Task StartBatchAsync(IReadOnlyList<ScanItem> items)
    {
        await _batches.WaitAsync();
        await _turns.WaitAsync();
        _ = RunAsync();

        async Task RunAsync()
        {
            try
            {
                Task scan = ScanBatchAsync(items);
                await scan.WaitAsync(LongBatch, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                _turns.Release();
                await scan;
            }
            finally
            {
                _batches.Release();
            }
        }
    }

    private static void FailBatch(IReadOnlyList<ScanItem> items, Exception error)
    {
        foreach (ScanItem item in items)
            item.Set(new(VerdictKind.Unavailable, error.Message));
    }

    private async Task ScanBatchAsync(IReadOnlyList<ScanItem> items)
    {
        try
        {
            ScanItem[] batch = [.. items.Where(item => !_suspects.Contains(item))];
            if (batch.Length > 1 && Well.All(endpoint => endpoint.Well is { CanBatch: true }))
            {
                using Frame zip = Frame.OfZip([.. batch.Select(item => item.Content)]);
                ScanAnswer answer = await SendAsync(zip);
                if (answer.Broke)
                    _suspects.Add(batch);
                if (answer.Verdict.Kind == VerdictKind.Clean || answer.Version is null)
                {
                    foreach (ScanItem item in batch)
                        item.Set(answer.Verdict, answer.Version);
                    items = [.. items.Except(batch)];
                }
            }
        }
        catch (Exception error)
        {
            FailBatch(items, error);
            return;
        }
        await Task.WhenAll(items.Select(ScanAloneAsync));
    }

    private async Task ScanLargeAsync(ScanItem item)
    {
        await _large.WaitAsync();
        try
        {
            await ScanAloneAsync(item);
        }
        finally
        {
            _large.Release();
        }
    }

    private async Task ScanAloneAsync(ScanItem item)
    {
        try
        {
            bool suspect = _suspects.Contains(item);
            ScanAnswer answer = suspect ? await _suspects.ScanAsync(item, content => SendAloneAsync(content, suspect: true)) : await SendAloneAsync(item, suspect: false);
            if (answer.Broke && !suspect)
                _suspects.Add([item]);
            item.Set(answer.Verdict, answer.Verdict.Kind == VerdictKind.Unavailable ? null : answer.Version ?? Newest);
        }
        catch (Exception error)
        {
            item.Set(new(VerdictKind.Unavailable, error.Message));
        }
    }

    private async Task<ScanAnswer> SendAloneAsync(ScanItem item, bool suspect)
    {
        using Frame frame = Frame.Of(item.Content.Span);
        return await SendAsync(frame, suspect);
    }

    /// <summary>
    /// Tries one clamd after the other until one answers. No clamd is asked again after it let the time pass. Unavailable with a version: clamd answered,
    /// but with an error, for which one content of a batch may be the cause.
    /// </summary>
    /// <param name="suspect">
    /// Clamd is asked for a word first, since breaking off will be held against the content. That a connection opens says
    /// nothing: whatever stands before a clamd that is gone (a proxy, a balancer) opens it, and closes it again.
    /// </param>
    private async Task<ScanAnswer> SendAsync(Frame frame, bool suspect = false)
    {
        string reason = "no scanner is well";
        var failed = new List<ClamdEndpoint>();
        ClamdVersion? answered = null;
        bool broke = false;
        // A session that clamd closed for idleness costs one try, so each clamd may be tried twice.
        for (int attempt = 0; attempt < 2 * _endpoints.Length && Pick(failed) is { Well: { } state } endpoint; attempt++)
        {
            try
            {
                if (suspect)
                    await endpoint.AskAsync();
                ClamdReply reply = await endpoint.ScanAsync(frame, _options.Timeout);
                if (reply.Kind != ReplyKind.Error)
                    return new(reply.ToVerdict(), state.Version);
                reason = reply.Text;
                answered = state.Version;
                failed.Add(endpoint);
            }
            catch (ClamdException error)
            {
                endpoint.Suspect(error);
                reason = error.Message;
                broke |= error is ClamdBrokeException;
                failed.Add(endpoint);
                if (error is ClamdTimeoutException)
                    failed.Add(endpoint);
            }
        }
        return new(new(VerdictKind.Unavailable, reason), answered, broke);
    }

    /// <summary>The well clamd that failed least and has least to do; in turn if that is equal.</summary>
    private ClamdEndpoint? Pick(List<ClamdEndpoint> failed)
    {
        int turn = (int)((uint)Interlocked.Increment(ref _next) % (uint)_endpoints.Length);
        return Well.Select((endpoint, i) => (endpoint, i, faults: failed.Count(other => other == endpoint)))
            .Where(one => one.faults < 2)
            .OrderBy(one => one.faults).ThenBy(one => one.endpoint.Load).ThenBy(one => (one.i + turn) % _endpoints.Length)
            .Select(one => one.endpoint).FirstOrDefault();
    }

    public void Dispose()
    {
        // Several registrations lead here, so the container disposes more than once.
        if (Interlocked.Exchange(ref _disposed, true))
            return;
        _stop.Cancel();
        foreach (ClamdEndpoint endpoint in _endpoints)
            endpoint.Dispose();
        _stop.Dispose();
        _suspects.Dispose();
    }
}
