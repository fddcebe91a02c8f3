namespace ShitOps.Grains;

/// <summary>State of a task. Values below 10 are open.</summary>
public enum TaskState : byte
{
    /// <summary>Waits for tasks it depends on.</summary>
    Blocked = 0,
    /// <summary>Delivered to its assignee.</summary>
    Ready = 1,
    Started = 2,
    Done = 10,
    Failed = 11,
    Cancelled = 12,
}

/// <summary>What a task that fails or is cancelled does to one that depends on it.</summary>
public enum OnDependencyFailure : byte
{
    /// <summary>The dependent fails too.</summary>
    Fail = 0,
    /// <summary>As if it had been done.</summary>
    Ignore = 1,
}

[GenerateSerializer, Immutable, Alias("sho.TaskDependency")]
public readonly record struct TaskDependency([property: Id(0)] Guid Task, [property: Id(1)] OnDependencyFailure OnFailure);

[GenerateSerializer, Immutable, Alias("sho.NewTask")]
public sealed record NewTask
{
    [Id(0)] public required Guid Id { get; init; }
    /// <summary>Its name in its workflow; null for a task on its own.</summary>
    [Id(1)] public string? Key { get; init; }
    [Id(2)] public required string Title { get; init; }
    [Id(3)] public required string Assignee { get; init; }
    /// <summary>JSON, sealed under the task's id, part 0; null if there is none.</summary>
    [Id(4)] public byte[]? SealedBody { get; init; }
    /// <summary>Bytes of the plain body.</summary>
    [Id(5)] public int Size { get; init; }
    /// <summary>Of the plain body, 32 bytes; null if there is none.</summary>
    [Id(6)] public byte[]? Sha256 { get; init; }
    /// <summary>Tasks of the same workflow, or of others that exist already.</summary>
    [Id(7)] public TaskDependency[] DependsOn { get; init; } = [];
    [Id(8)] public DateTimeOffset? DueAt { get; init; }
}

/// <summary>A graph of tasks, created as a whole. A task on its own is a workflow of one, with the same id.</summary>
[GenerateSerializer, Immutable, Alias("sho.NewWorkflow")]
public sealed record NewWorkflow
{
    [Id(0)] public required Guid Id { get; init; }
    /// <summary>Null for a task on its own.</summary>
    [Id(1)] public string? Name { get; init; }
    [Id(2)] public required string Creator { get; init; }
    /// <summary>In the order in which they were given; at most <see cref="Limits.WorkflowTasks"/>.</summary>
    [Id(3)] public required NewTask[] Tasks { get; init; }
    [Id(4)] public string? TraceParent { get; init; }
    /// <summary>SHA-256 over all that the caller asked for: a repeat under the same id is told from another request by it.</summary>
    [Id(5)] public required byte[] RequestDigest { get; init; }
}

public enum CreateWorkflowStatus : byte
{
    Created = 0,
    /// <summary>It stands already, from the same request.</summary>
    Repeated = 1,
    /// <summary>It stands already, from another request.</summary>
    KeyReused = 2,
    /// <summary>See the faults; nothing was stored.</summary>
    Invalid = 3,
    /// <summary>The scanner found something in a body; nothing was stored but the event.</summary>
    Infected = 4,
    /// <summary>The scanner is away; nothing was stored.</summary>
    ScannerUnavailable = 5,
}

/// <param name="Task">Which of the tasks, by its place; −1 for the workflow as a whole.</param>
/// <param name="Field">As in the request: assignee, dependsOn, dueAt, body…</param>
/// <param name="Code">unknown_team, unknown_dependency, self_dependency, cycle, in_past, not_allowed…</param>
/// <param name="Detail">For people; a cycle names its tasks in order.</param>
[GenerateSerializer, Immutable, Alias("sho.TaskFault")]
public sealed record TaskFault(
    [property: Id(0)] int Task, [property: Id(1)] string Field, [property: Id(2)] string Code, [property: Id(3)] string Detail);

[GenerateSerializer, Immutable, Alias("sho.CreateWorkflowReply")]
public sealed record CreateWorkflowReply([property: Id(0)] CreateWorkflowStatus Status, [property: Id(1)] TaskFault[] Faults, [property: Id(2)] WorkflowView? Workflow);

public enum TaskAction : byte { Start = 0, Complete = 1, Fail = 2, Cancel = 3, Reassign = 4 }

/// <param name="Caller">The team that acts, null for an operator.</param>
/// <param name="Actor">For the journal: <c>team:NAME</c> or <c>operator:ID</c>.</param>
/// <param name="SealedResult">Of complete and fail: JSON, sealed under the task's id, part 1; null if there is none.</param>
/// <param name="ResultSize">Bytes of the plain result.</param>
/// <param name="ResultSha256">Of the plain result, 32 bytes; null if there is none.</param>
/// <param name="Assignee">Of reassign: the new team.</param>
[GenerateSerializer, Immutable, Alias("sho.TaskCommand")]
public sealed record TaskCommand(
    [property: Id(0)] Guid Task,
    [property: Id(1)] TaskAction Action,
    [property: Id(2)] string? Caller,
    [property: Id(3)] string Actor,
    [property: Id(4)] byte[]? SealedResult = null,
    [property: Id(5)] int ResultSize = 0,
    [property: Id(6)] byte[]? ResultSha256 = null,
    [property: Id(7)] string? Assignee = null,
    [property: Id(8)] string? Reason = null);

public enum TaskActStatus : byte
{
    Done = 0,
    NotFound = 1,
    /// <summary>Not the caller's to do.</summary>
    NotAllowed = 2,
    /// <summary>The task's state does not allow it; <see cref="TaskActReply.Task"/> tells the state.</summary>
    WrongState = 3,
    UnknownTeam = 4,
    Infected = 5,
    ScannerUnavailable = 6,
}

[GenerateSerializer, Immutable, Alias("sho.TaskActReply")]
public sealed record TaskActReply([property: Id(0)] TaskActStatus Status, [property: Id(1)] TaskView? Task, [property: Id(2)] string? Detail = null);

/// <summary>One workflow. Key: its id. Owns its graph; every change is one transaction with its events and the messages it causes.</summary>
[Alias("sho.IWorkflowGrain")]
public interface IWorkflowGrain : IGrainWithGuidKey
{
    [ResponseTimeout("00:00:20"), Alias("Create")]
    Task<CreateWorkflowReply> Create(NewWorkflow workflow);

    [ResponseTimeout("00:00:12"), Alias("Act")]
    Task<TaskActReply> Act(TaskCommand command);

    /// <summary>Something may have changed outside: a task of another workflow that one here depends on, a due time. Look.</summary>
    [ResponseTimeout("00:00:20"), Alias("Wake")]
    Task Wake();
}

/// <summary>Reads tasks. Stateless worker, key 0. Who may see what is the gateway's to decide.</summary>
[Alias("sho.ITaskGrain")]
public interface ITaskGrain : IGrainWithIntegerKey
{
    [Alias("Get")]
    Task<TaskView?> Get(Guid task);

    /// <summary>Bodies and results are left out.</summary>
    [Alias("List")]
    Task<Page<TaskView>> List(TaskQuery query);

    /// <summary>Bodies and results are left out. Null: no such workflow.</summary>
    [Alias("Workflow")]
    Task<WorkflowView?> Workflow(Guid workflow);

    /// <summary>Every event of the task, in order.</summary>
    [Alias("Trace")]
    Task<Immutable<EventView[]>> Trace(Guid task);

    /// <summary>What a team has open, each list at most <paramref name="limit"/> long, oldest first.</summary>
    [Alias("Open")]
    Task<OpenWork> Open(string team, int limit);
}

/// <param name="Participant">Only tasks that this team created or is assigned to, null for all.</param>
[GenerateSerializer, Immutable, Alias("sho.TaskQuery")]
public sealed record TaskQuery(
    [property: Id(0)] string? Participant,
    [property: Id(1)] string? Assignee,
    [property: Id(2)] TaskState? State,
    [property: Id(3)] Guid? Workflow,
    [property: Id(4)] bool Overdue,
    [property: Id(5)] string? After,
    [property: Id(6)] int Limit);

[GenerateSerializer, Immutable, Alias("sho.TaskView")]
public sealed record TaskView
{
    [Id(0)] public required Guid Id { get; init; }
    [Id(1)] public required Guid Workflow { get; init; }
    [Id(2)] public string? Key { get; init; }
    [Id(3)] public required string Title { get; init; }
    [Id(4)] public required string Creator { get; init; }
    [Id(5)] public required string Assignee { get; init; }
    [Id(6)] public required TaskState State { get; init; }
    [Id(7)] public required TaskDependencyView[] DependsOn { get; init; }
    [Id(8)] public DateTimeOffset? DueAt { get; init; }
    /// <summary>Was not done when it was due, and said so.</summary>
    [Id(9)] public bool Overdue { get; init; }
    [Id(10)] public required DateTimeOffset CreatedAt { get; init; }
    [Id(11)] public DateTimeOffset? ReadyAt { get; init; }
    [Id(12)] public DateTimeOffset? StartedAt { get; init; }
    [Id(13)] public DateTimeOffset? EndedAt { get; init; }
    /// <summary>Why it failed or was cancelled.</summary>
    [Id(14)] public string? Reason { get; init; }
    /// <summary>JSON, sealed under the task's id, part 0.</summary>
    [Id(15)] public byte[]? SealedBody { get; init; }
    /// <summary>JSON, sealed under the task's id, part 1.</summary>
    [Id(16)] public byte[]? SealedResult { get; init; }
}

[GenerateSerializer, Immutable, Alias("sho.TaskDependencyView")]
public sealed record TaskDependencyView(
    [property: Id(0)] Guid Task,
    [property: Id(1)] OnDependencyFailure OnFailure,
    [property: Id(2)] string? Key,
    [property: Id(3)] string Title,
    [property: Id(4)] string Assignee,
    [property: Id(5)] TaskState State);

[GenerateSerializer, Immutable, Alias("sho.WorkflowView")]
public sealed record WorkflowView
{
    [Id(0)] public required Guid Id { get; init; }
    [Id(1)] public string? Name { get; init; }
    [Id(2)] public required string Creator { get; init; }
    [Id(3)] public required DateTimeOffset CreatedAt { get; init; }
    /// <summary>In the order in which they were given.</summary>
    [Id(4)] public required TaskView[] Tasks { get; init; }
}

[GenerateSerializer, Immutable, Alias("sho.OpenWork")]
public sealed record OpenWork
{
    [Id(0)] public required OpenMessage[] Messages { get; init; }
    /// <summary>Asks this team has not answered.</summary>
    [Id(1)] public required OpenAsk[] Asks { get; init; }
    /// <summary>Blocked, ready and started tasks of this team, with what they depend on.</summary>
    [Id(2)] public required TaskView[] Tasks { get; init; }
}

/// <summary>Delivered and not acknowledged.</summary>
[GenerateSerializer, Immutable, Alias("sho.OpenMessage")]
public sealed record OpenMessage(
    [property: Id(0)] Guid Id,
    [property: Id(1)] string From,
    [property: Id(2)] MessageKind Kind,
    [property: Id(3)] string? Subject,
    [property: Id(4)] DateTimeOffset DeliveredAt,
    [property: Id(5)] int Attempts);

[GenerateSerializer, Immutable, Alias("sho.OpenAsk")]
public sealed record OpenAsk(
    [property: Id(0)] Guid Id,
    [property: Id(1)] string From,
    [property: Id(2)] string? Subject,
    [property: Id(3)] DateTimeOffset AskedAt,
    [property: Id(4)] DateTimeOffset Deadline);
