using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using ShitOps.Gateway.Cluster;
using ShitOps.Grains;

namespace ShitOps.Gateway.Security;

/// <summary>
/// Looks keys up in the cluster and keeps an answer for a short time. Only keys that exist are kept, so that guessing
/// cannot crowd them out; requests that come while a key is being looked up share the call.
/// </summary>
internal sealed class KeyCache(IGrainFactory grains, ClusterCalls calls, IOptions<GatewayOptions> options, TimeProvider time)
{
    private const int Capacity = 10_000;
    private readonly ConcurrentDictionary<KeyHash, Entry> _entries = new();

    private sealed record Entry(Task<Known?> Found, long Since);

    private sealed record Known(Guid Id, Caller Caller);

    /// <summary>Null: no such key, or revoked.</summary>
    public async ValueTask<Caller?> FindAsync(KeyHash key)
    {
        if (!_entries.TryGetValue(key, out Entry? entry) || time.GetElapsedTime(entry.Since) >= options.Value.KeyCacheTime)
        {
            if (_entries.Count >= Capacity)
                _entries.Clear();
            // Off the first caller's request: if that is aborted, the others still get their answer.
            entry = new Entry(LookUpAsync(key), time.GetTimestamp());
            _entries[key] = entry;
        }
        try
        {
            if (await entry.Found is { } known)
                return known.Caller;
        }
        catch
        {
            _entries.TryRemove(new(key, entry));
            throw;
        }
        _entries.TryRemove(new(key, entry));
        return null;
    }

    /// <summary>This gateway forgets the key at once; others within the cache time.</summary>
    public void Forget(Guid keyId) => Forget(known => known.Id == keyId);

    public void ForgetTeam(string team) => Forget(known => known.Caller.Team == team);

    private void Forget(Func<Known, bool> which)
    {
        foreach ((KeyHash hash, Entry entry) in _entries)
        {
            if (!entry.Found.IsCompletedSuccessfully || entry.Found.Result is not { } known || which(known))
                _entries.TryRemove(new(hash, entry));
        }
    }

    private async Task<Known?> LookUpAsync(KeyHash key)
    {
        var hash = new Immutable<byte[]>(key.ToBytes());
        AccessKey? found = await calls.RetryAsync(() => grains.Access().Find(hash));
        return found is null ? null : new Known(found.Id, new Caller(found.Role, found.Team, found.Id.ToString()));
    }
}
