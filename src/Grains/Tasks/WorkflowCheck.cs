namespace ShitOps.Grains.Tasks;

/// <summary>Whether a workflow can be created as it was asked for. Pure, linear in tasks and edges; names every fault.</summary>
public static class WorkflowCheck
{
    public const string UnknownTeam = "unknown_team", UnknownDependency = "unknown_dependency", SelfDependency = "self_dependency",
        DuplicateDependency = "duplicate_dependency", DuplicateKey = "duplicate_key", DuplicateId = "duplicate_id", Cycle = "cycle", InPast = "in_past",
        TooMany = "too_many";

    /// <summary>Dependencies on other workflows: those that are no task of the same request, each once.</summary>
    public static IReadOnlyList<Guid> Outside(NewWorkflow workflow)
    {
        HashSet<Guid> own = [.. workflow.Tasks.Select(t => t.Id)];
        return [.. workflow.Tasks.SelectMany(t => t.DependsOn).Select(d => d.Task).Where(id => !own.Contains(id)).Distinct()];
    }

    /// <param name="isTeam">Whether a team of that name is in the tree.</param>
    /// <param name="outside">Those of <see cref="Outside"/> that exist and that the creator has a part in.</param>
    public static IReadOnlyList<TaskFault> Check(NewWorkflow workflow, Func<string, bool> isTeam, IReadOnlySet<Guid> outside, DateTimeOffset now)
    {
        var faults = new List<TaskFault>();
        if (!isTeam(workflow.Creator))
            faults.Add(new(-1, "creator", UnknownTeam, $"No team '{workflow.Creator}'."));
        if (workflow.Tasks.Length > Limits.WorkflowTasks)
            return [.. faults, new(-1, "tasks", TooMany, $"{workflow.Tasks.Length} tasks; at most {Limits.WorkflowTasks}.")];
        if (workflow.Tasks.Sum(t => (long)t.DependsOn.Length) is > Limits.WorkflowDependencies and long edges)
            return [.. faults, new(-1, "tasks", TooMany, $"{edges} dependencies in all; at most {Limits.WorkflowDependencies}.")];
        var ids = new HashSet<Guid>(workflow.Tasks.Length);
        var keys = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < workflow.Tasks.Length; i++)
        {
            NewTask task = workflow.Tasks[i];
            if (!ids.Add(task.Id))
                faults.Add(new(i, "id", DuplicateId, $"Id {task.Id} twice."));
            if (task.Key is { } key && !keys.Add(key))
                faults.Add(new(i, "key", DuplicateKey, $"Key '{key}' twice."));
            if (!isTeam(task.Assignee))
                faults.Add(new(i, "assignee", UnknownTeam, $"No team '{task.Assignee}'."));
            if (task.DueAt <= now)
                faults.Add(new(i, "dueAt", InPast, "Is not in the future."));
        }
        HashSet<Guid> seen = [];
        for (int i = 0; i < workflow.Tasks.Length; i++)
        {
            NewTask task = workflow.Tasks[i];
            if (task.DependsOn.Length > Limits.TaskDependencies)
                faults.Add(new(i, "dependsOn", TooMany, $"{task.DependsOn.Length} dependencies; at most {Limits.TaskDependencies}."));
            seen.Clear();
            foreach (Guid dependency in task.DependsOn.Select(d => d.Task))
            {
                if (!seen.Add(dependency))
                    faults.Add(new(i, "dependsOn", DuplicateDependency, $"Depends twice on {dependency}."));
                else if (dependency == task.Id)
                    faults.Add(new(i, "dependsOn", SelfDependency, "Depends on itself."));
                else if (!ids.Contains(dependency) && !outside.Contains(dependency))
                    faults.Add(new(i, "dependsOn", UnknownDependency, $"No task {dependency}."));
            }
        }
        // A ring of one is named already, and a graph needs ids that are distinct.
        if (!faults.Exists(f => f.Code is DuplicateId or SelfDependency or TooMany))
            AddCycle(workflow, faults);
        return faults;
    }

    private static void AddCycle(NewWorkflow workflow, List<TaskFault> faults)
    {
        var graph = new WorkflowGraph([.. workflow.Tasks.Select(t => (t.Id, (IReadOnlyList<TaskDependency>)t.DependsOn))]);
        if (graph.FindCycle(out _) is not { Count: > 0 } cycle)
            return;
        IEnumerable<string> names = cycle.Append(cycle[0]).Select(i => workflow.Tasks[i].Key ?? workflow.Tasks[i].Id.ToString());
        faults.Add(new(cycle[0], "dependsOn", Cycle, string.Join(" → ", names)));
    }
}
