using ShitOps.Grains.Scanning;

namespace ShitOps.Silo.ClamAv;

/// <summary>The contents of one caller: which batch each goes into is not the caller's concern.</summary>
internal sealed class ScanCall(IReadOnlyList<ReadOnlyMemory<byte>> contents)
{
    private readonly Lock _lock = new();
    private readonly Verdict[] _verdicts = new Verdict[contents.Count];
    private readonly TaskCompletionSource<ScanReport> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _open = contents.Count;
    private ClamdVersion? _oldest;

    public Task<ScanReport> Done => _done.Task;

    public IReadOnlyList<ReadOnlyMemory<byte>> Contents => contents;

    /// <param name="version">By what; null for a verdict that needed no signatures.</param>
    public void Set(int place, Verdict verdict, ClamdVersion? version)
    {
        lock (_lock)
        {
            _verdicts[place] = verdict;
            // Batches may have gone to different clamds: the report claims the oldest signatures, never better ones.
            if (version is not null && (_oldest is null || version.Date < _oldest.Date))
                _oldest = version;
            if (--_open > 0)
                return;
        }
        _done.SetResult(new(_oldest?.Text, _verdicts));
    }
}

/// <summary>One content of a call.</summary>
internal readonly record struct ScanItem(ScanCall Call, int Place)
{
    public ReadOnlyMemory<byte> Content => Call.Contents[Place];

    public void Set(Verdict verdict, ClamdVersion? version = null) => Call.Set(Place, verdict, version);
}
