using System.Text.Json.Serialization;
using ShitOps.Gateway.Json;
using ShitOps.Grains;

namespace ShitOps.Gateway.Tasks;

/// <summary>A task. Its content is there for creator and assignee alone, and not in lists.</summary>
public sealed record TaskResource
{
    public required Guid Id { get; init; }
    /// <summary>Of a task on its own: its own id.</summary>
    public required Guid Workflow { get; init; }
    public string? Key { get; init; }
    public required string Title { get; init; }
    public required string Creator { get; init; }
    public required string Assignee { get; init; }
    /// <summary>blocked, ready, started, done, failed or cancelled.</summary>
    public required string State { get; init; }
    public required IReadOnlyList<DependencyResource> DependsOn { get; init; }
    public DateTimeOffset? DueAt { get; init; }
    /// <summary>It was not done when it was due, and said so.</summary>
    public required bool Overdue { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? ReadyAt { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
    /// <summary>Why it failed or was cancelled.</summary>
    public string? Reason { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RawJson? Body { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RawJson? Result { get; init; }
    /// <summary>Of a blocked task among a team's open ends: what it waits for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<BlockingTask>? BlockedBy { get; init; }

    internal static TaskResource Of(TaskView view, RawJson? body = null, RawJson? result = null) => new()
    {
        Id = view.Id,
        Workflow = view.Workflow,
        Key = view.Key,
        Title = view.Title,
        Creator = view.Creator,
        Assignee = view.Assignee,
        State = Words.Of(view.State),
        DependsOn = [.. view.DependsOn.Select(d => new DependencyResource(d.Task, Words.Of(d.OnFailure), d.Key, d.Title, d.Assignee, Words.Of(d.State)))],
        DueAt = view.DueAt,
        Overdue = view.Overdue,
        CreatedAt = view.CreatedAt,
        ReadyAt = view.ReadyAt,
        StartedAt = view.StartedAt,
        EndedAt = view.EndedAt,
        Reason = view.Reason,
        Body = body,
        Result = result,
    };
}

/// <param name="OnDependencyFailure">fail: it fails with it; ignore: as if it had been done.</param>
public sealed record DependencyResource(Guid Task, string OnDependencyFailure, string? Key, string Title, string Assignee, string State);

public sealed record BlockingTask(Guid Id, string? Key, string Title, string Assignee, string State);

public sealed record TasksPage(IReadOnlyList<TaskResource> Tasks, string? Next);

/// <summary>A graph of tasks with their states.</summary>
/// <param name="Name">Null for a task on its own.</param>
/// <param name="Ids">The tasks' ids by their keys.</param>
/// <param name="Tasks">In the order in which they were given.</param>
public sealed record WorkflowResource(
    Guid Id, string? Name, string Creator, DateTimeOffset CreatedAt, WorkflowProgress Progress, IReadOnlyDictionary<string, Guid> Ids, IReadOnlyList<TaskResource> Tasks)
{
    internal static WorkflowResource Of(WorkflowView view) => new(
        view.Id, view.Name, view.Creator, view.CreatedAt, WorkflowProgress.Of(view),
        view.Tasks.Where(t => t.Key is not null).ToDictionary(t => t.Key!, t => t.Id, StringComparer.Ordinal), [.. view.Tasks.Select(t => TaskResource.Of(t))]);
}

/// <summary>How many tasks there are, in each state, and how many of the open ones are overdue.</summary>
public sealed record WorkflowProgress(int Total, int Blocked, int Ready, int Started, int Done, int Failed, int Cancelled, int Overdue)
{
    internal static WorkflowProgress Of(WorkflowView view)
    {
        int Count(TaskState state) => view.Tasks.Count(t => t.State == state);
        return new(view.Tasks.Length, Count(TaskState.Blocked), Count(TaskState.Ready), Count(TaskState.Started), Count(TaskState.Done), Count(TaskState.Failed),
            Count(TaskState.Cancelled), view.Tasks.Count(t => t.Overdue && t.State < TaskState.Done));
    }
}
