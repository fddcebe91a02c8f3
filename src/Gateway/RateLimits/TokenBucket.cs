namespace ShitOps.Gateway.RateLimits;

/// <summary>Tokens flow in at a rate up to a burst; a message takes one.</summary>
internal sealed class TokenBucket(TimeProvider time)
{
    private readonly Lock _lock = new();
    private double _tokens = double.NaN;
    private long _last;

    /// <summary>Takes as many as there are of <paramref name="wanted"/>; none: <paramref name="wait"/> tells when there will be one.</summary>
    public int Take(int wanted, double ratePerSecond, double burst, out TimeSpan wait)
    {
        lock (_lock)
        {
            long now = time.GetTimestamp();
            _tokens = double.IsNaN(_tokens) ? burst : Math.Min(burst, _tokens + time.GetElapsedTime(_last, now).TotalSeconds * ratePerSecond);
            _last = now;
            int taken = (int)Math.Min(wanted, Math.Floor(_tokens));
            _tokens -= taken;
            wait = taken < wanted ? TimeSpan.FromSeconds((1 - (_tokens - Math.Floor(_tokens))) / ratePerSecond) : TimeSpan.Zero;
            return taken;
        }
    }
}
