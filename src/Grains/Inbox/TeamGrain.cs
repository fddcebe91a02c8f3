using System.Diagnostics;
using Microsoft.Extensions.Logging;
using ShitOps.Grains.Storage;
using ShitOps.Grains.Telemetry;
using ShitOps.Grains.Tree;

namespace ShitOps.Grains.Inbox;

/// <summary>
/// A team's inbox: leases what the database holds, most urgent and oldest first, and books acks and failures. What it
/// keeps in memory is a window on the database plus the leases; when it is lost, deliveries are leased again.
/// </summary>
[Reentrant, SubtreePlacement]
public sealed class TeamGrain : Grain, ITeamGrain
{
    private const long ReplyBytes = 8 * 1024 * 1024;
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(5);

    /// <summary>Shorter than it takes to declare a silo dead.</summary>
    private static readonly TimeSpan Current = TimeSpan.FromSeconds(1);

    private readonly string _team;
    private readonly IInboxStore _store;
    private readonly TimeProvider _time;
    private readonly SiloStopping _stopping;
    private readonly ILogger<TeamGrain> _log;
    private readonly InboxWindow _window = new();
    private readonly InboxLoader _loader;
    private readonly InboxBook _book;
    private readonly StreamLeases _streams = new();
    private readonly LeaseRequests _requests = new();
    private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TimeSpan _lookedAt = TimeSpan.MinValue;
    private IGrainTimer? _sweep;

    public TeamGrain(IGrainContext context, IInboxStore store, IArchiveStore archive, ICommitQueue commits, SiloStopping stopping, TimeProvider time, ILogger<TeamGrain> log)
    {
        _team = TeamKey.Parse(context.GrainId.Key.ToString()!).Name;
        _store = store;
        _stopping = stopping;
        _time = time;
        _log = log;
        _loader = new InboxLoader(_team, store, _window, time);
        _book = new InboxBook(_team, store, archive, commits, _window, time, log, Tell);
    }

    private Moment Now => Moment.Of(_time);

    public async Task<Immutable<Delivery[]>?> Lease(LeaseRequest request)
    {
        TimeSpan until = Now.Running + request.Wait;
        while (true)
        {
            if (request.Stream is { } stream && _streams.HasEnded(stream))
                return null;
            Task news = _news.Task;
            Delivery[] deliveries = await _requests.ShareAsync(request, () => TakeAsync(request));
            if (request.Stream is { } ended && _streams.HasEnded(ended))
            {
                // The stream ended while its lease was being put together: nobody would get what was granted.
                await Release(deliveries.Select(d => d.Id).ToArray().AsImmutable());
                return null;
            }
            Moment now = Now;
            if (deliveries.Length > 0 || now.Running >= until || _requests.IsOver(request) || _stopping.Token.IsCancellationRequested)
                return deliveries.AsImmutable();
            // Sleeps until something is new, something here changes by time, or it is time to look by itself.
            TimeSpan next = new[] { until - now.Running, _window.NextChange(now) ?? LookAgain, LookAgain }.Min();
            if (next > TimeSpan.Zero)
                await news.WaitAsync(next, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }

    public async Task<InboxReply> Ack(Immutable<Guid[]> deliveries)
    {
        using Activity? activity = Span("ack", deliveries.Value);
        return await _book.AcknowledgeAsync(deliveries.Value);
    }

    public Task<InboxReply> Nack(Immutable<Guid[]> deliveries, TimeSpan delay) => Fail(deliveries, delay, "nack");

    public async Task<InboxReply> Fail(Immutable<Guid[]> deliveries, TimeSpan delay, string reason)
    {
        using Activity? activity = Span("nack", deliveries.Value);
        (List<InboxItem> leased, int done, Guid[] unknown) = await _book.LeasedAsync(deliveries.Value);
        await _book.FailAsync(leased, reason, delay);
        return new(leased.Count + done, unknown, LeasedUntil: null);
    }

    private Activity? Span(string operation, Guid[] deliveries) =>
        SiloTrace.Batch(operation, ActivityKind.Server, deliveries.Select(id => _window.Find(id)?.TraceParent), deliveries.Length);

    public Task Release(Immutable<Guid[]> deliveries)
    {
        foreach (Guid id in deliveries.Value)
        {
            if (_window.Find(id) is { State: ItemState.Leased } item)
                _window.PutBack(item);
        }
        Tell();
        return Task.CompletedTask;
    }

    public Task Withdraw(Guid request)
    {
        _requests.End(request);
        PutBack([.. _window.Items.Where(i => i.State == ItemState.Leased && i.Request == request)]);
        Tell();
        return Task.CompletedTask;
    }

    public async Task<InboxReply> Extend(Immutable<Guid[]> deliveries, TimeSpan lease)
    {
        using Activity? activity = Span("extend", deliveries.Value);
        (List<InboxItem> leased, _, _) = await _book.LeasedAsync(deliveries.Value);
        Moment now = Now;
        foreach (InboxItem item in leased)
            item.Lease(now, lease);
        HashSet<Guid> known = [.. leased.Select(i => i.Id)];
        return new(leased.Count, [.. deliveries.Value.Where(id => !known.Contains(id))], now.Clock + lease);
    }

    public Task EndStream(Guid stream)
    {
        if (_streams.End(stream, Now.Clock))
            TakeBack(lastReceived: null);
        Tell();
        return Task.CompletedTask;
    }

    public Task Resume(Guid? lastReceived)
    {
        if (lastReceived is null)
            _streams.BeginAfresh(Now.Clock);
        TakeBack(lastReceived);
        Tell();
        return Task.CompletedTask;
    }

    public Task Notify(int ranks, DateTimeOffset? expires)
    {
        if (expires is { } at)
        {
            _book.ExpiresAt(at);
            Watch();
        }
        if (ranks == 0)
            DeactivateOnIdle();
        _loader.Signal(ranks);
        Tell();
        return Task.CompletedTask;
    }

    public async Task<InboxStatus> Status()
    {
        (int waiting, DateTimeOffset? oldest) = await _store.CountAsync(_team);
        int leased = _window.Leased;
        return new(leased, Math.Max(0, waiting - leased), oldest);
    }

    private void TakeBack(Guid? lastReceived)
    {
        foreach (InboxItem item in _streams.TakeLost(_window.Items, lastReceived))
            _window.PutBack(item);
    }

    private async Task<Delivery[]> TakeAsync(LeaseRequest request)
    {
        long since = _time.GetTimestamp();
        await _book.SweepAsync();
        if (_window.LeasedFor(request.Request, Now, request.Lease) is { Count: > 0 } again)
            return await DeliverAsync(again, request, since);
        int room = Math.Min(request.Max, Limits.LeasedDeliveries - _window.Leased);
        if (room <= 0)
            return [];
        var taken = new List<InboxItem>();
        try
        {
            if (_loader.HasNews)
                await _loader.LoadAsync(room);
            Grant(room, request, taken);
            if (taken.Count < room && _loader.HasMore)
            {
                await _loader.LoadAsync(room - taken.Count);
                Grant(room - taken.Count, request, taken);
            }
            if (taken.Count == 0 && _lookedAt + LookAgain <= Now.Running)
            {
                _lookedAt = Now.Running;
                await _loader.ReconcileAsync();
                await _loader.LoadAsync(room);
                Grant(room, request, taken);
            }
        }
        catch
        {
            PutBack(taken);
            throw;
        }
        return await DeliverAsync(taken, request, since);
    }

    /// <param name="since">When the lease began: nothing is handed out that was not seen to wait afterwards.</param>
    private async Task<Delivery[]> DeliverAsync(List<InboxItem> leased, LeaseRequest request, long since)
    {
        try
        {
            await _loader.CompleteAsync(leased, since);
            // If this silo hung meanwhile, another may have the inbox.
            if (_time.GetElapsedTime(since) > Current)
                await _loader.CompleteAsync(leased, _time.GetTimestamp());
        }
        catch
        {
            PutBack(leased);
            throw;
        }
        // Withdrawn, or ended and leased to another, while the messages were read.
        leased.RemoveAll(i => i.State != ItemState.Leased || i.Request != request.Request);
        Watch();
        List<InboxItem> fitting = Trim(leased);
        using Activity? activity = SiloTrace.Batch("receive", ActivityKind.Consumer, fitting.Select(i => i.Row?.TraceParent), fitting.Count);
        return [.. fitting.Select(Deliver)];
    }

    private void PutBack(List<InboxItem> leased)
    {
        foreach (InboxItem item in leased)
            _window.PutBack(item);
    }

    private void Grant(int room, LeaseRequest request, List<InboxItem> taken)
    {
        if (_requests.IsOver(request))
            return;
        var expired = new List<InboxItem>();
        taken.AddRange(_window.Take(room, Now, request.Lease, request.Stream, expired, request.Request));
        if (expired.Count > 0)
            _ = _book.ExpireAsync([.. expired.Select(e => e.Key)]);
    }

    /// <summary>A reply holds about 8 MB; what is beyond goes back to its place.</summary>
    private List<InboxItem> Trim(List<InboxItem> taken)
    {
        long bytes = 0;
        int fits = taken.FindIndex(i => (bytes += i.Row!.SealedBody.Length) > ReplyBytes);
        if (fits <= 0)
            return taken;
        PutBack(taken[fits..]);
        return taken[..fits];
    }

    private Delivery Deliver(InboxItem item)
    {
        InboxRow row = item.Row!;
        // A leased delivery keeps no body in memory: if it comes back, it is read again.
        item.Row = null;
        _streams.Granted(item, Now.Clock);
        return item.ToDelivery(row);
    }

    private void Tell() => Interlocked.Exchange(ref _news, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    /// <summary>A timer runs while something here changes by time alone.</summary>
    private void Watch()
    {
        if (_sweep is null && (_window.Leased > 0 || _book.Expires is not null))
            _sweep = this.RegisterGrainTimer(OnSweepAsync, new GrainTimerCreationOptions(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)) { Interleave = true, KeepAlive = true });
    }

    private async Task OnSweepAsync()
    {
        try
        {
            await _book.SweepAsync();
        }
        catch (Exception error)
        {
            InboxLog.NotStored(_log, _team, _window.Leased, error);
        }
        if (_window.Leased == 0 && _book.Expires is null)
        {
            _sweep?.Dispose();
            _sweep = null;
        }
    }
}
