using ShitOps.Grains;

namespace ShitOps.Gateway.Board.Data;

/// <summary>A task's place in a drawing: its column is the longest way to it.</summary>
internal sealed record PlacedTask(TaskView Task, int Column, int Row);

/// <summary>Where the tasks of a workflow stand in a drawing. Pure.</summary>
internal static class TaskLayers
{
    /// <summary>In the order given within a column. Tasks of other workflows have no place.</summary>
    public static IReadOnlyList<PlacedTask> Of(IReadOnlyList<TaskView> tasks)
    {
        Dictionary<Guid, TaskView> byId = tasks.ToDictionary(t => t.Id);
        var column = new Dictionary<Guid, int>(tasks.Count);
        var rows = new Dictionary<int, int>();
        foreach (TaskView task in tasks)
            Place(task.Id, byId, column);
        return [.. tasks.Select(t => new PlacedTask(t, column[t.Id], NextRow(rows, column[t.Id])))];
    }

    // A stack of its own: ten thousand tasks may stand in one line.
    private static void Place(Guid task, Dictionary<Guid, TaskView> byId, Dictionary<Guid, int> column)
    {
        var open = new Stack<Guid>([task]);
        while (open.TryPeek(out Guid at))
        {
            Guid[] before = [.. byId[at].DependsOn.Select(d => d.Task).Where(byId.ContainsKey)];
            Guid[] missing = [.. before.Where(b => !column.ContainsKey(b))];
            foreach (Guid next in missing)
                open.Push(next);
            if (missing.Length > 0)
                continue;
            column[at] = before.Length == 0 ? 0 : before.Max(b => column[b]) + 1;
            open.Pop();
        }
    }

    private static int NextRow(Dictionary<int, int> rows, int column)
    {
        int row = rows.GetValueOrDefault(column);
        rows[column] = row + 1;
        return row;
    }
}
