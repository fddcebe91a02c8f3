using ShitOps.Grains;

namespace ShitOps.Gateway.Events;

/// <summary>One event of the journal.</summary>
public sealed record EventResource
{
    public required string Type { get; init; }
    public required DateTimeOffset At { get; init; }
    public Guid? Message { get; init; }
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

    internal static EventResource Of(EventView view) => new()
    {
        Type = view.Type,
        At = view.At,
        Message = view.Message,
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
        Size = view.Size,
        Sha256 = view.Sha256 is { } hash ? Convert.ToHexStringLower(hash) : null,
        Position = view.Position,
    };
}

public sealed record EventsPage(IReadOnlyList<EventResource> Events, string? Next);
