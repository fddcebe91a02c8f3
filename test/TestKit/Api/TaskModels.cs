using System.Text.Json;
using System.Text.Json.Serialization;

namespace ShitOps.TestKit.Api;

/// <summary>A task to create, alone or in a workflow. Only what is set is written.</summary>
public sealed record TaskDraft
{
    /// <summary>Its name in its workflow; none for a task alone.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Key { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Title { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Assignee { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public object? Body { get; init; }
    /// <summary>Keys of the same workflow, or ids of tasks that exist.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string[]? DependsOn { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? OnDependencyFailure { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public DateTimeOffset? DueAt { get; init; }

    /// <summary>A task of a workflow, titled as its key.</summary>
    public static TaskDraft Of(string key, ApiClient assignee, params string[] dependsOn) =>
        new() { Key = key, Title = $"do {key}", Assignee = assignee.Name, DependsOn = dependsOn.Length == 0 ? null : dependsOn };
}

public sealed record TaskInfo
{
    public required Guid Id { get; init; }
    public Guid? Workflow { get; init; }
    public string? Key { get; init; }
    public required string Title { get; init; }
    public required string Creator { get; init; }
    public required string Assignee { get; init; }
    public required string State { get; init; }
    public JsonElement[] DependsOn { get; init; } = [];
    public DateTimeOffset? DueAt { get; init; }
    public bool Overdue { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? ReadyAt { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
    public string? Reason { get; init; }
    /// <summary>Undefined or null for operators, in lists, and when there is none.</summary>
    public JsonElement Body { get; init; }
    public JsonElement Result { get; init; }

    public bool HasBody => Body.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null);
    public bool HasResult => Result.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null);

    public override string ToString() => $"{Key ?? Title} {State} ({Reason})";
}

public sealed record WorkflowInfo
{
    public required Guid Id { get; init; }
    public string? Name { get; init; }
    public required string Creator { get; init; }
    public required TaskInfo[] Tasks { get; init; }
    /// <summary>How many tasks stand in which state.</summary>
    public JsonElement Progress { get; init; }

    public Guid IdOf(string key) => Task(key).Id;

    public TaskInfo Task(string key) => Tasks.Single(task => task.Key == key);

    /// <summary>The state of every task, in the order in which they were given.</summary>
    public IEnumerable<(string?, string)> States => Tasks.Select(task => (task.Key, task.State));

    public override string ToString() => string.Join(", ", Tasks.AsEnumerable());
}
