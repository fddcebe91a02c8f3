using System.Data.Common;
using ShitOps.Grains;
using ShitOps.Grains.Storage;

namespace ShitOps.Silo.Store;

internal sealed class TreeStore(Database database) : ITreeStore
{
    public async Task<TreeSnapshot> LoadAsync(string tree, CancellationToken stop = default)
    {
        // One statement, so that epoch and teams are of one moment.
        List<(long Epoch, TeamPlace? Team)> rows = await database.QueryAsync(
            "SELECT t.epoch, m.name, m.function_, m.weight, m.node, m.created_at FROM tree t LEFT JOIN team m ON m.tree = t.name WHERE t.name = ?", [tree],
            row => (row.GetInt64(0), row.IsDBNull(1) ? null : new TeamPlace(row.GetString(1), row.GetString(2), row.GetInt32(3), row.GetInt32(4), row.Time(5))), stop);
        return rows.Count == 0
            ? TreeSnapshot.Empty(tree)
            : new(tree, rows[0].Epoch, [.. rows.Select(row => row.Team).OfType<TeamPlace>().OrderBy(team => team.Name, StringComparer.Ordinal)]);
    }
}

internal sealed class AccessKeyStore(Database database) : IAccessKeyStore
{
    private const string Columns = "id, role, team, created_at";

    public async Task<AccessKey?> FindAsync(byte[] sha256, CancellationToken stop = default) =>
        (await database.QueryAsync($"SELECT {Columns} FROM access_key WHERE hash = ? AND revoked_at IS NULL", [sha256], Row, stop)).SingleOrDefault();

    public async Task<IReadOnlyList<AccessKey>> OfTeamAsync(string team, CancellationToken stop = default) =>
        await database.QueryAsync($"SELECT {Columns} FROM access_key WHERE team = ? AND revoked_at IS NULL ORDER BY created_at, id", [team], Row, stop);

    public async Task<bool> AnyAsync(Role role, CancellationToken stop = default) =>
        (await database.QueryAsync("SELECT 1 FROM access_key WHERE role = ? AND revoked_at IS NULL LIMIT 1", [(int)role], _ => true, stop)).Count > 0;

    private static AccessKey Row(DbDataReader row) => new(row.Id(0), (Role)row.GetInt32(1), row.TextOrNull(2), row.Time(3));
}

internal sealed class AttachmentStore(Database database) : IAttachmentStore
{
    private const string Columns = "id, team, size, sha256, content_type, chunks, state, created_at";

    public async Task<AttachmentInfo?> InfoAsync(Guid id, CancellationToken stop = default) =>
        (await database.QueryAsync($"SELECT {Columns} FROM attachment WHERE id = ?", [id.ToColumn()], Row, stop)).SingleOrDefault();

    public async Task<IReadOnlyList<AttachmentInfo>> InfosAsync(IReadOnlyList<Guid> ids, CancellationToken stop = default)
    {
        if (ids.Count == 0)
            return [];
        await using DbConnection connection = await database.OpenReaderAsync(stop);
        return await database.QueryInAsync(
            connection, $"SELECT {Columns} FROM attachment WHERE id IN ({{0}})", [], [.. ids.Distinct().Select(id => id.ToColumn())], Row, stop);
    }

    public async Task<byte[]?> ChunkAsync(Guid id, int number, CancellationToken stop = default) =>
        (await database.QueryAsync("SELECT sealed FROM attachment_chunk WHERE attachment_id = ? AND number = ?", [id.ToColumn(), number],
            row => row.Bytes(0), stop)).SingleOrDefault();

    public async Task<bool> MayReadAsync(Guid id, string team, CancellationToken stop = default) =>
        (await database.QueryAsync(
            "SELECT 1 FROM message_attachment a JOIN message m ON m.id = a.message_id WHERE a.attachment_id = ? AND (m.from_team = ? "
            + "OR EXISTS (SELECT 1 FROM delivery d WHERE d.message_id = m.id AND d.team = ?)) LIMIT 1",
            [id.ToColumn(), team, team], _ => true, stop)).Count > 0;

    private static AttachmentInfo Row(DbDataReader row) => new(
        row.Id(0), row.GetString(1), row.GetInt64(2), row.Bytes(3), row.GetString(4), row.GetInt32(5), row.GetString(6), row.Time(7));
}
