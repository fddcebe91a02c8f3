using System.Data.Common;

namespace ShitOps.Silo.Store;

/// <summary>Retention of asks and workflows: by the age of their end, as messages by that of theirs; never what is open.</summary>
internal sealed class WorkRetention(Database database)
{
    private const int Step = 200;

    public async Task<int> AsksAsync(DbConnection connection, DateTimeOffset before, CancellationToken stop)
    {
        int deleted = 0;
        object after = Guid.Empty.ToColumn();
        while (!stop.IsCancellationRequested)
        {
            List<(Guid Id, bool Over)> some = await database.QueryAsync(connection,
                "SELECT a.id, a.state <> 0 AND a.ended_at < ? AND NOT EXISTS (SELECT 1 FROM quarantine q WHERE q.ask_id = a.id AND q.state = 'waiting') "
                + "FROM ask a WHERE a.id > ? AND a.id < ? ORDER BY a.id LIMIT ?", [before.ToColumn(), after, Retention.FirstIdOf(before), Step], row => (row.Id(0), Yes(row, 1)), stop);
            if (some.Count == 0)
                break;
            after = some[^1].Id.ToColumn();
            foreach ((Guid id, _) in some.Where(one => one.Over))
                deleted += await AskAsync(connection, id.ToColumn(), stop);
        }
        return deleted;
    }

    // By the time of making, which their ids need not follow.
    public async Task<int> WorkflowsAsync(DbConnection connection, DateTimeOffset before, CancellationToken stop)
    {
        int deleted = 0;
        (long At, object Id) after = (0, Guid.Empty.ToColumn());
        while (!stop.IsCancellationRequested)
        {
            List<(Guid Id, long At, bool Open)> some = await database.QueryAsync(connection,
                $"SELECT w.id, w.created_at, EXISTS (SELECT 1 FROM task t WHERE t.workflow_id = w.id AND (t.state < {TaskChanges.FirstEnded} OR t.ended_at >= ?)) "
                + "FROM workflow w WHERE w.created_at < ? AND w.created_at >= ? AND (w.created_at > ? OR w.id > ?) ORDER BY w.created_at, w.id LIMIT ?",
                [before.ToColumn(), before.ToColumn(), after.At, after.At, after.Id, Step], row => (row.Id(0), row.GetInt64(1), Yes(row, 2)), stop);
            if (some.Count == 0)
                break;
            after = (some[^1].At, some[^1].Id.ToColumn());
            foreach ((Guid id, _, _) in some.Where(one => !one.Open))
                deleted += await WorkflowAsync(connection, id.ToColumn(), stop);
        }
        return deleted;
    }

    private static bool Yes(DbDataReader row, int column) => !row.IsDBNull(column) && row.GetInt32(column) != 0;

    private async Task<int> AskAsync(DbConnection connection, object ask, CancellationToken stop)
    {
        int deleted = await InStepsAsync(connection, "SELECT team FROM ask_team WHERE ask_id = ? LIMIT ?", ask, row => row.GetString(0),
            ["DELETE FROM ask_team WHERE ask_id = ? AND team IN ({0})"], stop);
        if (stop.IsCancellationRequested)
            return deleted;
        deleted += await database.ExecuteAsync(connection, "DELETE FROM ask_node WHERE ask_id = ?", ask);
        return deleted + await database.ExecuteAsync(connection, "DELETE FROM ask WHERE id = ?", ask);
    }

    private async Task<int> WorkflowAsync(DbConnection connection, object workflow, CancellationToken stop)
    {
        if (await IsNeededAsync(connection, workflow, stop))
            return 0;
        int deleted = await InStepsAsync(connection, "SELECT id FROM task WHERE workflow_id = ? LIMIT ?", workflow, row => row.Id(0).ToColumn(),
            ["DELETE FROM task_edge WHERE workflow_id = ? AND task_id IN ({0})", "DELETE FROM task WHERE workflow_id = ? AND id IN ({0})"], stop);
        return stop.IsCancellationRequested ? deleted : deleted + await database.ExecuteAsync(connection, "DELETE FROM workflow WHERE id = ?", workflow);
    }

    // A task of another workflow may still be handed its results.
    private async Task<bool> IsNeededAsync(DbConnection connection, object workflow, CancellationToken stop)
    {
        List<object?> tasks = [.. await database.QueryAsync(connection, "SELECT id FROM task WHERE workflow_id = ?", [workflow], row => row.Id(0).ToColumn(), stop)];
        // Every value of wake: the index begins with it.
        return (await database.QueryInAsync(connection,
            "SELECT 1 FROM task_edge e JOIN task d ON d.id = e.task_id WHERE e.wake IN (0, 1, 2) AND e.depends_on IN ({0}) AND e.external_ = 1 "
            + $"AND d.state < {TaskChanges.FirstEnded} LIMIT 1", [], tasks, _ => true, stop)).Count > 0;
    }

    private async Task<int> InStepsAsync(
        DbConnection connection, string next, object owner, Func<DbDataReader, object> key, string[] deletes, CancellationToken stop)
    {
        int deleted = 0;
        while (!stop.IsCancellationRequested)
        {
            List<object> keys = await database.QueryAsync(connection, next, [owner, Step], key, stop);
            if (keys.Count == 0)
                break;
            foreach (string delete in deletes)
                deleted += await database.ExecuteAsync(connection, delete.Replace("{0}", Database.Marks(keys.Count), StringComparison.Ordinal), [owner, .. keys]);
        }
        return deleted;
    }
}
