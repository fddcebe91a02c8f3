namespace ShitOps.Grains.Nodes;

/// <summary>Events a second, averaged over about ten seconds with older ones fading out. 16 bytes, no timer.</summary>
internal struct Rate
{
    private const double Seconds = 10;
    private double _perSecond;
    private long _at;

    public void Add(int count, TimeProvider time) => _perSecond = Read(time) + (count / Seconds);

    public double Read(TimeProvider time)
    {
        long now = time.GetTimestamp();
        if (_at != 0)
            _perSecond *= Math.Exp(-time.GetElapsedTime(_at, now).TotalSeconds / Seconds);
        _at = now;
        return _perSecond;
    }
}
