using System.Data.Common;
using ShitOps.Grains;
using ShitOps.Grains.Storage;

namespace ShitOps.Silo.Store;

internal sealed class WebhookRows(Database database) : IWebhookStore
{
    private const int DisabledLength = 64;

    private const string Columns =
        "team_since, url, disabled, secret_id, secret, previous_id, previous, previous_until, created_at, changed_at, version";

    // A row that was written while its team left belongs to nobody any more.
    private const string OfLivingTeams = "FROM webhook w JOIN team t ON t.tree = w.tree AND t.name = w.team AND t.created_at = w.team_since WHERE w.tree = ?";

    public async Task<WebhookRow?> FindAsync(TeamKey team, CancellationToken stop = default) =>
        (await database.QueryAsync($"SELECT w.{Columns.Replace(", ", ", w.", StringComparison.Ordinal)} {OfLivingTeams} AND w.team = ?",
            [team.Tree, team.Name], row => Row(team, row), stop)).SingleOrDefault();

    public async Task<IReadOnlyList<string>> DueAsync(string tree, string after, int limit, CancellationToken stop = default) =>
        await database.QueryAsync(
            $"SELECT w.team {OfLivingTeams} AND w.team > ? AND w.disabled IS NULL AND EXISTS (SELECT 1 FROM delivery d WHERE d.team = w.team AND d.state = 0) "
            + "ORDER BY w.team LIMIT ?", [tree, after, limit], row => row.GetString(0), stop);

    public static async Task<bool> WriteAsync(Database database, DbConnection connection, PutWebhookRow put)
    {
        WebhookRow row = put.Row;
        object?[] values =
        [
            row.TeamSince.ToColumn(), row.Url, row.Disabled.Cut(DisabledLength), row.Secret.Id.ToColumn(), row.Secret.Sealed, row.Previous?.Id.ToColumn(), row.Previous?.Sealed,
            row.PreviousUntil.ToColumn(), row.CreatedAt.ToColumn(), row.ChangedAt.ToColumn(), put.From + 1, row.Team.Tree, row.Team.Name,
        ];
        if (put.From > 0)
        {
            return await database.ExecuteAsync(connection,
                $"UPDATE webhook SET {Columns.Replace(", ", " = ?, ", StringComparison.Ordinal)} = ? WHERE tree = ? AND team = ? AND version = ?", [.. values, put.From]) > 0;
        }
        // What a team of the same name has left behind is in nobody's way.
        await database.ExecuteAsync(connection, "DELETE FROM webhook WHERE tree = ? AND team = ? AND team_since <> ?", row.Team.Tree, row.Team.Name, row.TeamSince.ToColumn());
        return await database.ExecuteAsync(connection,
            $"INSERT INTO webhook ({Columns}, tree, team) VALUES ({Database.Marks(values.Length)})" + database.OrIgnore("team"), values) > 0;
    }

    private static WebhookRow Row(TeamKey team, DbDataReader row) => new(
        team, row.Time(0), row.GetString(1), row.TextOrNull(2), new(row.Id(3), row.Bytes(4)), row.IdOrNull(5) is { } previous ? new(previous, row.Bytes(6)) : null,
        row.TimeOrNull(7), row.Time(8), row.Time(9), row.GetInt64(10));
}
