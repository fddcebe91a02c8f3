using ShitOps.Grains.Storage;

namespace ShitOps.Grains.Inbox;

/// <summary>Brings waiting deliveries from the database into the window, in order, a cursor for each rank.</summary>
internal sealed class InboxLoader(string team, IInboxStore store, InboxWindow window)
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
                IReadOnlyList<InboxRow> rows = await store.LoadAsync(team, rank, _cursor[r], limit);
                foreach (InboxRow row in rows)
                {
                    window.Add(InboxItem.From(row));
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

    /// <summary>Reads the messages of items that have none in memory; those that no longer wait are dropped.</summary>
    public async Task CompleteAsync(List<InboxItem> items)
    {
        Guid[] ids = [.. items.Where(i => i.Row is null).Select(i => i.Id)];
        if (ids.Length == 0)
            return;
        Dictionary<Guid, InboxRow> rows = (await store.LoadAsync(team, ids)).ToDictionary(r => r.Message);
        foreach (InboxItem item in items.Where(i => i.Row is null))
            item.Row = rows.GetValueOrDefault(item.Id);
        foreach (InboxItem item in items.Where(i => i.Row is null))
            window.Remove(item);
        items.RemoveAll(i => i.Row is null);
    }
}
