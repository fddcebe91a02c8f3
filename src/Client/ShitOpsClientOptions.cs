namespace ShitOps.Client;

/// <summary>Where the API is, who calls, and how patiently. Immutable: one client, one set of options.</summary>
public sealed record ShitOpsClientOptions
{
    /// <summary>A gateway's address. An injected HttpClient with a base address of its own goes there instead.</summary>
    public Uri Address { get; init; } = new("http://127.0.0.1:8080");

    /// <summary>A team's, operator's or security key; null for the calls that need none.</summary>
    public string? Key { get; init; }

    /// <summary>How often a call is tried again after its first attempt, 0 to 100.</summary>
    public int Retries { get; init; } = 6;

    /// <summary>Before the first retry; doubled for each further one, with jitter. More than 0.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>No pause of our own choosing is longer, and no pause is taken that the API asks for beyond it: that answer is thrown instead.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>One attempt's time, from 1 s. A lease that waits 30 s must fit in.</summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(60);

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <exception cref="ArgumentException">A value that cannot be used.</exception>
    internal ShitOpsClientOptions Checked()
    {
        ArgumentNullException.ThrowIfNull(Address);
        ArgumentNullException.ThrowIfNull(Time);
        if (!Address.IsAbsoluteUri || Address.Scheme is not ("http" or "https"))
            throw new ArgumentException($"'{Address}' is no http or https address", nameof(Address));
        if (Key is not null && (Key.Length == 0 || Key.AsSpan().ContainsAnyExceptInRange('!', '~')))
            throw new ArgumentException("A key has visible ASCII characters only", nameof(Key));
        ArgumentOutOfRangeException.ThrowIfNegative(Retries);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Retries, 100);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(FirstDelay, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxDelay, FirstDelay);
        ArgumentOutOfRangeException.ThrowIfLessThan(AttemptTimeout, TimeSpan.FromSeconds(1));
        return this;
    }

    /// <summary>Without the key.</summary>
    public override string ToString() => $"{Address} ({(Key is null ? "no key" : "with a key")}, {Retries} retries)";
}
