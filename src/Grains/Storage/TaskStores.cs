namespace ShitOps.Grains.Storage;

/// <summary>A workflow as its grain wakes up with it. Bodies are not read.</summary>
public sealed record WorkflowRow(
    Guid Id, string? Name, string Creator, int Version, byte[] RequestDigest, string? TraceParent, DateTimeOffset CreatedAt, IReadOnlyList<StoredTask> Tasks);

/// <summary>A task as stored.</summary>
public sealed record StoredTask(
    Guid Id, string? Key, string Title, string Assignee, TaskState State, DateTimeOffset? DueAt, bool Overdue, DateTimeOffset CreatedAt, DateTimeOffset? ReadyAt,
    DateTimeOffset? StartedAt, DateTimeOffset? EndedAt, string? Reason, IReadOnlyList<EdgeRow> Edges);

public interface ITaskStore
{
    Task<WorkflowRow?> LoadAsync(Guid workflow, CancellationToken stop = default);

    /// <summary>Workflow and state of those tasks that exist among these.</summary>
    Task<IReadOnlyDictionary<Guid, (Guid Workflow, TaskState State)>> StatesAsync(IReadOnlyList<Guid> tasks, CancellationToken stop = default);

    /// <summary>Sealed bodies and results of these tasks.</summary>
    Task<IReadOnlyList<(Guid Task, byte[]? Body, byte[]? Result)>> ContentsAsync(IReadOnlyList<Guid> tasks, CancellationToken stop = default);

    /// <summary>Titles, keys and workflows of these tasks, for telling.</summary>
    Task<IReadOnlyList<(Guid Task, Guid Workflow, string? Key, string Title)>> NamesAsync(IReadOnlyList<Guid> tasks, CancellationToken stop = default);

    Task<TaskView?> ViewAsync(Guid task, CancellationToken stop = default);
    Task<Page<TaskView>> ListAsync(TaskQuery query, CancellationToken stop = default);
    Task<WorkflowView?> WorkflowAsync(Guid workflow, CancellationToken stop = default);
    Task<IReadOnlyList<EventView>> TraceAsync(Guid task, CancellationToken stop = default);
    Task<OpenWork> OpenAsync(string team, int limit, CancellationToken stop = default);

    /// <summary>Open tasks assigned to that team, with their workflows; at most <paramref name="limit"/>.</summary>
    Task<IReadOnlyList<(Guid Task, Guid Workflow)>> OpenOfAsync(string team, int limit, CancellationToken stop = default);

    /// <summary>Workflows with an open task that is due and not marked overdue.</summary>
    Task<IReadOnlyList<Guid>> OverdueAsync(DateTimeOffset now, int limit, CancellationToken stop = default);

    /// <summary>Workflows with an open edge to a task of another workflow that has ended.</summary>
    Task<IReadOnlyList<Guid>> StrandedAsync(int limit, CancellationToken stop = default);
}
