using System.Text.Json;

namespace ShitOps.Gateway.Tasks;

/// <summary>What <c>POST /v1/tasks</c> takes; read by <see cref="TaskFields"/>.</summary>
/// <param name="Body">What is to be done: any JSON, 256 KiB at most. It is scanned before it is stored.</param>
/// <param name="DependsOn">Ids of tasks, or objects {"task","onDependencyFailure"}; 1,000 at most.</param>
/// <param name="OnDependencyFailure">fail (default) or ignore, for those that say nothing themselves.</param>
public sealed record PostTask(
    string Title,
    string Assignee,
    JsonElement? Body = null,
    IReadOnlyList<JsonElement>? DependsOn = null,
    string? OnDependencyFailure = null,
    DateTimeOffset? DueAt = null);

/// <summary>What <c>POST /v1/workflows</c> takes; read by <see cref="WorkflowFields"/>.</summary>
/// <param name="Tasks">10,000 at most.</param>
public sealed record PostWorkflow(string Name, IReadOnlyList<PostWorkflowTask> Tasks);

/// <param name="Key">Its name in this request.</param>
/// <param name="DependsOn">Keys of this request, ids of other tasks, or objects {"task","onDependencyFailure"}; 1,000 at most.</param>
public sealed record PostWorkflowTask(
    string Key,
    string Title,
    string Assignee,
    JsonElement? Body = null,
    IReadOnlyList<JsonElement>? DependsOn = null,
    string? OnDependencyFailure = null,
    DateTimeOffset? DueAt = null);

/// <param name="Result">Any JSON, 256 KiB at most; goes to the tasks that wait for this one.</param>
public sealed record EndTask(JsonElement? Result = null, string? Reason = null);

public sealed record CancelTask(string? Reason = null);

public sealed record ReassignTask(string Assignee);
