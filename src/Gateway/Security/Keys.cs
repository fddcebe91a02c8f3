namespace ShitOps.Gateway.Security;

/// <summary>Whom a key speaks for, be it configured or stored. A key is asked for by its hash alone.</summary>
internal sealed class Keys(ConfiguredKeys configured, KeyCache cache)
{
    /// <summary>Null: no such key, or revoked.</summary>
    public ValueTask<Caller?> FindAsync(KeyHash key) => configured.Find(key) is { } caller ? new(caller) : cache.FindAsync(key);

    /// <summary>Whether the key of a request is one still: asked before something is handed out that was waited for.</summary>
    /// <exception cref="Problems.ProblemException">503: the cluster does not answer.</exception>
    public async ValueTask<bool> StandsAsync(HttpContext http) => HashOf(BearerKeys.Presented(http.Request).Span) is { } hash && await FindAsync(hash) is not null;

    /// <summary>The hash of what somebody presents as a key; null if it cannot be one.</summary>
    public static KeyHash? HashOf(ReadOnlySpan<char> presented) =>
        presented.Length is 0 or > KeyHash.MaxKeyLength || presented.ContainsAnyExceptInRange('!', '~') ? null : KeyHash.Of(presented);
}
