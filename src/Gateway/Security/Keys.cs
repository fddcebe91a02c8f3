namespace ShitOps.Gateway.Security;

/// <summary>Whom a key speaks for, be it configured or stored. A key is asked for by its hash alone.</summary>
internal sealed class Keys(ConfiguredKeys configured, KeyCache cache)
{
    /// <summary>Null: no such key, or revoked.</summary>
    public ValueTask<Caller?> FindAsync(KeyHash key) => configured.Find(key) is { } caller ? new(caller) : cache.FindAsync(key);

    /// <summary>The hash of what somebody presents as a key; null if it cannot be one.</summary>
    public static KeyHash? HashOf(ReadOnlySpan<char> presented) =>
        presented.Length is 0 or > KeyHash.MaxKeyLength || presented.ContainsAnyExceptInRange('!', '~') ? null : KeyHash.Of(presented);
}
