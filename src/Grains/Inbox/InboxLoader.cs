using ShitOps.Grains.Storage;

namespace ShitOps.Grains.Inbox;

/// <summary>Brings waiting deliveries from the database into the window, in order, a cursor for each rank.</summary>
internal sealed class InboxLoader(string team, IInboxStore store, InboxWindow window, TimeProvider time)
{
    private const int Rows = 200;
    private static readonly Priority[] Ranks = Enum.GetValues<Priority>();

    /// <summary>Waiting deliveries kept in memory: beyond it nothing is read until some are taken.</summary>
    private const int Most = 5_000;

    private readonly long[] _cursor = [-1, -1, -1];
    private readonly bool[] _news = [true, true, true];
    private readonly bool[] _more = [false, false, false];
    private Task _loading = Task.CompletedTask;

    /// <summary>There are new rows beyond the cursors of these ranks (bit 1 &lt;&lt; rank).</summary>
    public void Signal(int ranks)
    {
        foreach (Priority rank in Ranks)
            _news[(int)rank] |= (ranks & (1 << (int)rank)) != 0;
    }

    /// <summary>Something new was signalled and not read.</summary>
    public bool HasNews => _news.Contains(true);

    /// <summary>There are more rows than were read.</summary>
    public bool HasMore => HasNews || _more.Contains(true);

    /// <summary>Reads about <paramref name="wanted"/> more into the window, if there are. Concurrent callers share one read.</summary>
    public Task LoadAsync(int wanted) => _loading.IsCompleted ? _loading = ReadAsync(wanted) : _loading;

    private async Task ReadAsync(int wanted)
    {
        foreach (Priority rank in Ranks)
        {
            int r = (int)rank;
            if (!(_news[r] || _more[r]) || window.Waiting >= Most)
                continue;
            // Cleared before the read: whatever is signalled while it runs counts for the next one.
            bool news = _news[r];
            _news[r] = false;
            try
            {
                int limit = Math.Clamp(wanted, 1, Rows);
                long asked = time.GetTimestamp();
                IReadOnlyList<InboxRow> rows = await store.LoadAsync(team, rank, _cursor[r], limit);
                foreach (InboxRow row in rows)
                {
                    window.Add(InboxItem.From(row, asked));
                    _cursor[r] = row.Sequence;
                }
                _more[r] = rows.Count == limit;
                wanted -= rows.Count;
            }
            catch
            {
                _news[r] |= news;
                throw;
            }
            if (wanted <= 0)
                return;
        }
    }

    /// <summary>
    /// Looks behind the cursors for rows that were committed late, or signalled to an activation that is gone. Cheap
    /// while little is leased: keys only.
    /// </summary>
    public async Task ReconcileAsync()
    {
        foreach (Priority rank in Ranks)
        {
            long after = -1, upTo = _cursor[(int)rank];
            while (after < upTo)
            {
                IReadOnlyList<InboxKey> keys = await store.LoadKeysAsync(team, rank, after, upTo, Limits.MaxPageSize);
                foreach (InboxKey key in keys)
                    window.Add(new InboxItem(key));
                after = keys.Count < Limits.MaxPageSize ? upTo : keys[^1].Sequence;
            }
        }
        Signal(0b111);
    }

    /// <summary>
    /// Reads the messages of items that have none in memory, and looks again at those that were read before
    /// <paramref name="since"/>; what no longer waits is dropped. What was read some time ago may have been leased and
    /// acknowledged elsewhere: a silo that was declared dead while it hung, or while it could not be reached, has inboxes
    /// that stand on another silo by then.
    /// </summary>
    /// <param name="since">Timestamp.</param>
    public async Task CompleteAsync(List<InboxItem> items, long since)
    {
        InboxItem[] unread = [.. items.Where(i => i.Row is null)], old = [.. items.Where(i => i.Row is not null && i.ReadAt < since)];
        long asked = time.GetTimestamp();
        if (unread.Length > 0)
        {
            Dictionary<Guid, InboxRow> rows = (await store.LoadAsync(team, Ids(unread))).ToDictionary(r => r.Message);
            foreach (InboxItem item in unread)
                Keep(item, rows.GetValueOrDefault(item.Id));
        }
        if (old.Length > 0)
        {
            IReadOnlyDictionary<Guid, DeliveryState> states = await store.StatesAsync(team, Ids(old));
            foreach (InboxItem item in old)
                Keep(item, states.TryGetValue(item.Id, out DeliveryState state) && state == DeliveryState.Waiting ? item.Row : null);
        }
        items.RemoveAll(i => i.Row is null);

        void Keep(InboxItem item, InboxRow? row)
        {
            (item.Row, item.ReadAt) = (row, asked);
            if (row is null)
                window.Remove(item);
        }
    }

    private static Guid[] Ids(InboxItem[] items) => [.. items.Select(i => i.Id)];
}
