using System.Data.Common;
using System.Globalization;
using ShitOps.Grains;
using ShitOps.Grains.Storage;
using static ShitOps.Silo.Store.TaskReading;

namespace ShitOps.Silo.Store;

/// <summary>Pages of tasks, oldest first: those of a workflow in the order given, others by the time of making, then by id.</summary>
internal sealed class TaskList(Database database)
{
    private const string DependencyColumns = "e.task_id, e.depends_on, e.on_failure, d.key_, d.title, d.assignee, d.state, e.state";

    /// <exception cref="FormatException">The cursor is none of ours.</exception>
    public async Task<Page<TaskView>> PageAsync(TaskQuery query, CancellationToken stop)
    {
        (string sql, List<object?> values) = query.Workflow is { } workflow ? OfWorkflow(query, workflow) : Others(query);
        await using DbConnection connection = await database.OpenReaderAsync(stop);
        List<(TaskView View, int Place)> found = await database.QueryAsync(connection, sql, values, row => (Task(row), row.GetInt32(PlaceColumn)), stop);
        string? next = null;
        if (found.Count > query.Limit)
        {
            (TaskView last, int place) = found[query.Limit - 1];
            next = query.Workflow is null
                ? string.Create(CultureInfo.InvariantCulture, $"{last.CreatedAt.ToUnixTimeMilliseconds()}-{last.Id:N}")
                : place.ToString(CultureInfo.InvariantCulture);
        }
        return new(await WithDependenciesAsync(connection, [.. found.Take(query.Limit).Select(row => row.View)], stop), next);
    }

    private static (string Sql, List<object?> Values) OfWorkflow(TaskQuery query, Guid workflow)
    {
        int after = TextCursor.Number(query.After);
        (string where, List<object?> values) = Where(query);
        string assignee = query.Assignee is null ? "" : " AND assignee = ?", state = query.State is null ? "" : " AND state = ?";
        return ($"SELECT {TaskColumns} FROM task WHERE workflow_id = ? AND place > ?{assignee}{state}{where} ORDER BY place LIMIT ?",
            [workflow.ToColumn(), after, .. query.Assignee is { } team ? [team] : Array.Empty<object?>(), .. query.State is { } s ? [(int)s] : Array.Empty<object?>(), .. values, query.Limit + 1]);
    }

    // One query for each range of an index that is in this order.
    private static (string Sql, List<object?> Values) Others(TaskQuery query)
    {
        (long at, object id) = Cursor(query.After);
        (string Range, object?[] Values)[] ranges = query switch
        {
            { Assignee: { } assignee } => [("assignee = ?", [assignee])],
            { Participant: { } team } => [("assignee = ?", [team]), ("creator = ? AND assignee <> ?", [team, team])],
            { Overdue: true } => [("overdue = 1", [])],
            _ => [("overdue = 0", []), ("overdue = 1", [])],
        };
        TaskState[] states = query.State is { } one ? [one] : Enum.GetValues<TaskState>();
        (string where, List<object?> filter) = Where(query);
        var sql = new List<string>();
        var values = new List<object?>();
        foreach ((string range, object?[] rangeValues) in ranges)
        {
            foreach (TaskState state in states)
            {
                sql.Add($"SELECT * FROM (SELECT {TaskColumns} FROM task WHERE {range} AND state = {(int)state} AND created_at >= ? AND (created_at > ? OR (created_at = ? AND id > ?)){where} "
                    + $"ORDER BY created_at, id LIMIT ?) u{sql.Count}");
                values.AddRange([.. rangeValues, at, at, at, id, .. filter, query.Limit + 1]);
            }
        }
        values.Add(query.Limit + 1);
        return ($"{string.Join(" UNION ALL ", sql)} ORDER BY created_at, id LIMIT ?", values);
    }

    private static (long At, object Id) Cursor(string? after)
    {
        if (after is null)
            return (0, Guid.Empty.ToColumn());
        int dash = after.IndexOf('-', StringComparison.Ordinal);
        return dash > 0 && long.TryParse(after.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out long at) && Guid.TryParseExact(after.AsSpan(dash + 1), "N", out Guid id)
            ? (at, id.ToColumn())
            : throw new FormatException("not a cursor of the task list");
    }

    private static (string Where, List<object?> Values) Where(TaskQuery query)
    {
        string participant = query.Participant is null ? "" : " AND (assignee = ? OR creator = ?)";
        return (participant + (query.Overdue ? " AND overdue = 1" : ""), query.Participant is { } team ? [team, team] : []);
    }

    public async Task<TaskView[]> WithDependenciesAsync(DbConnection connection, List<TaskView> tasks, CancellationToken stop) =>
        With(tasks, await database.QueryInAsync(connection,
            $"SELECT {DependencyColumns} FROM task t JOIN task_edge e ON e.workflow_id = t.workflow_id AND e.task_id = t.id LEFT JOIN task d ON d.id = e.depends_on "
            + "WHERE t.id IN ({0}) ORDER BY e.task_id, e.place", [], [.. tasks.Select(task => task.Id.ToColumn())], Dependency, stop));

    /// <summary>The same for all tasks of one workflow.</summary>
    public async Task<TaskView[]> WithDependenciesAsync(DbConnection connection, Guid workflow, List<TaskView> tasks, CancellationToken stop) =>
        With(tasks, await database.QueryAsync(connection,
            $"SELECT {DependencyColumns} FROM task_edge e LEFT JOIN task d ON d.id = e.depends_on WHERE e.workflow_id = ? ORDER BY e.task_id, e.place", [workflow.ToColumn()], Dependency, stop));

    private static TaskView[] With(List<TaskView> tasks, List<(Guid Task, TaskDependencyView View)> edges)
    {
        ILookup<Guid, TaskDependencyView> of = edges.ToLookup(edge => edge.Task, edge => edge.View);
        return [.. tasks.Select(task => of.Contains(task.Id) ? task with { DependsOn = [.. of[task.Id]] } : task)];
    }

    // What was depended on may have been deleted in the meantime; the edge still tells how it ended.
    private static (Guid, TaskDependencyView) Dependency(DbDataReader row) => (row.Id(0), new(
        row.Id(1), (OnDependencyFailure)row.GetInt32(2), row.TextOrNull(3), row.TextOrNull(4) ?? "", row.TextOrNull(5) ?? "",
        row.NumberOrNull(6) is { } state ? (TaskState)state : (EdgeState)row.GetInt32(7) == EdgeState.Broken ? TaskState.Failed : TaskState.Done));
}
