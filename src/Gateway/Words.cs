using ShitOps.Grains;

namespace ShitOps.Gateway;

/// <summary>The API's words for what has a number inside.</summary>
internal static class Words
{
    public static string Of(MessageKind kind) => DeliveryJson.Word(kind);

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

    public static string Of(Priority priority) => DeliveryJson.Word(priority);
}
