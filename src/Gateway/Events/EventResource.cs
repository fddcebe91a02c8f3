using ShitOps.Grains;

namespace ShitOps.Gateway.Events;

/// <summary>One event of the journal.</summary>
public sealed record EventResource
{
    public required string Type { get; init; }
    public required DateTimeOffset At { get; init; }
    public Guid? Message { get; init; }
    /// <summary>The ask or task concerned.</summary>
    public Guid? Reference { get; init; }
    public string? From { get; init; }
    public string? Team { get; init; }
    public int? Node { get; init; }
    public string? Silo { get; init; }
    public string? Verdict { get; init; }
    public string? SignatureVersion { get; init; }
    public int? Attempt { get; init; }
    public string? Reason { get; init; }
    public string? Actor { get; init; }
    public string? Traceparent { get; init; }
    public int? Size { get; init; }
    /// <summary>Of the plain content, in hexadecimal.</summary>
    public string? Sha256 { get; init; }
    public required string Position { get; init; }

    internal static EventResource Of(EventView view) => Of(view, withDigest: true);

    /// <param name="withDigest">False for who may not read the content: what is short can be guessed from its digest.</param>
    internal static EventResource Of(EventView view, bool withDigest) => new()
    {
        Type = view.Type,
        At = view.At,
        Message = view.Message,
        Reference = view.Reference,
        From = view.From,
        Team = view.Team,
        Node = view.Node,
        Silo = view.Silo,
        Verdict = view.Verdict,
        SignatureVersion = view.SignatureVersion,
        Attempt = view.Attempt,
        Reason = view.Reason,
        Actor = view.Actor,
        Traceparent = view.TraceParent,
        Size = withDigest ? view.Size : null,
        Sha256 = withDigest && view.Sha256 is { } hash ? Convert.ToHexStringLower(hash) : null,
        Position = view.Position,
    };
}

public sealed record EventsPage(IReadOnlyList<EventResource> Events, string? Next);

/// <summary>What a look at a part of the journal found.</summary>
public sealed record VerificationResource
{
    /// <summary>Sealed rows looked at.</summary>
    public required long Rows { get; init; }
    /// <summary>Rows without a seal, written before there were seals: nothing can be said of them.</summary>
    public required long Unsealed { get; init; }
    public required IReadOnlyList<VerificationFault> Faults { get; init; }
    /// <summary>About how many rows are left.</summary>
    public required long Remaining { get; init; }
    public string? Next { get; init; }

    internal static VerificationResource Of(JournalReport report) => new()
    {
        Rows = report.Rows,
        Unsealed = report.Unsealed,
        Faults = [.. report.Faults.Select(fault => new VerificationFault(fault.Kind, fault.Writer, fault.First, fault.Last, fault.Detail))],
        Remaining = report.Remaining,
        Next = report.Next,
    };
}

/// <param name="Kind">changed, missing, unsealed, chain or key.</param>
/// <param name="First">The first row concerned, by its number among the writer's; 0 if it is not about a row.</param>
/// <param name="Last">The last row concerned.</param>
public sealed record VerificationFault(string Kind, int Writer, long First, long Last, string Detail);
