namespace ShitOps.Silo.Elastic;

/// <summary>One document to be created.</summary>
/// <param name="Id">At most 512 bytes.</param>
/// <param name="Source">One line of JSON.</param>
/// <param name="Place">Of the event it tells of.</param>
internal sealed record BulkDocument(string Id, ReadOnlyMemory<byte> Source, EventPlace Place = default);

/// <summary>A document that Elasticsearch will never take, and why.</summary>
internal sealed record RejectedDocument(BulkDocument Document, int Status, string Type, string Reason);

/// <summary>What came of one request.</summary>
internal abstract record BulkOutcome
{
    /// <summary>Each document was answered for: those not named here are stored.</summary>
    /// <param name="Again">In the order they were sent.</param>
    public sealed record Answered(IReadOnlyList<BulkDocument> Again, IReadOnlyList<RejectedDocument> Rejected, string? Trouble) : BulkOutcome;

    /// <summary>Too long for the server; nothing is stored.</summary>
    public sealed record TooLarge : BulkOutcome;

    /// <summary>The request as a whole cannot be read, for the fault of one document at least; nothing is stored.</summary>
    public sealed record Unreadable(string Reason) : BulkOutcome;

    /// <summary>Not now; nothing is stored.</summary>
    public sealed record Refused(string Trouble, TimeSpan? RetryAfter) : BulkOutcome;

    /// <summary>No answer: it may be stored or not.</summary>
    public sealed record Lost(string Trouble) : BulkOutcome;
}

/// <summary>How the sender paces itself.</summary>
internal sealed record BulkPace
{
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(1);
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Of one request.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The pause before a try: doubling, and with a random part so that many do not come back at once.</summary>
    /// <param name="failures">In a row, at least 1.</param>
    /// <param name="random">0 to 1.</param>
    public TimeSpan Pause(int failures, double random)
    {
        double full = Math.Min(LongestPause.TotalMilliseconds, FirstPause.TotalMilliseconds * Math.Pow(2, Math.Min(failures - 1, 20)));
        return TimeSpan.FromMilliseconds(full * (0.5 + (random / 2)));
    }
}
