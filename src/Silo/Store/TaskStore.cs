using System.Data.Common;
using ShitOps.Grains;
using ShitOps.Grains.Storage;
using static ShitOps.Silo.Store.TaskReading;

namespace ShitOps.Silo.Store;

internal sealed class TaskStore(Database database) : ITaskStore
{
    private readonly EventReader _events = new(database);
    private readonly TaskList _list = new(database);

    public async Task<WorkflowRow?> LoadAsync(Guid workflow, CancellationToken stop = default)
    {
        await using DbConnection connection = await database.OpenReaderAsync(stop);
        object id = workflow.ToColumn();
        // The version first: whoever writes by it fails if what was read after it is of a later one.
        WorkflowRow? row = (await database.QueryAsync(connection, "SELECT name, creator, version, digest, trace_parent, created_at FROM workflow WHERE id = ?", [id],
            r => new WorkflowRow(workflow, r.TextOrNull(0), r.GetString(1), r.GetInt32(2), r.Bytes(3), r.TextOrNull(4), r.Time(5), []), stop)).SingleOrDefault();
        if (row is null)
            return null;
        ILookup<Guid, EdgeRow> edges = (await database.QueryAsync(connection,
            "SELECT task_id, depends_on, on_failure, state, external_ FROM task_edge WHERE workflow_id = ? ORDER BY task_id, place", [id],
            r => (Task: r.Id(0), Edge: new EdgeRow(r.Id(1), (OnDependencyFailure)r.GetInt32(2), (EdgeState)r.GetInt32(3), r.GetInt32(4) != 0)), stop))
            .ToLookup(edge => edge.Task, edge => edge.Edge);
        List<TaskView> tasks = await database.QueryAsync(connection, $"SELECT {TaskColumns} FROM task WHERE workflow_id = ? ORDER BY place", [id], Task, stop);
        return row with
        {
            Tasks = [.. tasks.Select(t => new StoredTask(
                t.Id, t.Key, t.Title, t.Assignee, t.State, t.DueAt, t.Overdue, t.CreatedAt, t.ReadyAt, t.StartedAt, t.EndedAt, t.Reason, [.. edges[t.Id]]))],
        };
    }

    public async Task<IReadOnlyDictionary<Guid, (Guid Workflow, TaskState State)>> StatesAsync(IReadOnlyList<Guid> tasks, CancellationToken stop = default) =>
        (await OfAsync("id, workflow_id, state", tasks, row => (Id: row.Id(0), Workflow: row.Id(1), State: (TaskState)row.GetInt32(2)), stop))
            .ToDictionary(row => row.Id, row => (row.Workflow, row.State));

    public Task<IReadOnlyList<(Guid Task, byte[]? Body, byte[]? Result)>> ContentsAsync(IReadOnlyList<Guid> tasks, CancellationToken stop = default) =>
        OfAsync("id, sealed, sealed_result", tasks, row => (row.Id(0), row.BytesOrNull(1), row.BytesOrNull(2)), stop);

    public Task<IReadOnlyList<(Guid Task, Guid Workflow, string? Key, string Title)>> NamesAsync(IReadOnlyList<Guid> tasks, CancellationToken stop = default) =>
        OfAsync("id, workflow_id, key_, title", tasks, row => (row.Id(0), row.Id(1), row.TextOrNull(2), row.GetString(3)), stop);

    private async Task<IReadOnlyList<T>> OfAsync<T>(string columns, IReadOnlyList<Guid> tasks, Func<DbDataReader, T> read, CancellationToken stop)
    {
        if (tasks.Count == 0)
            return [];
        await using DbConnection connection = await database.OpenReaderAsync(stop);
        return await database.QueryInAsync(connection, $"SELECT {columns} FROM task WHERE id IN ({{0}})", [], [.. tasks.Distinct().Select(id => id.ToColumn())], read, stop);
    }

    public async Task<TaskView?> ViewAsync(Guid task, CancellationToken stop = default)
    {
        await using DbConnection connection = await database.OpenReaderAsync(stop);
        List<TaskView> found = await database.QueryAsync(connection, $"SELECT {TaskColumns}, sealed, sealed_result FROM task WHERE id = ?", [task.ToColumn()],
            row => Task(row) with { SealedBody = row.BytesOrNull(TaskWidth), SealedResult = row.BytesOrNull(TaskWidth + 1) }, stop);
        return (await _list.WithDependenciesAsync(connection, found, stop)).SingleOrDefault();
    }

    public Task<Page<TaskView>> ListAsync(TaskQuery query, CancellationToken stop = default) => _list.PageAsync(query, stop);

    public async Task<WorkflowView?> WorkflowAsync(Guid workflow, CancellationToken stop = default)
    {
        await using DbConnection connection = await database.OpenReaderAsync(stop);
        object id = workflow.ToColumn();
        WorkflowView? view = (await database.QueryAsync(connection, "SELECT name, creator, created_at FROM workflow WHERE id = ?", [id],
            r => new WorkflowView { Id = workflow, Name = r.TextOrNull(0), Creator = r.GetString(1), CreatedAt = r.Time(2), Tasks = [] }, stop)).SingleOrDefault();
        if (view is null)
            return null;
        List<TaskView> tasks = await database.QueryAsync(connection, $"SELECT {TaskColumns} FROM task WHERE workflow_id = ? ORDER BY place", [id], Task, stop);
        return view with { Tasks = await _list.WithDependenciesAsync(connection, workflow, tasks, stop) };
    }

    public Task<IReadOnlyList<EventView>> TraceAsync(Guid task, CancellationToken stop = default) => _events.TraceTaskAsync(task, stop);

    public async Task<OpenWork> OpenAsync(string team, int limit, CancellationToken stop = default)
    {
        await using DbConnection connection = await database.OpenReaderAsync(stop);
        // Each rank and each state by itself, in the order of its index.
        List<OpenMessage> messages = await database.QueryAsync(connection,
            "SELECT d.message_id, d.from_team, m.kind, m.subject, d.delivered_at, d.attempts FROM ("
            + Union([0, 1, 2], rank => $"SELECT seq, message_id, from_team, delivered_at, attempts FROM delivery WHERE team = ? AND state = 0 AND rank_ = {rank} ORDER BY seq LIMIT ?")
            + ") d JOIN message m ON m.id = d.message_id ORDER BY d.seq LIMIT ?", [team, limit, team, limit, team, limit, limit],
            row => new OpenMessage(row.Id(0), row.GetString(1), (MessageKind)row.GetInt32(2), row.TextOrNull(3), row.Time(4), row.GetInt32(5)), stop);
        List<OpenAsk> asks = await database.QueryAsync(connection,
            "SELECT a.id, a.from_team, a.subject, a.asked_at, a.deadline FROM ask_team t JOIN ask a ON a.id = t.ask_id "
            // Only what was found clean has come to the team, and only of that may it know.
            + "JOIN delivery d ON d.message_id = t.ask_id AND d.team = t.team WHERE t.team = ? AND t.open_ = 1 AND t.state = 0 ORDER BY t.ask_id LIMIT ?", [team, limit],
            row => new OpenAsk(row.Id(0), row.GetString(1), row.TextOrNull(2), row.Time(3), row.Time(4)), stop);
        List<TaskView> tasks = await database.QueryAsync(connection, $"{OpenOf(TaskColumns)} ORDER BY created_at, id LIMIT ?", [team, limit, team, limit, team, limit, limit], Task, stop);
        return new OpenWork { Messages = [.. messages], Asks = [.. asks], Tasks = [.. await _list.WithDependenciesAsync(connection, tasks, stop)] };
    }

    public async Task<IReadOnlyList<(Guid Task, Guid Workflow)>> OpenOfAsync(string team, int limit, CancellationToken stop = default) =>
        await database.QueryAsync($"{OpenOf("id, workflow_id, created_at")} ORDER BY created_at, id LIMIT ?", [team, limit, team, limit, team, limit, limit], row => (row.Id(0), row.Id(1)), stop);

    private static string OpenOf(string columns) =>
        Union([0, 1, 2], state => $"SELECT {columns} FROM task WHERE assignee = ? AND state = {state} ORDER BY created_at, id LIMIT ?");

    public async Task<IReadOnlyList<Guid>> OverdueAsync(DateTimeOffset now, int limit, CancellationToken stop = default)
    {
        object at = now.ToColumn();
        return await database.QueryAsync(
            $"SELECT DISTINCT workflow_id FROM ({Union([0, 1, 2], state => $"SELECT workflow_id FROM task WHERE state = {state} AND overdue = 0 AND due_at <= ? ORDER BY due_at LIMIT 1000")}) t LIMIT ?",
            [at, at, at, limit], row => row.Id(0), stop);
    }

    public async Task<IReadOnlyList<Guid>> StrandedAsync(int limit, CancellationToken stop = default) =>
        await database.QueryAsync("SELECT DISTINCT workflow_id FROM task_edge WHERE wake = 2 LIMIT ?", [limit], row => row.Id(0), stop);
}
