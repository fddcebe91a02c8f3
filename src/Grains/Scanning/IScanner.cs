namespace ShitOps.Grains.Scanning;

public enum VerdictKind : byte { Clean = 0, Infected = 1, Unscannable = 2, Unavailable = 3 }

/// <param name="Detail">The signature's name when infected, the reason when unscannable or unavailable.</param>
public readonly record struct Verdict(VerdictKind Kind, string? Detail = null)
{
    public static readonly Verdict Clean = new(VerdictKind.Clean);
}

/// <summary>The malware scanner as the nodes see it. Never answers clean for what it could not look at.</summary>
public interface IScanner
{
    /// <summary>Names engine and signature database; changes when either does. Null while the scanner is away.</summary>
    string? SignatureVersion { get; }

    /// <summary>
    /// True if a verdict made by that version is as good as one made now. Several engines may serve at once, each with
    /// its own version: any version in use is current.
    /// </summary>
    bool IsCurrent(string signatureVersion) => SignatureVersion == signatureVersion;

    /// <summary>When the signatures in use were made; null if unknown.</summary>
    DateTimeOffset? SignatureDate { get; }

    /// <summary>False for the embedded scanner, which is no production scanner.</summary>
    bool IsProduction { get; }

    /// <summary>Scans contents, one verdict each, in order. Never throws for a scanner that is away: the verdict says so.</summary>
    Task<ScanReport> ScanAsync(IReadOnlyList<ReadOnlyMemory<byte>> contents, CancellationToken stop = default);

    /// <summary>Opens a scan that takes one large content piece by piece.</summary>
    ValueTask<IStreamScan> OpenStreamAsync(CancellationToken stop = default);
}

/// <param name="SignatureVersion">By what the verdicts were made; null if the scanner was away.</param>
public sealed record ScanReport(string? SignatureVersion, Verdict[] Verdicts);

/// <summary>One content streamed to the scanner. Disposing without completing abandons it.</summary>
public interface IStreamScan : IAsyncDisposable
{
    ValueTask AppendAsync(ReadOnlyMemory<byte> piece, CancellationToken stop = default);
    Task<ScanReport> CompleteAsync(CancellationToken stop = default);
}

/// <summary>Opens sealed bodies, in memory only.</summary>
public interface IBodyOpener
{
    /// <exception cref="System.Security.Cryptography.CryptographicException">The body was changed, moved to another message, or its key is gone.</exception>
    ValueTask<byte[]> OpenAsync(ReadOnlyMemory<byte> sealedBody, Guid id, int part = 0, CancellationToken stop = default);
}

/// <summary>Seals what silos write themselves: collations, tasks, notices.</summary>
public interface IBodySealer
{
    ValueTask<byte[]> SealAsync(ReadOnlyMemory<byte> plain, Guid id, int part = 0, CancellationToken stop = default);
}
