using ShitOps.Gateway.Problems;
using ShitOps.Grains;

namespace ShitOps.Gateway.Tasks;

/// <summary>
/// What a workflow must hold to as far as a gateway can tell: keys, teams, times. Whether tasks of other workflows exist and
/// whether the graph has a cycle, its grain decides. Pure.
/// </summary>
internal static class WorkflowRules
{
    public static bool KnowsAllTeams(WorkflowDraft draft, TreeSnapshot tree) =>
        draft.Tasks.TrueForAll(task => task.Assignee is null || tree.Find(task.Assignee) is not null);

    /// <summary>Not all of it was read, so that what is missing is not to be found wrong.</summary>
    private static bool IsCut(Faults faults) => faults.Found.Any(f => f is { At: "/tasks", Code: "too_many" });

    /// <summary>The place of each key; the first one's if it stands twice.</summary>
    public static Dictionary<string, int> Keys(WorkflowDraft draft)
    {
        var keys = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < draft.Tasks.Count; i++)
        {
            if (draft.Tasks[i].Key is { } key)
                keys.TryAdd(key, i);
        }
        return keys;
    }

    /// <param name="mayRepeat">It has a key: whether its due times are still to come is asked where it is known whether it stands already.</param>
    public static void Check(WorkflowDraft draft, Dictionary<string, int> keys, TreeSnapshot tree, DateTimeOffset now, bool mayRepeat, Faults faults)
    {
        if (IsCut(faults))
            return;
        for (int i = 0; i < draft.Tasks.Count; i++)
        {
            TaskDraft task = draft.Tasks[i];
            if (task.Key is { } key && keys[key] != i)
                faults.Add(draft.At(i) + "/key", "duplicate_key", $"The key '{key}' stands twice.");
            if (task.Assignee is { } assignee && tree.Find(assignee) is null)
                faults.Add(draft.At(i) + "/assignee", "unknown_team", $"There is no team '{assignee}'.");
            if (task.DueAt is { } due)
                CheckDue(due, draft.At(i) + "/dueAt", now, mayRepeat, faults);
            if (task.DependsOn.Count > 0)
                CheckDependencies(task, draft.At(i), keys, faults);
        }
    }

    private static void CheckDue(DateTimeOffset due, string at, DateTimeOffset now, bool mayRepeat, Faults faults)
    {
        if (due <= now && !mayRepeat)
            faults.Add(at, "in_past", "'dueAt' is in the past.");
        if (due > now + Limits.MaxDueAhead)
            faults.Add(at, "out_of_range", $"'dueAt' is more than {Limits.MaxDueAhead.Days} days ahead.");
    }

    private static void CheckDependencies(TaskDraft task, string at, Dictionary<string, int> keys, Faults faults)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (DependencyDraft dependency in task.DependsOn)
        {
            string on = dependency.On;
            bool isKey = keys.ContainsKey(on);
            if (!isKey && !Guid.TryParseExact(on, "D", out _))
                faults.Add($"{at}/dependsOn/{dependency.At}", "unknown_dependency", $"'{on}' is neither a key of this request nor a task's id.");
            else if (!seen.Add(isKey ? "key " + keys[on] : on))
                faults.Add($"{at}/dependsOn/{dependency.At}", "duplicate_dependency", $"'{on}' stands twice.");
        }
    }
}
