using System.Data.Common;
using System.Globalization;
using ShitOps.Grains;
using ShitOps.Grains.Storage;
using static ShitOps.Silo.Store.AskReading;

namespace ShitOps.Silo.Store;

internal sealed class AskStore(Database database) : IAskStore
{
    private const int Clean = (int)AnswerState.Answered;

    private readonly EventReader _events = new(database);
    private readonly AskList _list = new(database);

    public Task<Page<AskSummary>> ListAsync(AskQuery query, CancellationToken stop = default) => _list.PageAsync(query, stop);

    public async Task<CollationRow?> CollationAsync(Guid ask, int node, CancellationToken stop = default)
    {
        await using DbConnection connection = await database.OpenReaderAsync(stop);
        object id = ask.ToColumn();
        AskRow? row = await FindAsync(connection, ask, stop);
        // The version before the replies: whoever writes by it finds out about what came in between.
        var stored = (await database.QueryAsync(connection, "SELECT asked, version, stage, data FROM ask_node WHERE ask_id = ? AND node = ?", [id, node],
            r => (Asked: r.GetInt32(0), Version: r.GetInt32(1), Stage: (CollationStage)r.GetInt32(2), Data: r.BytesOrNull(3)), stop));
        if (row is null || stored.Count == 0)
            return null;
        List<AnswerRow> teams = await database.QueryAsync(connection,
            $"SELECT {AnswerColumns}, sealed FROM ask_team WHERE ask_id = ? AND node = ? ORDER BY place", [id, node], Answer, stop);
        List<int> children = await database.QueryAsync(connection, "SELECT node FROM ask_node WHERE ask_id = ? AND node IN (?, ?) ORDER BY node",
            [id, (2 * node) + 1, (2 * node) + 2], r => r.GetInt32(0), stop);
        return new(row, node, stored[0].Asked, stored[0].Version, stored[0].Stage, stored[0].Data, teams, children);
    }

    public async Task<AskRow?> FindAsync(Guid ask, CancellationToken stop = default)
    {
        await using DbConnection connection = await database.OpenReaderAsync(stop);
        return await FindAsync(connection, ask, stop);
    }

    private async Task<AskRow?> FindAsync(DbConnection connection, Guid ask, CancellationToken stop) =>
        (await database.QueryAsync(connection, $"SELECT {AskColumns} FROM ask WHERE id = ?", [ask.ToColumn()], Ask, stop)).SingleOrDefault();

    public async Task<AnswerRow?> AnswerAsync(Guid ask, string team, CancellationToken stop = default) =>
        (await database.QueryAsync($"SELECT {AnswerColumns}, sealed FROM ask_team WHERE ask_id = ? AND team = ?", [ask.ToColumn(), team], Answer, stop)).SingleOrDefault();

    public async Task<AskView?> ViewAsync(Guid ask, CancellationToken stop = default)
    {
        await using DbConnection connection = await database.OpenReaderAsync(stop);
        object id = ask.ToColumn();
        // The ask first: what is read after it is not older than its end.
        List<(AskRow Ask, int Answered, byte[]? Result)> found = await database.QueryAsync(connection,
            $"SELECT {AskColumns}, answered, sealed_result FROM ask WHERE id = ?", [id], r => (Ask(r), r.GetInt32(AskWidth), r.BytesOrNull(AskWidth + 1)), stop);
        if (found.Count == 0)
            return null;
        List<AnswerRow> teams = await database.QueryAsync(connection,
            $"SELECT {AnswerColumns}, NULL FROM ask_team WHERE ask_id = ? ORDER BY place", [id], Answer, stop);
        List<int> nodes = await database.QueryAsync(connection, "SELECT node FROM ask_node WHERE ask_id = ? ORDER BY place", [id], r => r.GetInt32(0), stop);
        return View(found[0].Ask, found[0].Answered, found[0].Result, teams, nodes);
    }

    public async Task<Page<ReplyView>> RepliesAsync(Guid ask, string? after, int limit, CancellationToken stop = default)
    {
        int place = TextCursor.Number(after);
        List<(int Place, ReplyView View)> found = await database.QueryAsync(
            "SELECT place, reply_id, team, replied_at, body_kind, content_type, sealed, size FROM ask_team "
            + $"WHERE ask_id = ? AND place > ? AND state = {Clean} AND sealed IS NOT NULL ORDER BY place LIMIT ?",
            [ask.ToColumn(), place, limit + 1],
            r => (r.GetInt32(0), new ReplyView(r.Id(1), r.GetString(2), r.Time(3), (BodyKind)r.GetInt32(4), r.GetString(5), r.Bytes(6), r.GetInt32(7))), stop);
        string? next = found.Count > limit ? found[limit - 1].Place.ToString(CultureInfo.InvariantCulture) : null;
        return new([.. found.Take(limit).Select(row => row.View)], next);
    }

    public async Task<IReadOnlyList<AnswerRow>> AnswersAsync(Guid ask, IReadOnlyList<string> teams, CancellationToken stop = default)
    {
        if (teams.Count == 0)
            return [];
        await using DbConnection connection = await database.OpenReaderAsync(stop);
        return await database.QueryInAsync(connection, $"SELECT {AnswerColumns}, sealed FROM ask_team WHERE ask_id = ? AND state = {Clean} AND team IN ({{0}})",
            [ask.ToColumn()], teams, Answer, stop);
    }

    public Task<IReadOnlyList<EventView>> TraceAsync(Guid ask, CancellationToken stop = default) => _events.TraceAskAsync(ask, stop);

    public async Task<IReadOnlyList<(Guid Ask, int Top)>> DueAsync(string tree, DateTimeOffset now, int limit, CancellationToken stop = default) =>
        await database.QueryAsync("SELECT id, top FROM ask WHERE state = 0 AND tree = ? AND due_at <= ? ORDER BY due_at LIMIT ?",
            [tree, now.ToColumn(), limit], r => (r.Id(0), r.GetInt32(1)), stop);

    public async Task<IReadOnlyList<(Guid Ask, int Node)>> StrandedAsync(string tree, DateTimeOffset before, int limit, CancellationToken stop = default)
    {
        await using DbConnection connection = await database.OpenReaderAsync(stop);
        List<(Guid Ask, int Node)> ready = await database.QueryAsync(connection,
            $"SELECT n.ask_id, n.node FROM ask_node n JOIN ask a ON a.id = n.ask_id WHERE n.stage = {(int)CollationStage.Ready} AND n.tree = ? AND n.at < ? "
            + "AND a.state = 0 ORDER BY n.at LIMIT ?", [tree, before.ToColumn(), limit], Place, stop);
        List<(Guid Ask, int Node)> held = await database.QueryAsync(connection,
            $"SELECT DISTINCT t.ask_id, t.node FROM ask_team t JOIN ask a ON a.id = t.ask_id WHERE t.open_ = 1 AND t.state = {(int)AnswerState.Held} AND a.tree = ? LIMIT ?",
            [tree, limit], Place, stop);
        return [.. ready.Union(held).Take(limit)];
    }

    private static (Guid, int) Place(DbDataReader row) => (row.Id(0), row.GetInt32(1));
}
