using System.Collections.Frozen;
using ShitOps.Grains.Journal;

namespace ShitOps.Silo.Elastic;

/// <summary>How ECS sorts an event. Types must be among those that ECS expects of one of the categories.</summary>
/// <param name="Outcome">Whether the action succeeded: to find a virus is a scan that succeeded.</param>
/// <seealso href="https://www.elastic.co/docs/reference/ecs/ecs-category-field-values-reference"/>
internal sealed record EcsKind(string[] Category, string[] Type, string Outcome = EcsKind.Success)
{
    public const string Success = "success", Failure = "failure";
}

internal static class EcsKinds
{
    /// <summary>Something that became infected or unscannable content: an alert, if a signature was found.</summary>
    private static readonly EcsKind Caught = new(["malware", "file"], ["info", "change"]);

    private static readonly FrozenDictionary<string, EcsKind> Known = new Dictionary<string, EcsKind>(StringComparer.Ordinal)
    {
        [EventTypes.MessageAccepted] = new(["api"], ["creation", "allowed"]),
        [EventTypes.MessageScanned] = new(["file"], ["info"]),
        [EventTypes.MessageForwarded] = new(["network"], ["info"]),
        [EventTypes.MessageDelivered] = new(["network"], ["info"]),
        [EventTypes.MessageAcknowledged] = new(["network"], ["end"]),
        [EventTypes.MessageHeld] = new(["network"], ["info"], EcsKind.Failure),
        [EventTypes.MessageQuarantined] = Caught,
        [EventTypes.MessageRetried] = new(["network"], ["info"], EcsKind.Failure),
        [EventTypes.MessageDead] = new(["network"], ["end"], EcsKind.Failure),
        [EventTypes.MessageExpired] = new(["network"], ["end"], EcsKind.Failure),
        [EventTypes.MessageCancelled] = new(["network"], ["end"]),
        [EventTypes.MessageReplayed] = new(["network"], ["start"]),
        [EventTypes.MessageDiscarded] = new(["network"], ["end"]),
        [EventTypes.AttachmentStored] = new(["file"], ["creation"]),
        [EventTypes.AttachmentQuarantined] = Caught,
        [EventTypes.NodeActivated] = new(["host"], ["start"]),
        [EventTypes.NodeFailedOver] = new(["host"], ["change"]),
        [EventTypes.NodeUnhealthy] = new(["host"], ["info"], EcsKind.Failure),
        [EventTypes.TreeChanged] = new(["configuration"], ["change"]),
        [EventTypes.TeamCreated] = new(["iam"], ["group", "creation"]),
        [EventTypes.TeamChanged] = new(["iam"], ["group", "change"]),
        [EventTypes.TeamRemoved] = new(["iam"], ["group", "deletion"]),
        [EventTypes.TeamKeyAdded] = new(["iam"], ["group", "change"]),
        [EventTypes.TeamKeyRevoked] = new(["iam"], ["group", "change"]),
        [EventTypes.WebhookSet] = new(["configuration"], ["change"]),
        [EventTypes.WebhookRotated] = new(["configuration"], ["change"]),
        [EventTypes.WebhookRemoved] = new(["configuration"], ["deletion"]),
        [EventTypes.WebhookDisabled] = new(["configuration"], ["change"], EcsKind.Failure),
        [EventTypes.AskOpened] = new(["process"], ["start"]),
        [EventTypes.AskReplied] = new(["process"], ["info"]),
        [EventTypes.AskReplyHeld] = new(["process"], ["info"], EcsKind.Failure),
        [EventTypes.AskReplyQuarantined] = Caught,
        [EventTypes.AskCollated] = new(["process"], ["info"]),
        [EventTypes.AskCompleted] = new(["process"], ["end"]),
        [EventTypes.AskPartial] = new(["process"], ["end"], EcsKind.Failure),
        [EventTypes.TaskCreated] = new(["process"], ["info"]),
        [EventTypes.TaskReady] = new(["process"], ["info"]),
        [EventTypes.TaskStarted] = new(["process"], ["start"]),
        [EventTypes.TaskDone] = new(["process"], ["end"]),
        [EventTypes.TaskFailed] = new(["process"], ["end"], EcsKind.Failure),
        [EventTypes.TaskCancelled] = new(["process"], ["end"]),
        [EventTypes.TaskReassigned] = new(["process"], ["change"]),
        [EventTypes.TaskOverdue] = new(["process"], ["info"], EcsKind.Failure),
        [EventTypes.TaskEscalated] = new(["process"], ["info"], EcsKind.Failure),
        [EventTypes.TaskRefused] = new(["malware", "file"], ["info"], EcsKind.Failure),
        [EventTypes.QuarantineReleased] = new(["file"], ["change"]),
        [EventTypes.QuarantinePurged] = new(["file"], ["deletion"]),
        [EventTypes.AccessGuessing] = new(["authentication"], ["info"], EcsKind.Failure),
        [EventTypes.ExportBehind] = new(["process"], ["info"], EcsKind.Failure),
        [EventTypes.ExportCaughtUp] = new(["process"], ["info"]),
        [EventTypes.ExportLost] = new(["process"], ["info"], EcsKind.Failure),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly EcsKind Infected = new(["malware"], ["info"]), Unknown = new(["process"], ["info"]);

    /// <summary>A type that a later version wrote is sent all the same, as plain information.</summary>
    public static EcsKind Of(JournalEvent e) =>
        e is { Type: EventTypes.MessageScanned, Verdict: "infected" } ? Infected : Known.GetValueOrDefault(e.Type, Unknown);

    public static bool IsKnown(string type) => Known.ContainsKey(type);
}
