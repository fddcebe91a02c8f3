namespace ShitOps.Hosting.Batching;

/// <summary>
/// Batches without a timer: while one batch is under way, items gather; the next batch takes them all, up to a bound.
/// An idle queue starts at once, so batching adds no delay; a busy one makes batches as large as the load asks for.
/// </summary>
/// <param name="run">
/// Takes a batch in order of arrival, never empty, and completes each item's own promise. What it throws is given to
/// <paramref name="fail"/> with the batch.
/// </param>
/// <param name="weigh">An item's weight against <paramref name="maxWeight"/>; an item heavier than the bound goes alone.</param>
public sealed class GatheringQueue<T>(
    Func<IReadOnlyList<T>, Task> run, Action<IReadOnlyList<T>, Exception> fail, int maxItems, long maxWeight = long.MaxValue, Func<T, long>? weigh = null)
{
    private readonly Lock _lock = new();
    private readonly Queue<T> _waiting = new();
    private bool _running;

    /// <summary>Items not yet taken into a batch.</summary>
    public int Waiting
    {
        get { lock (_lock) return _waiting.Count; }
    }

    public void Add(T item) => Add([item]);

    /// <summary>Items that came together are taken together, as far as the bounds allow.</summary>
    public void Add(ReadOnlySpan<T> items)
    {
        lock (_lock)
        {
            foreach (T item in items)
                _waiting.Enqueue(item);
            if (_running || items.IsEmpty)
                return;
            _running = true;
        }
        // Off the caller's scheduler: a grain's turn must not carry the batch of others.
        ThreadPool.UnsafeQueueUserWorkItem(static queue => _ = queue.DrainAsync(), this, preferLocal: false);
    }

    private async Task DrainAsync()
    {
        while (Take() is { Count: > 0 } batch)
        {
            try
            {
                await run(batch).ConfigureAwait(false);
            }
            catch (Exception error)
            {
                fail(batch, error);
            }
        }
    }

    private List<T> Take()
    {
        lock (_lock)
        {
            var batch = new List<T>(Math.Min(_waiting.Count, maxItems));
            long weight = 0;
            while (batch.Count < maxItems && _waiting.TryPeek(out T? next))
            {
                weight += weigh?.Invoke(next) ?? 0;
                if (weight > maxWeight && batch.Count > 0)
                    break;
                batch.Add(_waiting.Dequeue());
            }
            if (batch.Count == 0)
                _running = false;
            return batch;
        }
    }
}
