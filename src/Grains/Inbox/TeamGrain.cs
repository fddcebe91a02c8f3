using Microsoft.Extensions.Logging;
using ShitOps.Grains.Storage;

namespace ShitOps.Grains.Inbox;

/// <summary>
/// A team's inbox: leases what the database holds, most urgent and oldest first, and books acks and failures. What it
/// keeps in memory is a window on the database plus the leases; when it is lost, deliveries are leased again.
/// </summary>
[Reentrant]
public sealed class TeamGrain : Grain, ITeamGrain
{
    private const long ReplyBytes = 8 * 1024 * 1024;
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(5);

    private readonly string _team;
    private readonly IInboxStore _store;
    private readonly ICommitQueue _commits;
    private readonly TimeProvider _time;
    private readonly SiloStopping _stopping;
    private readonly ILogger<TeamGrain> _log;
    private readonly InboxWindow _window = new();
    private readonly InboxLoader _loader;
    private readonly StreamLeases _streams = new();
    private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private DateTimeOffset _lookedAt;
    private IGrainTimer? _sweep;
    private DateTimeOffset? _expires;

    public TeamGrain(IGrainContext context, IInboxStore store, ICommitQueue commits, SiloStopping stopping, TimeProvider time, ILogger<TeamGrain> log)
    {
        _team = TeamKey.Parse(context.GrainId.Key.ToString()!).Name;
        _store = store;
        _commits = commits;
        _stopping = stopping;
        _time = time;
        _log = log;
        _loader = new InboxLoader(_team, store, _window);
    }

    private DateTimeOffset Now => _time.GetUtcNow();

    public async Task<Immutable<Delivery[]>?> Lease(LeaseRequest request)
    {
        DateTimeOffset until = Now + request.Wait;
        while (true)
        {
            if (request.Stream is { } stream && _streams.HasEnded(stream))
                return null;
            Task news = _news.Task;
            Delivery[] deliveries = await TakeAsync(request);
            DateTimeOffset now = Now;
            if (deliveries.Length > 0 || now >= until || _stopping.Token.IsCancellationRequested)
                return deliveries.AsImmutable();
            // Sleeps until something is new, something here changes by time, or it is time to look by itself.
            DateTimeOffset next = _window.NextChange(now) ?? DateTimeOffset.MaxValue;
            next = new[] { until, next, now + LookAgain }.Min();
            if (next > now)
                await news.WaitAsync(next - now, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }

    public async Task<InboxReply> Ack(Immutable<Guid[]> deliveries)
    {
        Guid[] ids = [.. deliveries.Value.Distinct()];
        IReadOnlyDictionary<Guid, DeliveryState> stored = await StoredAsync(ids);
        var unknown = new List<Guid>();
        var changes = new List<Change>(ids.Length);
        var items = new List<InboxItem?>(ids.Length);
        int already = 0;
        DateTimeOffset now = Now;
        foreach (Guid id in ids)
        {
            InboxItem? item = _window.Find(id);
            if (item is null && stored.GetValueOrDefault(id, DeliveryState.Expired) is not (DeliveryState.Waiting or DeliveryState.Acknowledged))
                unknown.Add(id);
            else if (item is null && stored[id] == DeliveryState.Acknowledged)
                already++;
            else
            {
                changes.Add(InboxChanges.Acknowledge(id, _team, item, now));
                items.Add(item);
            }
        }
        await SettleAsync(changes, items);
        return new(already + items.Count, [.. unknown], LeasedUntil: null);
    }

    public async Task<InboxReply> Nack(Immutable<Guid[]> deliveries, TimeSpan delay)
    {
        (List<InboxItem> leased, int done, Guid[] unknown) = await LeasedAsync(deliveries.Value);
        await FailAsync(leased, "nack", delay);
        return new(leased.Count + done, unknown, LeasedUntil: null);
    }

    public Task Release(Immutable<Guid[]> deliveries)
    {
        foreach (Guid id in deliveries.Value)
        {
            if (_window.Find(id) is { State: ItemState.Leased } item)
                _window.PutBack(item, DateTimeOffset.MinValue);
        }
        Tell();
        return Task.CompletedTask;
    }

    public async Task<InboxReply> Extend(Immutable<Guid[]> deliveries, TimeSpan lease)
    {
        (List<InboxItem> leased, _, _) = await LeasedAsync(deliveries.Value);
        DateTimeOffset until = Now + lease;
        foreach (InboxItem item in leased)
            item.LeasedUntil = until;
        HashSet<Guid> known = [.. leased.Select(i => i.Id)];
        return new(leased.Count, [.. deliveries.Value.Where(id => !known.Contains(id))], until);
    }

    public Task EndStream(Guid stream)
    {
        if (_streams.End(stream, Now))
            TakeBack(lastReceived: null);
        Tell();
        return Task.CompletedTask;
    }

    public Task Resume(Guid? lastReceived)
    {
        if (lastReceived is null)
            _streams.BeginAfresh(Now);
        TakeBack(lastReceived);
        Tell();
        return Task.CompletedTask;
    }

    private void TakeBack(Guid? lastReceived)
    {
        foreach (InboxItem item in _streams.TakeLost(_window.Items, lastReceived))
            _window.PutBack(item, DateTimeOffset.MinValue);
    }

    public Task Notify(int ranks, DateTimeOffset? expires)
    {
        if (expires is not null && (_expires is null || expires < _expires))
        {
            _expires = expires;
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

    private async Task<Delivery[]> TakeAsync(LeaseRequest request)
    {
        await SweepAsync();
        if (_window.LeasedFor(request.Request, Now + request.Lease) is { Count: > 0 } again)
            return await DeliverAsync(again);
        int room = Math.Min(request.Max, Limits.LeasedDeliveries - _window.Leased);
        if (room <= 0)
            return [];
        if (_loader.HasNews)
            await _loader.LoadAsync(room);
        List<InboxItem> taken = Grant(room, request);
        if (taken.Count < room && _loader.HasMore)
        {
            await _loader.LoadAsync(room - taken.Count);
            taken.AddRange(Grant(room - taken.Count, request));
        }
        if (taken.Count == 0 && _lookedAt + LookAgain <= Now)
        {
            _lookedAt = Now;
            await _loader.ReconcileAsync();
            await _loader.LoadAsync(room);
            taken = Grant(room, request);
        }
        foreach (InboxItem item in taken)
            item.Request = request.Request;
        return await DeliverAsync(taken);
    }

    private async Task<Delivery[]> DeliverAsync(List<InboxItem> leased)
    {
        try
        {
            await _loader.CompleteAsync(leased);
        }
        catch
        {
            foreach (InboxItem item in leased)
                _window.PutBack(item, item.NotBefore);
            throw;
        }
        Watch();
        return [.. Trim(leased).Select(Deliver)];
    }

    private List<InboxItem> Grant(int room, LeaseRequest request)
    {
        DateTimeOffset now = Now;
        var expired = new List<InboxItem>();
        List<InboxItem> taken = _window.Take(room, now, now + request.Lease, request.Stream, expired);
        if (expired.Count > 0)
            _ = ExpireAsync([.. expired.Select(e => e.Key)]);
        return taken;
    }

    /// <summary>A reply holds about 8 MB; what is beyond goes back to its place.</summary>
    private List<InboxItem> Trim(List<InboxItem> taken)
    {
        long bytes = 0;
        int fits = taken.FindIndex(i => (bytes += i.Row!.SealedBody.Length) > ReplyBytes);
        if (fits <= 0)
            return taken;
        foreach (InboxItem item in taken.Skip(fits))
            _window.PutBack(item, item.NotBefore);
        return taken[..fits];
    }

    private Delivery Deliver(InboxItem item)
    {
        InboxRow row = item.Row!;
        // A leased delivery keeps no body in memory: if it comes back, it is read again.
        item.Row = null;
        _streams.Granted(item);
        return new Delivery
        {
            Id = row.Message,
            Attempt = item.Attempts + 1,
            LeasedUntil = item.LeasedUntil,
            Kind = row.Kind,
            From = row.From,
            Subject = row.Subject,
            ContentType = row.ContentType,
            BodyKind = row.BodyKind,
            SealedBody = row.SealedBody,
            CorrelationId = row.CorrelationId,
            OrderingKey = row.OrderingKey,
            AcceptedAt = row.AcceptedAt,
            TraceParent = row.TraceParent,
            Attachments = row.Attachments,
            Reference = row.Reference,
            Priority = row.Priority,
        };
    }

    /// <summary>Leases whose time is over failed; deliveries whose time to live is over expire.</summary>
    private async Task SweepAsync()
    {
        DateTimeOffset now = Now;
        List<InboxItem> over = [.. _window.Items.Where(i => i.State == ItemState.Leased && i.LeasedUntil <= now).OrderBy(i => i.Key.Sequence)];
        if (over.Count > 0)
            await FailAsync(over, "lease_expired", TimeSpan.Zero);
        if (_expires <= now)
        {
            _expires = null;
            while (await _store.ExpiredAsync(_team, now, Limits.MaxPageSize) is { Count: > 0 } keys)
            {
                InboxKey[] free = [.. keys.Where(k => _window.Find(k.Message) is null or { State: ItemState.Waiting })];
                foreach (InboxKey key in free)
                {
                    if (_window.Find(key.Message) is { } item)
                        _window.Remove(item);
                }
                if (free.Length == 0)
                    break;
                await ExpireAsync(free);
            }
        }
    }

    private async Task ExpireAsync(InboxKey[] keys)
    {
        DateTimeOffset now = Now;
        try
        {
            await _commits.CommitAsync(new Commit([.. keys.Select(k => InboxChanges.Expire(k, _team, now))]));
        }
        catch (Exception error)
        {
            InboxLog.NotStored(_log, _team, keys.Length, error);
            _expires = now;
            Watch();
        }
    }

    private async Task FailAsync(List<InboxItem> items, string reason, TimeSpan delay)
    {
        if (items.Count == 0)
            return;
        DateTimeOffset now = Now;
        var changes = new List<Change>(items.Count);
        foreach (InboxItem item in items)
        {
            item.State = ItemState.Settling;
            InboxChanges.AddFailure(changes, item, _team, reason, delay, now);
        }
        try
        {
            await _commits.CommitAsync(new Commit(changes));
        }
        catch
        {
            foreach (InboxItem item in items)
                item.State = ItemState.Leased;
            throw;
        }
        foreach (InboxItem item in items)
        {
            item.Attempts++;
            if (item.Attempts >= Limits.DeliveryAttempts)
                _window.Remove(item);
            else
                _window.PutBack(item, now + delay);
        }
        Tell();
    }

    private async Task SettleAsync(List<Change> changes, List<InboxItem?> items)
    {
        if (changes.Count == 0)
            return;
        InboxItem[] known = [.. items.OfType<InboxItem>()];
        ItemState[] before = [.. known.Select(i => i.State)];
        foreach (InboxItem item in known)
        {
            if (item.State == ItemState.Leased)
                item.State = ItemState.Settling;
        }
        try
        {
            await _commits.CommitAsync(new Commit(changes));
        }
        catch
        {
            for (int i = 0; i < known.Length; i++)
            {
                if (known[i].State == ItemState.Settling)
                    known[i].State = before[i];
            }
            throw;
        }
        foreach (InboxItem item in known)
            _window.Remove(item);
        if (known.Any(i => i.Key.OrderingKey is not null))
            Tell();
    }

    /// <summary>Those leased here; how many others wait anyway; and those this inbox does not have.</summary>
    private async Task<(List<InboxItem> Leased, int Waiting, Guid[] Unknown)> LeasedAsync(Guid[] asked)
    {
        Guid[] ids = [.. asked.Distinct()];
        IReadOnlyDictionary<Guid, DeliveryState> stored = await StoredAsync(ids);
        List<InboxItem> leased = [.. ids.Select(_window.Find).OfType<InboxItem>().Where(i => i.State == ItemState.Leased)];
        Guid[] unknown = [.. ids.Where(id => _window.Find(id) is null && stored.GetValueOrDefault(id, DeliveryState.Dead) != DeliveryState.Waiting)];
        return (leased, ids.Length - leased.Count - unknown.Length, unknown);
    }

    private async Task<IReadOnlyDictionary<Guid, DeliveryState>> StoredAsync(Guid[] ids)
    {
        Guid[] strangers = [.. ids.Where(id => _window.Find(id) is null)];
        return strangers.Length == 0 ? new Dictionary<Guid, DeliveryState>() : await _store.StatesAsync(_team, strangers);
    }

    private void Tell() => Interlocked.Exchange(ref _news, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    /// <summary>A timer runs while something here changes by time alone.</summary>
    private void Watch()
    {
        if (_sweep is null && (_window.Leased > 0 || _expires is not null))
            _sweep = this.RegisterGrainTimer(OnSweepAsync, new GrainTimerCreationOptions(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)) { Interleave = true, KeepAlive = true });
    }

    private async Task OnSweepAsync()
    {
        try
        {
            await SweepAsync();
        }
        catch (Exception error)
        {
            InboxLog.NotStored(_log, _team, _window.Leased, error);
        }
        if (_window.Leased == 0 && _expires is null)
        {
            _sweep?.Dispose();
            _sweep = null;
        }
    }
}
