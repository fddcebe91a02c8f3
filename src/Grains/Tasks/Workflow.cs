using ShitOps.Grains.Storage;

namespace ShitOps.Grains.Tasks;

/// <summary>A task as its workflow's grain keeps it; its state is in <see cref="Workflow.Progress"/>.</summary>
internal sealed class WorkflowTask(Guid id, string? key, string title, string assignee, DateTimeOffset? dueAt, bool overdue)
{
    public Guid Id => id;
    public string? Key => key;
    public string Title => title;
    public DateTimeOffset? DueAt => dueAt;
    public string Assignee { get; set; } = assignee;
    /// <summary>Said to be.</summary>
    public bool Overdue { get; set; } = overdue;

    public string Name => key ?? id.ToString();
}

/// <summary>A workflow in memory: graph, progress and what is told of its tasks; no bodies.</summary>
internal sealed class Workflow
{
    public required Guid Id { get; init; }
    public required string Creator { get; init; }
    public required byte[] RequestDigest { get; init; }
    public string? TraceParent { get; init; }
    public required IReadOnlyList<WorkflowTask> Tasks { get; init; }
    public required WorkflowGraph Graph { get; init; }
    public required Progress Progress { get; init; }
    public int Version { get; set; }

    /// <summary>As it will be stored: everything blocked, what others ended before not yet taken in.</summary>
    public static Workflow From(NewWorkflow asked)
    {
        var graph = new WorkflowGraph([.. asked.Tasks.Select(t => (t.Id, (IReadOnlyList<TaskDependency>)t.DependsOn))]);
        return new()
        {
            Id = asked.Id,
            Creator = asked.Creator,
            RequestDigest = asked.RequestDigest,
            TraceParent = asked.TraceParent,
            Tasks = [.. asked.Tasks.Select(t => new WorkflowTask(t.Id, t.Key, t.Title, t.Assignee, t.DueAt, overdue: false))],
            Graph = graph,
            Progress = new Progress(graph, new TaskState[asked.Tasks.Length], static (_, _) => true),
            Version = 1,
        };
    }

    /// <summary>
    /// As it is stored. Whether a dependency within the workflow is decided follows from the state of the task depended on;
    /// only edges to other workflows are read for it.
    /// </summary>
    public static Workflow From(WorkflowRow row)
    {
        var graph = new WorkflowGraph([.. row.Tasks.Select(t =>
            (t.Id, (IReadOnlyList<TaskDependency>)[.. t.Edges.Select(e => new TaskDependency(e.DependsOn, e.OnFailure))]))]);
        HashSet<(int, Guid)> open = [.. row.Tasks.SelectMany((t, i) => t.Edges.Where(e => e.External && e.State == EdgeState.Open).Select(e => (i, e.DependsOn)))];
        return new()
        {
            Id = row.Id,
            Creator = row.Creator,
            RequestDigest = row.RequestDigest,
            TraceParent = row.TraceParent,
            Tasks = [.. row.Tasks.Select(t => new WorkflowTask(t.Id, t.Key, t.Title, t.Assignee, t.DueAt, t.Overdue))],
            Graph = graph,
            Progress = new Progress(graph, [.. row.Tasks.Select(t => t.State)], (task, outside) => open.Contains((task, outside))),
            Version = row.Version,
        };
    }
}
