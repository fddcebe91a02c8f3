namespace ShitOps.Grains;

/// <summary>
/// The process's copy of a tree. A long poll on the tree grain keeps it current; <see cref="AtLeastAsync"/> fetches
/// at once when somebody names a newer epoch.
/// </summary>
public sealed class TreeWatch(IGrainFactory grains, TimeProvider time)
{
    /// <summary>Changes that come close together are learned together; who needs one at once asks for it.</summary>
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(50);

    private readonly Lock _lock = new();
    private volatile TreeSnapshot? _current;
    private Task<TreeSnapshot>? _fetch;

    /// <summary>The newest snapshot this process has seen, null before the first.</summary>
    public TreeSnapshot? Current => _current;

    public ValueTask<TreeSnapshot> GetAsync() => _current is { } known ? new(known) : new(FetchAsync());

    /// <summary>A snapshot of that epoch or a newer one.</summary>
    public ValueTask<TreeSnapshot> AtLeastAsync(long epoch) =>
        _current is { } known && known.Epoch >= epoch ? new(known) : new(FetchAsync());

    /// <summary>Asks the tree grain now, whatever is known. Concurrent callers share one call.</summary>
    public Task<TreeSnapshot> FetchAsync()
    {
        lock (_lock)
        {
            if (_fetch is { IsCompleted: false })
                return _fetch;
            return _fetch = ReadAsync();
        }
    }

    private async Task<TreeSnapshot> ReadAsync()
    {
        ITreeGrain tree = grains.GetGrain<ITreeGrain>(Limits.DefaultTree);
        return Learn(_current is { } known ? (await tree.News(known.Epoch)).ApplyTo(known) : await tree.Read());
    }

    public TreeSnapshot Learn(TreeSnapshot snapshot)
    {
        lock (_lock)
        {
            if (_current is null || snapshot.Epoch > _current.Epoch)
                _current = snapshot;
            return _current;
        }
    }

    /// <summary>Runs until cancelled; a failed poll is tried again after a second.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                TreeSnapshot known = await GetAsync();
                if (await grains.GetGrain<ITreeGrain>(Limits.DefaultTree).WaitForNews(known.Epoch).WaitAsync(stop) is not { } news)
                    continue;
                Learn(news.ApplyTo(known));
                await Task.Delay(Gather, time, stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
