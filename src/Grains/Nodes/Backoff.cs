namespace ShitOps.Grains.Nodes;

/// <summary>
/// Exponential back-off with full jitter between half and whole, so that those that failed together do not come back
/// together. Source: "Exponential Backoff And Jitter", AWS Architecture Blog.
/// </summary>
public static class Backoff
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);

    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <param name="attempt">1 after the first failure.</param>
    /// <param name="chance">0 to 1.</param>
    public static TimeSpan After(int attempt, double chance) => After(attempt, chance, First, growth: 2, Longest);

    /// <inheritdoc cref="After(int, double)"/>
    /// <param name="growth">How many times as long each is as the one before, up to <paramref name="longest"/>.</param>
    public static TimeSpan After(int attempt, double chance, TimeSpan first, double growth, TimeSpan longest)
    {
        double whole = Math.Min(first.TotalMilliseconds * Math.Pow(growth, Math.Min(attempt - 1, 20)), longest.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(whole * (0.5 + (0.5 * chance)));
    }
}
