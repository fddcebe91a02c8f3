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

    private sealed class Entry(Func<Task<Known?>> lookUp, long since)
    {
        private readonly Lazy<Task<Known?>> _found = new(lookUp);

        public Task<Known?> Found => _found.Value;
        public long Since => since;
    }

    private sealed record Known(Guid Id, Caller Caller);

    /// <summary>Null: no such key, or revoked.</summary>
    public async ValueTask<Caller?> FindAsync(KeyHash key)
    {
        Entry entry = Current(key);
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

    /// <summary>The entry to go by: of the requests that find it too old, one puts a new one in its place.</summary>
    private Entry Current(KeyHash key)
    {
        while (true)
        {
            bool known = _entries.TryGetValue(key, out Entry? entry);
            if (known && time.GetElapsedTime(entry!.Since) < options.Value.KeyCacheTime)
                return entry;
            if (_entries.Count >= Capacity)
                _entries.Clear();
            // Not bound to one request: if that is aborted, the others still get their answer.
            var next = new Entry(() => LookUpAsync(key), time.GetTimestamp());
            if (known ? _entries.TryUpdate(key, next, entry!) : _entries.TryAdd(key, next))
                return next;
        }
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
