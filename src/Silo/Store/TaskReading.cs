using System.Data.Common;
using System.Globalization;
using ShitOps.Grains;

namespace ShitOps.Silo.Store;

/// <summary>Rows of tasks as views.</summary>
internal static class TaskReading
{
    public const string TaskColumns =
        "id, workflow_id, place, key_, title, creator, assignee, state, overdue, due_at, created_at, ready_at, started_at, ended_at, reason";
    public const int TaskWidth = 15, PlaceColumn = 2;

    /// <summary>Without dependencies, body and result.</summary>
    public static TaskView Task(DbDataReader row) => new()
    {
        Id = row.Id(0),
        Workflow = row.Id(1),
        Key = row.TextOrNull(3),
        Title = row.GetString(4),
        Creator = row.GetString(5),
        Assignee = row.GetString(6),
        State = (TaskState)row.GetInt32(7),
        DependsOn = [],
        Overdue = row.GetInt32(8) != 0,
        DueAt = row.TimeOrNull(9),
        CreatedAt = row.Time(10),
        ReadyAt = row.TimeOrNull(11),
        StartedAt = row.TimeOrNull(12),
        EndedAt = row.TimeOrNull(13),
        Reason = row.TextOrNull(14),
    };

    /// <summary>Queries one after the other, each with its own order and limit.</summary>
    public static string Union(IEnumerable<int> each, Func<int, string> query) =>
        string.Join(" UNION ALL ", each.Select(one => string.Create(CultureInfo.InvariantCulture, $"SELECT * FROM ({query(one)}) u{one}")));
}
