using System.Collections.Concurrent;
using System.Net;
using ShitOps.Gateway.RateLimits;

namespace ShitOps.Gateway.Security;

/// <summary>Slows down guessing at the sign-in: ten wrong keys from one address, then one every six seconds.</summary>
internal sealed class SignInGuard(TimeProvider time)
{
    private const double PerSecond = 1.0 / 6, Burst = 10;
    private const int Capacity = 10_000;
    private readonly ConcurrentDictionary<IPAddress, TokenBucket> _tries = new();

    /// <summary>Takes one try; null if there is one, else how long until the next.</summary>
    public TimeSpan? Take(IPAddress? from)
    {
        if (_tries.Count >= Capacity)
            _tries.Clear();
        TokenBucket bucket = _tries.GetOrAdd(from ?? IPAddress.None, static (_, time) => new TokenBucket(time), time);
        return bucket.Take(1, PerSecond, Burst, out TimeSpan wait) == 1 ? null : wait;
    }

    /// <summary>The right key was given: what was tried before counts no more.</summary>
    public void Forget(IPAddress? from) => _tries.TryRemove(from ?? IPAddress.None, out _);
}
