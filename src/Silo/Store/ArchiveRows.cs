using System.Data.Common;
using ShitOps.Grains;

namespace ShitOps.Silo.Store;

/// <summary>Rows of the archive as views. Each reader knows its columns by their place in the list above it.</summary>
internal static class ArchiveRows
{
    public const string MessageColumns =
        "id, from_team, to_spec, subject, state, accepted_at, NULLIF(settled_at, 0), kind, node, correlation_id, ordering_key, priority, deliver_at, expires_at, "
        + "attachments, reason, size, trace_parent, content_type";

    /// <summary>Without deliveries and quarantine.</summary>
    public static MessageView Message(DbDataReader row) => new()
    {
        Id = row.Id(0),
        From = row.GetString(1),
        To = row.GetString(2),
        Subject = row.TextOrNull(3),
        State = (MessageState)row.GetInt32(4),
        AcceptedAt = row.Time(5),
        SettledAt = row.TimeOrNull(6),
        Deliveries = [],
        Kind = (MessageKind)row.GetInt32(7),
        Node = row.GetInt32(8),
        CorrelationId = row.TextOrNull(9),
        OrderingKey = row.TextOrNull(10),
        Priority = (Priority)row.GetInt32(11),
        DeliverAt = row.TimeOrNull(12),
        ExpiresAt = row.TimeOrNull(13),
        Attachments = row.Ids(14),
        Reason = row.TextOrNull(15),
        Size = row.GetInt32(16),
        TraceParent = row.TextOrNull(17),
        ContentType = row.GetString(18),
    };

    public const string DeliveryColumns = "team, state, delivered_at, NULLIF(acknowledged_at, 0), attempts";

    public static DeliveryView Delivery(DbDataReader row) => new(
        row.GetString(0), (DeliveryState)row.GetInt32(1), row.Time(2), row.TimeOrNull(3), row.GetInt32(4));

    public const string QuarantineColumns =
        "id, message_id, attachment_id, from_team, to_spec, subject, verdict, signature, signature_version, node, silo, at, state, decided_at, decided_by, reason, ask_id";

    public static QuarantineView Quarantined(DbDataReader row) => new()
    {
        Id = row.Id(0),
        Message = row.IdOrNull(1),
        Attachment = row.IdOrNull(2),
        From = row.GetString(3),
        To = row.TextOrNull(4),
        Subject = row.TextOrNull(5),
        Verdict = row.GetString(6),
        Signature = row.TextOrNull(7) ?? "",
        SignatureVersion = row.TextOrNull(8) ?? "",
        Node = row.NumberOrNull(9) ?? 0,
        Silo = row.GetString(10),
        At = row.Time(11),
        State = row.GetString(12),
        DecidedAt = row.TimeOrNull(13),
        DecidedBy = row.TextOrNull(14),
        Reason = row.TextOrNull(15),
        Ask = row.IdOrNull(16),
    };

    /// <summary>Of dead_letter x and its message m, which may be gone.</summary>
    public const string DeadLetterColumns = "x.message_id, x.from_team, m.to_spec, x.team, x.reason, x.at, x.attempts";

    public static DeadLetterView DeadLetter(DbDataReader row) => new(
        row.Id(0), row.GetString(1), row.TextOrNull(2) ?? row.GetString(3), row.GetString(3), row.GetString(4), row.Time(5), row.GetInt32(6));
}
