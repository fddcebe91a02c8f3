using ShitOps.Gateway.Quarantine;
using ShitOps.Grains;

namespace ShitOps.Gateway.Messages;

/// <summary>A message as <c>GET /v1/messages/{id}</c> tells it: never its body.</summary>
public sealed record MessageResource
{
    public required Guid Id { get; init; }
    public required string From { get; init; }
    public required string To { get; init; }
    public string? Subject { get; init; }
    /// <summary>queued, held, delivered, acknowledged, quarantined, dead, expired or cancelled.</summary>
    public required string State { get; init; }
    public required DateTimeOffset AcceptedAt { get; init; }
    public DateTimeOffset? SettledAt { get; init; }
    public required IReadOnlyList<DeliveryResource> Deliveries { get; init; }
    public QuarantineResource? Quarantine { get; init; }
    public required string Kind { get; init; }
    public required string Priority { get; init; }
    public required string ContentType { get; init; }
    public required int Size { get; init; }
    public required int Node { get; init; }
    public string? OrderingKey { get; init; }
    public string? CorrelationId { get; init; }
    public DateTimeOffset? DeliverAt { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }
    public required IReadOnlyList<Guid> Attachments { get; init; }
    public string? Reason { get; init; }
    public string? Traceparent { get; init; }

    /// <param name="withSubject">False for a recipient to whom it is not delivered: what was not found clean is not shown.</param>
    internal static MessageResource Of(MessageView view, bool withSubject) => new()
    {
        Id = view.Id,
        From = view.From,
        To = view.To,
        Subject = withSubject ? view.Subject : null,
        State = view.State.ToApi(),
        AcceptedAt = view.AcceptedAt,
        SettledAt = view.SettledAt,
        Deliveries = DeliveryResource.Of(view),
        Quarantine = view.Quarantine is { } entry ? QuarantineResource.Of(entry, withSubject) : null,
        Kind = Words.Of(view.Kind),
        Priority = Words.Of(view.Priority),
        ContentType = view.ContentType,
        Size = view.Size,
        Node = view.Node,
        OrderingKey = view.OrderingKey,
        CorrelationId = view.CorrelationId,
        DeliverAt = view.DeliverAt,
        ExpiresAt = view.ExpiresAt,
        Attachments = view.Attachments,
        Reason = view.Reason,
        Traceparent = view.TraceParent,
    };
}

public sealed record DeliveryResource(string Team, string State, DateTimeOffset? DeliveredAt, DateTimeOffset? AcknowledgedAt, int Attempts)
{
    /// <summary>A message to one team that has no delivery yet lists its recipient with the message's own state.</summary>
    internal static IReadOnlyList<DeliveryResource> Of(MessageView view)
    {
        if (view.Deliveries.Length == 0 && Address.TryParse(view.To, out Address to) && to.IsTeam)
            return [new(to.Name, view.State.ToApi(), null, null, 0)];
        return [.. view.Deliveries.Select(d => new DeliveryResource(d.Team, d.State.ToApi(), d.DeliveredAt, d.AcknowledgedAt, d.Attempts))];
    }
}
