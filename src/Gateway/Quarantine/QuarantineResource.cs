using ShitOps.Grains;

namespace ShitOps.Gateway.Quarantine;

/// <summary>What was found where: a message, an attachment or a reply. Never its content.</summary>
public sealed record QuarantineResource
{
    public required Guid Id { get; init; }
    public Guid? Message { get; init; }
    public Guid? Attachment { get; init; }
    /// <summary>Of a reply: the ask it answers. The entry's id is the reply's.</summary>
    public Guid? Ask { get; init; }
    public required string From { get; init; }
    public string? To { get; init; }
    public string? Subject { get; init; }
    /// <summary>infected or unscannable.</summary>
    public required string Verdict { get; init; }
    public required string Signature { get; init; }
    public required string SignatureVersion { get; init; }
    public required int Node { get; init; }
    public required string Silo { get; init; }
    public required DateTimeOffset At { get; init; }
    /// <summary>waiting, released or purged.</summary>
    public required string State { get; init; }
    public DateTimeOffset? DecidedAt { get; init; }
    public string? DecidedBy { get; init; }
    public string? Reason { get; init; }

    internal static QuarantineResource Of(QuarantineView view, bool withSubject = true) => new()
    {
        Id = view.Id,
        Message = view.Message,
        Attachment = view.Attachment,
        Ask = view.Ask,
        From = view.From,
        To = view.To,
        Subject = withSubject ? view.Subject : null,
        Verdict = view.Verdict,
        Signature = view.Signature,
        SignatureVersion = view.SignatureVersion,
        Node = view.Node,
        Silo = view.Silo,
        At = view.At,
        State = view.State,
        DecidedAt = view.DecidedAt,
        DecidedBy = view.DecidedBy,
        Reason = view.Reason,
    };
}

public sealed record QuarantinePage(IReadOnlyList<QuarantineResource> Entries, string? Next);

/// <param name="Reason">Why; kept in the journal. 1 to 512 characters.</param>
public sealed record Decision(string Reason);

public sealed record Decided(Guid Id, string State);
