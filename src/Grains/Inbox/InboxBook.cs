using Microsoft.Extensions.Logging;
using ShitOps.Grains.Journal;
using ShitOps.Grains.Storage;

namespace ShitOps.Grains.Inbox;

/// <summary>
/// Books what becomes of a team's deliveries: acknowledged, failed, expired. The database first, then the window; while
/// a change is on its way the item is settling and nobody leases it.
/// </summary>
/// <param name="changed">Something may be leasable that was not.</param>
internal sealed class InboxBook(
    string team, IInboxStore store, IArchiveStore archive, ICommitQueue commits, InboxWindow window, TimeProvider time, ILogger log, Action changed)
{
    private Task _sweeping = Task.CompletedTask;

    /// <summary>When the first delivery expires that was signalled so; null if none was.</summary>
    public DateTimeOffset? Expires { get; private set; }

    public void ExpiresAt(DateTimeOffset at)
    {
        if (Expires is null || at < Expires)
            Expires = at;
    }

    /// <summary>Also what is not leased (any more) can be acknowledged; twice is no error.</summary>
    public async Task<InboxReply> AcknowledgeAsync(Guid[] asked)
    {
        Guid[] ids = [.. asked.Distinct()];
        IReadOnlyDictionary<Guid, DeliveryState> stored = await StatesAsync(ids);
        var unknown = new List<Guid>();
        var changes = new List<Change>(ids.Length);
        var items = new List<InboxItem>(ids.Length);
        int already = 0;
        DateTimeOffset now = time.GetUtcNow();
        foreach (Guid id in ids)
        {
            InboxItem? item = window.Find(id);
            if (item is null && !stored.ContainsKey(id))
            {
                unknown.Add(id);
                continue;
            }
            if (item is null && stored[id] != DeliveryState.Waiting)
            {
                if (stored[id] == DeliveryState.Acknowledged)
                    already++;
                else
                    unknown.Add(id);
                continue;
            }
            changes.Add(InboxChanges.Acknowledge(id, team, item, now));
            if (item is not null)
                items.Add(item);
        }
        // What was leased out by an activation that is gone is not in the window.
        if (items.Count < changes.Count)
            changes = [.. await archive.WithTracesAsync(changes)];
        IReadOnlyList<Guid> refused = await SettleAsync(changes, items);
        IReadOnlyDictionary<Guid, DeliveryState> others = refused.Count > 0 ? await store.StatesAsync(team, refused) : stored;
        // Another activation of this inbox may have booked them: as acknowledged, or as something else.
        Guid[] gone = [.. refused.Where(id => others.GetValueOrDefault(id, DeliveryState.Dead) != DeliveryState.Acknowledged)];
        return new(already + changes.Count - gone.Length, [.. unknown, .. gone], LeasedUntil: null);
    }

    /// <summary>One attempt of each failed.</summary>
    public async Task FailAsync(List<InboxItem> items, string reason, TimeSpan delay)
    {
        if (items.Count == 0)
            return;
        DateTimeOffset now = time.GetUtcNow();
        var changes = new List<Change>(items.Count);
        int[] moves = new int[items.Count];
        for (int i = 0; i < moves.Length; i++)
        {
            items[i].State = ItemState.Settling;
            moves[i] = changes.Count;
            InboxChanges.AddFailure(changes, items[i], team, reason, delay, now);
        }
        ChangeResult[] results;
        try
        {
            results = await commits.CommitAsync(new Commit(changes));
        }
        catch
        {
            foreach (InboxItem item in items)
                item.State = ItemState.Leased;
            throw;
        }
        foreach ((InboxItem item, int move) in items.Zip(moves))
        {
            item.Attempts++;
            // Not applied: it was settled without this activation's knowledge.
            if (item.Attempts >= Limits.DeliveryAttempts || !results[move].Applied)
                window.Remove(item);
            else
                window.PutBack(item, delay > TimeSpan.Zero ? Moment.RunningOf(time) + delay : TimeSpan.Zero);
        }
        changed();
    }

    /// <summary>
    /// Leases whose time is over failed; deliveries whose time to live is over expire. Concurrent callers share one sweep:
    /// whoever leases waits for what is just coming back.
    /// </summary>
    public Task SweepAsync() => _sweeping.IsCompleted ? _sweeping = SweepOnceAsync() : _sweeping;

    private async Task SweepOnceAsync()
    {
        (DateTimeOffset now, TimeSpan running) = Moment.Of(time);
        await FailAsync([.. window.Items.Where(i => i.State == ItemState.Leased && i.LeaseEnds <= running).OrderBy(i => i.Key.Sequence)], "lease_expired", TimeSpan.Zero);
        if (Expires is null || Expires > now)
            return;
        Expires = null;
        while (await store.ExpiredAsync(team, now, Limits.MaxPageSize) is { Count: > 0 } keys)
        {
            // What is leased may still be acknowledged; when it comes back it expires.
            InboxKey[] free = [.. keys.Where(k => window.Find(k.Message) is null or { State: ItemState.Waiting })];
            foreach (InboxKey key in free)
            {
                if (window.Find(key.Message) is { } item)
                    window.Remove(item);
            }
            if (free.Length == 0)
                return;
            await ExpireAsync(free);
        }
    }

    public async Task ExpireAsync(InboxKey[] keys)
    {
        DateTimeOffset now = time.GetUtcNow();
        try
        {
            Change[] changes = [.. keys.Select(k => InboxChanges.Expire(k, team, window.Find(k.Message)?.TraceParent, now))];
            await commits.CommitAsync(new Commit(await archive.WithTracesAsync(changes)));
        }
        catch (Exception error)
        {
            InboxLog.NotStored(log, team, keys.Length, error);
            ExpiresAt(now);
        }
    }

    /// <summary>Those leased here; how many others wait anyway; and those this inbox does not have.</summary>
    public async Task<(List<InboxItem> Leased, int Waiting, Guid[] Unknown)> LeasedAsync(Guid[] asked)
    {
        Guid[] ids = [.. asked.Distinct()];
        IReadOnlyDictionary<Guid, DeliveryState> stored = await StatesAsync(ids);
        List<InboxItem> leased = [.. ids.Select(window.Find).OfType<InboxItem>().Where(i => i.State == ItemState.Leased)];
        Guid[] unknown = [.. ids.Where(id => window.Find(id) is null && stored.GetValueOrDefault(id, DeliveryState.Dead) != DeliveryState.Waiting)];
        return (leased, ids.Length - leased.Count - unknown.Length, unknown);
    }

    /// <returns>Deliveries that did not wait any more.</returns>
    private async Task<IReadOnlyList<Guid>> SettleAsync(List<Change> changes, List<InboxItem> items)
    {
        if (changes.Count == 0)
            return [];
        ItemState[] before = [.. items.Select(i => i.State)];
        foreach (InboxItem item in items)
        {
            if (item.State == ItemState.Waiting)
                window.Remove(item);
            else
                item.State = ItemState.Settling;
        }
        ChangeResult[] results;
        try
        {
            results = await commits.CommitAsync(new Commit(changes));
        }
        catch
        {
            for (int i = 0; i < items.Count; i++)
            {
                if (before[i] == ItemState.Waiting)
                    window.Add(items[i]);
                else if (items[i].State == ItemState.Settling)
                    items[i].State = before[i];
            }
            throw;
        }
        foreach (InboxItem item in items)
            window.Remove(item);
        if (items.Any(i => i.Key.OrderingKey is not null))
            changed();
        return [.. changes.Zip(results).Where(pair => !pair.Second.Applied).Select(pair => ((MoveDelivery)pair.First).Message)];
    }

    private async Task<IReadOnlyDictionary<Guid, DeliveryState>> StatesAsync(Guid[] ids)
    {
        Guid[] strangers = [.. ids.Where(id => window.Find(id) is null)];
        return strangers.Length == 0 ? new Dictionary<Guid, DeliveryState>() : await store.StatesAsync(team, strangers);
    }
}
