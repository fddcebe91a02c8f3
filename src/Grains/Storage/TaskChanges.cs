namespace ShitOps.Grains.Storage;

/// <summary>Stores a whole workflow at version 1. Not applied if one of that id is there.</summary>
/// <param name="Tasks">In the order given; their states as they begin.</param>
public sealed record InsertWorkflow(
    Guid Id, string? Name, string Creator, byte[] RequestDigest, string? TraceParent, DateTimeOffset At, IReadOnlyList<TaskRow> Tasks) : Change;

/// <summary>A task as it is stored when its workflow is created. Edges go by <see cref="Edges"/>.</summary>
public sealed record TaskRow(NewTask Task, TaskState State, string? Reason, IReadOnlyList<EdgeRow> Edges);

/// <param name="External">The task depended on belongs to another workflow.</param>
public readonly record struct EdgeRow(Guid DependsOn, OnDependencyFailure OnFailure, EdgeState State, bool External);

public enum EdgeState : byte
{
    Open = 0,
    /// <summary>Done, or its failure is ignored.</summary>
    Met = 1,
    /// <summary>Failed or cancelled, and the dependent fails with it.</summary>
    Broken = 2,
}

/// <summary>Raises a workflow's version from <paramref name="From"/> to <paramref name="From"/> + 1; the fence against a second writer.</summary>
public sealed record RaiseWorkflow(Guid Workflow, int From) : Change;

/// <summary>Moves tasks that are all in one of the states <paramref name="From"/>; not applied if one of them is not.</summary>
/// <param name="From">States, as bits 1 &lt;&lt; state.</param>
public sealed record MoveTasks(IReadOnlyList<Guid> Tasks, uint From, TaskState To, DateTimeOffset At, string? Reason = null) : Change
{
    /// <summary>Sealed under the task's id, part 1; null leaves what is there.</summary>
    public byte[]? SealedResult { get; init; }

    public static uint States(params ReadOnlySpan<TaskState> states)
    {
        uint bits = 0;
        foreach (TaskState state in states)
            bits |= 1u << (int)state;
        return bits;
    }
}

/// <summary>Gives an open task to another team.</summary>
public sealed record AssignTask(Guid Task, string From, string To) : Change;

/// <summary>Marks open tasks as overdue, once.</summary>
public sealed record MarkOverdue(IReadOnlyList<Guid> Tasks) : Change;

/// <summary>Sets the state of open edges of one workflow that lead to <paramref name="DependsOn"/>.</summary>
public sealed record SetEdges(Guid Workflow, Guid DependsOn, OnDependencyFailure OnFailure, EdgeState To) : Change;
