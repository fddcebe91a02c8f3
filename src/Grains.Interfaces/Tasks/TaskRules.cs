namespace ShitOps.Grains;

/// <summary>What a caller is to a task; a team may be both its creator and its assignee.</summary>
[Flags]
public enum TaskRoles : byte { None = 0, Creator = 1, Assignee = 2, Operator = 4 }

/// <param name="Next">The state afterwards; meaningless unless <paramref name="Status"/> is <see cref="TaskActStatus.Done"/>.</param>
public readonly record struct TaskDecision(TaskActStatus Status, TaskState Next);

/// <summary>Which action leads from which state to which, and whose it is. The same table stands in docs/tasks.md; a test compares them.</summary>
public static class TaskRules
{
    private const TaskRoles Anyone = TaskRoles.Creator | TaskRoles.Assignee | TaskRoles.Operator;

    /// <param name="caller">The team that acts, null for an operator.</param>
    public static TaskRoles RolesOf(string? caller, string creator, string assignee) =>
        caller is null ? TaskRoles.Operator
        : (caller == creator ? TaskRoles.Creator : TaskRoles.None) | (caller == assignee ? TaskRoles.Assignee : TaskRoles.None);

    /// <summary>One of these roles is needed.</summary>
    public static TaskRoles Whose(TaskAction action) => action switch
    {
        TaskAction.Start or TaskAction.Complete or TaskAction.Fail => TaskRoles.Assignee,
        TaskAction.Cancel or TaskAction.Reassign => Anyone,
        _ => TaskRoles.None,
    };

    /// <summary>Null: not from that state.</summary>
    public static TaskState? Next(TaskAction action, TaskState state) => (action, state) switch
    {
        (TaskAction.Start, TaskState.Ready) => TaskState.Started,
        (TaskAction.Complete, TaskState.Ready or TaskState.Started) => TaskState.Done,
        (TaskAction.Fail, TaskState.Ready or TaskState.Started) => TaskState.Failed,
        (TaskAction.Cancel, TaskState.Blocked or TaskState.Ready or TaskState.Started) => TaskState.Cancelled,
        (TaskAction.Reassign, TaskState.Blocked) => TaskState.Blocked,
        (TaskAction.Reassign, TaskState.Ready or TaskState.Started) => TaskState.Ready,
        _ => null,
    };

    public static TaskDecision Decide(TaskAction action, TaskState state, TaskRoles roles) =>
        (roles & Whose(action)) == 0 ? new(TaskActStatus.NotAllowed, state)
        : Next(action, state) is { } next ? new(TaskActStatus.Done, next)
        : new(TaskActStatus.WrongState, state);
}

public static class TaskStates
{
    public static bool IsOpen(this TaskState state) => (byte)state < 10;

    /// <summary>The assignee has it in hand: it was delivered and has not ended.</summary>
    public static bool IsDelivered(this TaskState state) => state is TaskState.Ready or TaskState.Started;

    /// <summary>The word of the API.</summary>
    public static string ToApi(this TaskState state) => state switch
    {
        TaskState.Blocked => "blocked",
        TaskState.Ready => "ready",
        TaskState.Started => "started",
        TaskState.Done => "done",
        TaskState.Failed => "failed",
        TaskState.Cancelled => "cancelled",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, null),
    };
}
