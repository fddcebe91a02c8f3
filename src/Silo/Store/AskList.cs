using System.Data.Common;
using ShitOps.Grains;

namespace ShitOps.Silo.Store;

/// <summary>Pages of asks, newest first: out of so many asks that one call looks at.</summary>
internal sealed class AskList(Database database)
{
    private const int Look = 2_000;

    private const string Columns =
        "a.id, a.from_team, a.to_spec, a.subject, a.state, a.asked_at, a.ended_at, a.deadline, a.asked, "
        + "CASE WHEN a.state = 0 THEN (SELECT COUNT(*) FROM ask_team n WHERE n.ask_id = a.id AND n.state = 1) ELSE a.answered END";

    /// <exception cref="FormatException">The cursor is none of ours.</exception>
    public async Task<Page<AskSummary>> PageAsync(AskQuery query, CancellationToken stop)
    {
        object before = IdCursor.Before(query.After).ToColumn();
        await using DbConnection connection = await database.OpenReaderAsync(stop);
        Guid? last = (await database.QueryAsync(connection, $"SELECT id FROM ask WHERE id < ? ORDER BY id DESC LIMIT 1 OFFSET {Look - 1}", [before], row => (Guid?)row.Id(0), stop)).SingleOrDefault();
        List<string> conditions = ["a.id < ?", "a.id >= ?"];
        List<object?> values = [before, (last ?? Guid.Empty).ToColumn()];
        if (query.State is { } state)
        {
            conditions.Add("a.state = ?");
            values.Add((int)state);
        }
        if (query.Team is { } team)
        {
            conditions.Add("(a.from_team = ? OR EXISTS (SELECT 1 FROM ask_team t WHERE t.ask_id = a.id AND t.team = ?))");
            values.AddRange([team, team]);
        }
        values.Add(query.Limit + 1);
        List<AskSummary> found = await database.QueryAsync(connection,
            $"SELECT {Columns} FROM ask a WHERE {string.Join(" AND ", conditions)} ORDER BY a.id DESC LIMIT ?", values, Read, stop);
        if (found.Count > query.Limit)
            return new([.. found.Take(query.Limit)], IdCursor.Of(found[query.Limit - 1].Id));
        return new([.. found], last is { } furthest ? IdCursor.Of(furthest) : null);
    }

    private static AskSummary Read(DbDataReader row) => new(
        row.Id(0), row.GetString(1), row.GetString(2), row.TextOrNull(3), (AskState)row.GetInt32(4), row.Time(5), row.TimeOrNull(6), row.Time(7), row.GetInt32(8), row.GetInt32(9));
}
