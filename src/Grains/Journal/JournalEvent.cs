namespace ShitOps.Grains.Journal;

/// <summary>
/// One thing that happened. A commit carries many; they are stored as one compressed row, in the same transaction as
/// what they tell. Fields that do not apply are null. Never a body, a key or a secret.
/// </summary>
public sealed record JournalEvent(string Type, DateTimeOffset At)
{
    public Guid? Message { get; init; }
    /// <summary>The sending team; of guessing the network that it comes from.</summary>
    public string? From { get; init; }
    /// <summary>The team or address concerned.</summary>
    public string? Team { get; init; }
    public int? Node { get; init; }
    public string? Silo { get; init; }
    /// <summary>clean, infected, unscannable, unavailable, released.</summary>
    public string? Verdict { get; init; }
    public string? SignatureVersion { get; init; }
    public int? Attempt { get; init; }
    /// <summary>A signature, an error, what was decided and why: text for people.</summary>
    public string? Reason { get; init; }
    /// <summary>Who decided: <c>operator:ID</c>, <c>security:ID</c>, <c>team:NAME</c>.</summary>
    public string? Actor { get; init; }
    public string? TraceParent { get; init; }
    /// <summary>Bytes of the plain body.</summary>
    public int? Size { get; init; }
    /// <summary>32 bytes.</summary>
    public byte[]? Sha256 { get; init; }
    /// <summary>The ask or task concerned.</summary>
    public Guid? Reference { get; init; }
}

/// <summary>The types of events. Appended to, never renamed: dashboards and stored rows use them.</summary>
public static class EventTypes
{
    public const string
        MessageAccepted = "message.accepted",
        MessageScanned = "message.scanned",
        MessageForwarded = "message.forwarded",
        MessageDelivered = "message.delivered",
        MessageAcknowledged = "message.acknowledged",
        MessageHeld = "message.held",
        MessageQuarantined = "message.quarantined",
        MessageRetried = "message.retried",
        MessageDead = "message.dead",
        MessageExpired = "message.expired",
        MessageCancelled = "message.cancelled",
        MessageReplayed = "message.replayed",
        MessageDiscarded = "message.discarded",
        AttachmentStored = "attachment.stored",
        AttachmentQuarantined = "attachment.quarantined",
        NodeActivated = "node.activated",
        NodeFailedOver = "node.failed_over",
        NodeUnhealthy = "node.unhealthy",
        TreeChanged = "tree.changed",
        TeamCreated = "team.created",
        TeamChanged = "team.changed",
        TeamRemoved = "team.removed",
        TeamKeyAdded = "team.key_added",
        TeamKeyRevoked = "team.key_revoked",
        WebhookSet = "team.webhook_set",
        WebhookRotated = "team.webhook_secret_rotated",
        WebhookRemoved = "team.webhook_removed",
        WebhookDisabled = "team.webhook_disabled",
        AskOpened = "ask.opened",
        AskReplied = "ask.replied",
        AskReplyHeld = "ask.reply_held",
        AskReplyQuarantined = "ask.reply_quarantined",
        AskCollated = "ask.collated",
        AskCompleted = "ask.completed",
        AskPartial = "ask.partial",
        TaskCreated = "task.created",
        TaskReady = "task.ready",
        TaskStarted = "task.started",
        TaskDone = "task.done",
        TaskFailed = "task.failed",
        TaskCancelled = "task.cancelled",
        TaskReassigned = "task.reassigned",
        TaskOverdue = "task.overdue",
        TaskEscalated = "task.escalated",
        TaskRefused = "task.refused",
        QuarantineReleased = "quarantine.released",
        QuarantinePurged = "quarantine.purged",
        AccessGuessing = "access.guessing",
        ExportBehind = "export.behind",
        ExportCaughtUp = "export.caught_up",
        ExportLost = "export.lost";
}
