using System.Text.Json;
using System.Text.Json.Serialization;

namespace ShitOps.Client;

/// <summary>A task for a team. Only what is set is written.</summary>
public sealed record NewTask(string Title, string Assignee)
{
    /// <summary>Its name in its workflow; none for a task on its own.</summary>
    public string? Key { get; init; }

    /// <summary>What is to be done: any JSON, 256 KiB at most.</summary>
    [JsonConverter(typeof(Http.AsItStands))] public JsonElement? Body { get; init; }

    /// <summary>Keys of the same workflow, or ids of other tasks.</summary>
    public IReadOnlyList<string>? DependsOn { get; init; }

    /// <summary>fail (default): it fails with what it waits for; ignore.</summary>
    public string? OnDependencyFailure { get; init; }

    public DateTimeOffset? DueAt { get; init; }
}

/// <summary>A graph of tasks, created all or nothing.</summary>
public sealed record NewWorkflow(string Name, IReadOnlyList<NewTask> Tasks);

public sealed record TaskInfo
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

    public IReadOnlyList<Dependency> DependsOn { get; init => field = value ?? []; } = [];
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>It was not done when it was due.</summary>
    public bool Overdue { get; init; }

    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? ReadyAt { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Why it failed or was cancelled.</summary>
    public string? Reason { get; init; }

    /// <summary>For creator and assignee, and not in lists; else undefined.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] public JsonElement Body { get; init; }

    /// <summary>For creator and assignee, and not in lists; else undefined.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] public JsonElement Result { get; init; }

    /// <summary>Of a blocked task among a team's open ends: what it waits for.</summary>
    public IReadOnlyList<BlockingTask>? BlockedBy { get; init; }
}

public sealed record Dependency(Guid Task, string OnDependencyFailure, string? Key, string Title, string Assignee, string State);

public sealed record BlockingTask(Guid Id, string? Key, string Title, string Assignee, string State);

/// <param name="Name">Null for a task on its own.</param>
/// <param name="Ids">The tasks' ids by their keys.</param>
public sealed record WorkflowInfo(
    Guid Id, string? Name, string Creator, DateTimeOffset CreatedAt, WorkflowProgress Progress, IReadOnlyDictionary<string, Guid> Ids, IReadOnlyList<TaskInfo> Tasks);

/// <summary>How many tasks there are, in each state, and how many of the open ones are overdue.</summary>
public sealed record WorkflowProgress(int Total, int Blocked, int Ready, int Started, int Done, int Failed, int Cancelled, int Overdue);

/// <summary>Which tasks; what is null does not matter.</summary>
public sealed record TaskFilter(string? Team = null, string? State = null, Guid? Workflow = null, bool Overdue = false);

internal sealed record TasksPage(IReadOnlyList<TaskInfo> Tasks, string? Next) : Http.IPage<TaskInfo>
{
    [JsonIgnore] public IReadOnlyList<TaskInfo> Items => Tasks;
}

internal sealed record TaskEnd([property: JsonConverter(typeof(Http.AsItStands))] JsonElement? Result = null, string? Reason = null);

internal sealed record NewAssignee(string Assignee);
