using ShitOps.Grains;

namespace ShitOps.Gateway;

/// <summary>The API's words for what has a number inside.</summary>
internal static class Words
{
    public static string Of(MessageKind kind) => kind switch
    {
        MessageKind.Message => "message",
        MessageKind.Ask => "ask",
        MessageKind.Collation => "collation",
        MessageKind.Task => "task",
        MessageKind.Notice => "notice",
        MessageKind.Reply => "reply",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    public static string Of(CollateKind kind) => kind switch
    {
        CollateKind.List => "list",
        CollateKind.Tally => "tally",
        CollateKind.Sum => "sum",
        CollateKind.Min => "min",
        CollateKind.Max => "max",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    public static string Of(AskState state) => state switch
    {
        AskState.Open => "open",
        AskState.Complete => "complete",
        AskState.Partial => "partial",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, null),
    };

    public static string Of(TaskState state) => state switch
    {
        TaskState.Blocked => "blocked",
        TaskState.Ready => "ready",
        TaskState.Started => "started",
        TaskState.Done => "done",
        TaskState.Failed => "failed",
        TaskState.Cancelled => "cancelled",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, null),
    };

    public static string Of(OnDependencyFailure failure) => failure switch
    {
        OnDependencyFailure.Fail => "fail",
        OnDependencyFailure.Ignore => "ignore",
        _ => throw new ArgumentOutOfRangeException(nameof(failure), failure, null),
    };

    public static string Of(Priority priority) => priority switch
    {
        Priority.Urgent => "urgent",
        Priority.Normal => "normal",
        Priority.Bulk => "bulk",
        _ => throw new ArgumentOutOfRangeException(nameof(priority), priority, null),
    };
}
