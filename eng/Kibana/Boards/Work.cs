using ShitOps.Grains.Journal;
using ShitOps.Kibana.Model;
using static ShitOps.Kibana.Boards.Fields;

namespace ShitOps.Kibana.Boards;

/// <summary>Tasks and asks: begun, ended, late, and who did not answer.</summary>
internal static class Work
{
    private static readonly Where TaskEvents = Where.Is(EventType,
        EventTypes.TaskCreated, EventTypes.TaskReady, EventTypes.TaskStarted, EventTypes.TaskDone, EventTypes.TaskFailed, EventTypes.TaskCancelled,
        EventTypes.TaskReassigned, EventTypes.TaskOverdue, EventTypes.TaskEscalated);

    private static readonly Where AskEvents = Where.Is(EventType,
        EventTypes.AskOpened, EventTypes.AskReplied, EventTypes.AskReplyHeld, EventTypes.AskReplyQuarantined, EventTypes.AskCompleted, EventTypes.AskPartial);

    private static Measure Tasks(string label, string type) => Measure.Distinct(label, TaskId, Where.Is(EventType, type));

    private static Measure Asks(string label, string type) => Measure.Distinct(label, AskId, Where.Is(EventType, type));

    public static Board Board { get; } = new(
        Ids.Work,
        "ShitOps: Tasks and asks",
        "What was begun and ended, what is overdue, answer times, who is missing. Open is what was begun and has no end in the same row.",
        "now-7d",
        [new("to", "Assignee or asked team", To), new("from", "Creator or asker", From)],
        [
            new(6,
                new Number("created", "Tasks created", 8, Tasks("tasks", EventTypes.TaskCreated)),
                new Number("ended", "Tasks ended", 8,
                    Measure.Distinct("tasks", TaskId, Where.Is(EventType, EventTypes.TaskDone, EventTypes.TaskFailed, EventTypes.TaskCancelled))),
                new Number("overdue", "Tasks overdue", 8, Tasks("tasks", EventTypes.TaskOverdue)),
                new Number("asked", "Asks opened", 8, Asks("asks", EventTypes.AskOpened)),
                new Number("complete", "Asks complete", 8, Asks("asks", EventTypes.AskCompleted)),
                new Number("partial", "Asks ended with teams missing", 8, Asks("asks", EventTypes.AskPartial))),
            new(12,
                new Chart("task-events", "Tasks", 24, Shape.Bars, Split.Time, [Measure.Count("events")], Split.By(EventType, "what")) { Where = TaskEvents },
                new Chart("ask-events", "Asks", 24, Shape.Bars, Split.Time, [Measure.Count("events")], Split.By(EventType, "what")) { Where = AskEvents }),
            new(14,
                new Table("tasks-by-team", "Tasks by assignee", 24, [Split.By(To, "team", 50)],
                    [
                        Tasks("created", EventTypes.TaskCreated), Tasks("started", EventTypes.TaskStarted), Tasks("done", EventTypes.TaskDone),
                        Tasks("failed", EventTypes.TaskFailed), Tasks("cancelled", EventTypes.TaskCancelled), Tasks("overdue", EventTypes.TaskOverdue),
                    ])
                {
                    Where = TaskEvents, OpensBoard = Ids.OneMessage,
                },
                new Table("replies-by-team", "Answers by team", 24, [Split.By(To, "team", 50)],
                    [
                        Measure.Count("answers"),
                        Measure.Percentile("half within", Duration, 50), Measure.Percentile("95 % within", Duration, 95),
                    ])
                {
                    Where = Where.Is(EventType, EventTypes.AskReplied), OpensBoard = Ids.OneMessage,
                }),
            new(14,
                new Table("late", "Overdue and escalated, by task", 24, [Split.By(Reference, "task", 50)],
                    [Measure.Count("times told"), Measure.Last("assignee", To), Measure.Last("creator", From)])
                {
                    Where = Where.Is(EventType, EventTypes.TaskOverdue, EventTypes.TaskEscalated), OpensBoard = Ids.OneMessage,
                },
                new Table("missing", "Who is missing: asks that ended without all", 24, [Split.By(Reference, "ask", 50)],
                    [Measure.Count("ended"), Measure.Last("missing", Reason), Measure.Last("asked", To), Measure.Last("asker", From)])
                {
                    Where = Where.Is(EventType, EventTypes.AskPartial), OpensBoard = Ids.OneMessage,
                }),
            new(12,
                new Chart("answer-times", "Answer times", 48, Shape.Line, Split.Time,
                    [Measure.Percentile("half", Duration, 50), Measure.Percentile("95 %", Duration, 95)])
                {
                    Where = Where.Is(EventType, EventTypes.AskReplied),
                }),
            new(14,
                new Documents("overdue-log", "Overdue and escalated", 24, Ids.Overdue),
                new Documents("ask-log", "Asks, in order", 24, Ids.Asks)),
        ]);
}
