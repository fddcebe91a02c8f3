using ShitOps.Grains.Journal;
using ShitOps.Kibana.Model;
using static ShitOps.Kibana.Boards.Fields;

namespace ShitOps.Kibana.Boards;

/// <summary>All that is imported, but for the rules.</summary>
internal static class All
{
    /// <summary>In the order of the links that every dashboard begins with.</summary>
    public static IReadOnlyList<Board> Boards { get; } = [Flow.Board, Tree.Board, Security.Board, Work.Board, OneMessage.Board];

    public static IReadOnlyList<Search> Searches { get; } =
    [
        new(Ids.EventsOfMessages, "ShitOps: Events of messages, asks and tasks", "Oldest first: the way of a message reads downwards.",
            Where.Any(Where.Has(MessageId), Where.Has(Reference)),
            [EventType, Node, Silo, From, To, Verdict, Attempt, Reason, MessageId, Reference])
        {
            OldestFirst = true,
        },
        new(Ids.DeadLetters, "ShitOps: Dead letters", "What could not be delivered, and what became of it.",
            Where.Is(EventType, EventTypes.MessageDead, EventTypes.MessageReplayed, EventTypes.MessageDiscarded),
            [EventType, MessageId, From, To, Attempt, Reason, Actor]),
        new(Ids.Quarantine, "ShitOps: Quarantine", "What was found, released and purged.",
            Where.Is(EventType, EventTypes.MessageQuarantined, EventTypes.AttachmentQuarantined, EventTypes.AskReplyQuarantined, EventTypes.TaskRefused,
                EventTypes.QuarantineReleased, EventTypes.QuarantinePurged),
            [EventType, Signature, SignatureVersion, From, To, MessageId, Digest, Reason, Actor]),
        new(Ids.Nodes, "ShitOps: Nodes and tree", "Activations, failovers, failed health checks, changes of the tree and its teams.",
            Where.Is(EventType, EventTypes.NodeActivated, EventTypes.NodeFailedOver, EventTypes.NodeUnhealthy, EventTypes.TreeChanged,
                EventTypes.TeamCreated, EventTypes.TeamChanged, EventTypes.TeamRemoved),
            [EventType, Node, Silo, To, Reason, Actor]),
        new(Ids.Overdue, "ShitOps: Overdue tasks", "Tasks past their due time, and who was told.",
            Where.Is(EventType, EventTypes.TaskOverdue, EventTypes.TaskEscalated),
            [EventType, TaskId, To, From, Reason]),
        new(Ids.Asks, "ShitOps: Asks", "Asks, their answers and their ends.",
            Where.Is(EventType, EventTypes.AskOpened, EventTypes.AskReplied, EventTypes.AskReplyHeld, EventTypes.AskReplyQuarantined,
                EventTypes.AskCompleted, EventTypes.AskPartial),
            [EventType, AskId, From, To, Reason]),
    ];
}
