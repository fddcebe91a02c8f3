using ShitOps.Grains;

namespace ShitOps.Gateway.Tasks;

/// <summary>A workflow as it was asked for, read but not yet checked against time and tree. A task on its own is one of one.</summary>
internal sealed class WorkflowDraft(bool single)
{
    /// <summary>A task on its own: its fields are the request's.</summary>
    public bool Single => single;
    public string? Name { get; set; }
    public List<TaskDraft> Tasks { get; } = [];

    /// <summary>Where a task stands in the request, as a JSON pointer.</summary>
    public string At(int place) => single || place < 0 ? "" : $"/tasks/{place}";
}

internal sealed class TaskDraft
{
    public string? Key { get; set; }
    public string? Title { get; set; }
    public string? Assignee { get; set; }
    /// <summary>Where its body stands in the request, null if it has none.</summary>
    public Range? Body { get; set; }
    public List<DependencyDraft> DependsOn { get; } = [];
    /// <summary>For those of <see cref="DependsOn"/> that say nothing themselves.</summary>
    public OnDependencyFailure OnFailure { get; set; } = OnDependencyFailure.Fail;
    public DateTimeOffset? DueAt { get; set; }
}

/// <param name="On">A key of the request, or a task's id.</param>
/// <param name="At">Its place in the list as it was given.</param>
internal readonly record struct DependencyDraft(string On, OnDependencyFailure? OnFailure, int At);
