using System.Data.Common;
using ShitOps.Grains;
using ShitOps.Grains.Storage;

namespace ShitOps.Silo.Store;

/// <summary>Changes of workflows and tasks as statements.</summary>
internal static class TaskChanges
{
    /// <summary>Ids in one statement.</summary>
    private const int Some = 1000;

    /// <summary>What is open has a state below.</summary>
    public const int FirstEnded = (int)TaskState.Done;

    private static readonly LockKey InWorkflow = new(LockGroup.InWorkflow);

    public static Writing? Of(Database database, Change change, byte[] trailRef) => change switch
    {
        RaiseWorkflow raise => new(new(LockGroup.Workflow, raise.Workflow),
            [Writing.One("UPDATE workflow SET version = version + 1 WHERE id = ? AND version = ?", raise.Workflow.ToColumn(), raise.From)], [], []),
        MoveTasks move => MoveTasks(database, move, trailRef),
        AssignTask assign => new(InWorkflow, [Writing.One(
            $"UPDATE task SET assignee = ?, trail = {database.AppendTrail} WHERE id = ? AND assignee = ? AND state < {FirstEnded}",
            assign.To, trailRef, assign.Task.ToColumn(), assign.From)], [], [assign.Task]),
        MarkOverdue mark => new(InWorkflow, OfAll(
            $"UPDATE task SET overdue = 1, trail = {database.AppendTrail} WHERE id IN (", [trailRef], mark.Tasks, $") AND overdue = 0 AND state < {FirstEnded}"), [], mark.Tasks),
        SetEdges set => new(InWorkflow, [], [Writing.One(
            "UPDATE task_edge SET state = ?, wake = 0 WHERE workflow_id = ? AND depends_on = ? AND on_failure = ? AND state = 0",
            (int)set.To, set.Workflow.ToColumn(), set.DependsOn.ToColumn(), (int)set.OnFailure)], []),
        _ => null,
    };

    private static Writing MoveTasks(Database database, MoveTasks move, byte[] trailRef)
    {
        object at = move.At.ToColumn();
        (string times, object?[] values) = move.To switch
        {
            // Again ready, when it goes to another team: not started there.
            TaskState.Ready => ("ready_at = ?, started_at = NULL, ", new object?[] { at }),
            TaskState.Started => ("started_at = ?, ", [at]),
            >= TaskState.Done => ("ended_at = ?, ", [at]),
            _ => ("", []),
        };
        string result = move.SealedResult is null ? "" : "sealed_result = ?, ";
        IEnumerable<int> from = Enumerable.Range(0, 32).Where(state => (move.From & (1u << state)) != 0);
        List<Statement> moves = OfAll($"UPDATE task SET state = ?, reason = ?, {times}{result}trail = {database.AppendTrail} WHERE id IN (",
            [(int)move.To, move.Reason.Cut(Limits.ReasonLength), .. values, .. move.SealedResult is { } body ? [body] : Array.Empty<object?>(), trailRef],
            move.Tasks, $") AND state IN ({string.Join(',', from.DefaultIfEmpty(-1))})");
        // Whoever waits for them in another workflow is found by the sweep.
        List<Statement> wake = move.To >= TaskState.Done ? OfAll("UPDATE task_edge SET wake = 2 WHERE wake = 1 AND depends_on IN (", [], move.Tasks, ")") : [];
        return new(InWorkflow, moves, wake, move.Tasks);
    }

    private static List<Statement> OfAll(string head, object?[] values, IEnumerable<Guid> ids, string tail) =>
        [.. ids.Order().Chunk(Some).Select(some => new Statement(head, values, "?", [.. some.Select(id => new[] { id.ToColumn() })], tail))];

    /// <returns>Whether it was not there. If not, some of its rows may have been written: roll back.</returns>
    public static async Task<bool> InsertAsync(Database database, DbConnection connection, InsertWorkflow insert, byte[] trailRef)
    {
        Guid[] others = [.. insert.Tasks.SelectMany(task => task.Edges).Where(Waits).Select(edge => edge.DependsOn).Distinct().Order()];
        // Locked before its edges exist: either they end before and we see it, or they end after and their end sees the edges.
        await database.QueryInAsync(connection, $"SELECT id FROM task WHERE id IN ({{0}}) ORDER BY id{database.ForUpdate}", [], [.. others.Select(id => id.ToColumn())], _ => true);

        object id = insert.Id.ToColumn(), at = insert.At.ToColumn();
        if (await InsertAsync("workflow (id, name, creator, version, digest, trace_parent, created_at)", 7, "id",
            [[id, insert.Name, insert.Creator, 1, insert.RequestDigest, insert.TraceParent, at]]) != 1)
            return false;
        List<object?[]> tasks = [.. insert.Tasks.Select((row, place) => Row(row, place))];
        List<object?[]> edges = [.. insert.Tasks.SelectMany(row => row.Edges.Select((edge, place) => new object?[] {
            id, row.Task.Id.ToColumn(), place, edge.DependsOn.ToColumn(), (int)edge.OnFailure, (int)edge.State, edge.External ? 1 : 0, Waits(edge) ? 1 : 0 }))];
        if (await InsertAsync("task (id, workflow_id, place, key_, title, creator, assignee, state, overdue, due_at, created_at, ready_at, ended_at, reason, sealed, size, sha256, trail)",
                18, "id", tasks) != tasks.Count
            || await InsertAsync("task_edge (workflow_id, task_id, place, depends_on, on_failure, state, external_, wake)", 8, "place", edges) != edges.Count)
            return false;
        if (others.Length > 0)
        {
            await database.ExecuteAsync(connection, "UPDATE task_edge SET wake = 2 WHERE workflow_id = ? AND wake = 1 "
                + $"AND EXISTS (SELECT 1 FROM task t WHERE t.id = task_edge.depends_on AND t.state >= {FirstEnded})", id);
        }
        return true;

        object?[] Row(TaskRow row, int place)
        {
            NewTask t = row.Task;
            return [t.Id.ToColumn(), id, place, t.Key, t.Title, insert.Creator, t.Assignee, (int)row.State, 0, t.DueAt.ToColumn(), at, row.State == TaskState.Ready ? at : null,
                row.State >= TaskState.Done ? at : null, row.Reason.Cut(Limits.ReasonLength), t.SealedBody, t.Size, t.Sha256, trailRef];
        }

        Task<long> InsertAsync(string table, int columns, string key, List<object?[]> rows) => rows.Count == 0 ? Task.FromResult(0L) : database.ExecuteAsync(connection, null,
            [new Statement($"INSERT INTO {table} VALUES ", [], $"({Database.Marks(columns)})", rows, database.OrIgnore(key))]);
    }

    private static bool Waits(EdgeRow edge) => edge is { External: true, State: EdgeState.Open };
}
