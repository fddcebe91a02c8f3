using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using ShitOps.Gateway.Problems;
using ShitOps.Grains;

namespace ShitOps.Gateway.RateLimits;

/// <summary>How many messages a team may post to this gateway: a rate by its weight, twice that in a burst.</summary>
internal sealed class TeamRates(TreeWatch tree, IOptions<GatewayOptions> options, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, TokenBucket> _buckets = new(StringComparer.Ordinal);

    /// <summary>How many of <paramref name="wanted"/> may go; the rest is refused with <paramref name="refusal"/>.</summary>
    public int Take(string team, int wanted, out Problem? refusal)
    {
        double rate = (double)options.Value.MessagesPerSecond * (tree.Current?.Find(team)?.Weight ?? 1);
        int taken = _buckets.GetOrAdd(team, static (_, clock) => new TokenBucket(clock), time).Take(wanted, rate, 2 * rate, out TimeSpan wait);
        refusal = taken == wanted ? null : new Problem(429, "rate_limited", "This team posts faster than it may.", retryAfter: wait);
        return taken;
    }
}
