namespace ShitOps.Silo.Elastic;

/// <summary>
/// Samples that wait to be sent. In memory, unlike the journal: what it holds is lost with the process, and beyond the bound
/// the oldest go, counted. A sample that is a day late tells nobody anything.
/// </summary>
internal sealed class MetricBuffer(int bound)
{
    private readonly Lock _gate = new();
    private readonly Queue<MetricSample> _waiting = new();
    private IReadOnlyList<MetricSample> _taken = [];

    /// <summary>So far.</summary>
    public long Dropped { get; private set; }

    public void Add(IEnumerable<MetricSample> samples)
    {
        lock (_gate)
        {
            foreach (MetricSample sample in samples)
                _waiting.Enqueue(sample);
            Trim();
        }
    }

    /// <summary>Some to be sent; none while those taken before were not confirmed.</summary>
    public IReadOnlyList<MetricSample> Take(int count)
    {
        lock (_gate)
        {
            if (_taken.Count > 0)
                return [];
            var some = new List<MetricSample>();
            while (some.Count < count && _waiting.TryDequeue(out MetricSample? sample))
                some.Add(sample);
            return _taken = some;
        }
    }

    public void Confirm()
    {
        lock (_gate)
            _taken = [];
    }

    /// <summary>What was taken and not confirmed comes first again.</summary>
    public void Restart()
    {
        lock (_gate)
        {
            MetricSample[] later = [.. _waiting];
            _waiting.Clear();
            foreach (MetricSample sample in _taken.Concat(later))
                _waiting.Enqueue(sample);
            _taken = [];
            Trim();
        }
    }

    private void Trim()
    {
        for (; _waiting.Count > bound; Dropped++)
            _waiting.Dequeue();
    }
}
