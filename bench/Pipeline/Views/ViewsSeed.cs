using System.Globalization;
using MySqlConnector;

namespace ShitOps.Bench;

/// <summary>
/// Rows as years of use would leave them, written by the server itself (MariaDB's sequences): a tree full of teams, and
/// messages of the last twenty days, each in a state. One team, the first, has sent a tenth of all and been sent a tenth:
/// its lists are the longest.
/// </summary>
internal sealed class ViewsSeed(string connectionString, int teams, int messages)
{
    public const string Busy = "team-00000";

    /// <summary>Sent and received like everybody else's.</summary>
    public const string Usual = "team-00007";

    public int LargeAsks { get; } = 20;
    public int SmallAsks { get; } = Math.Max(20, messages / 100);
    public int Tasks { get; } = Math.Max(100, messages / 10);

    private const int TasksOfWorkflow = 20, LargeWorkflow = 10_000;
    private static readonly TimeSpan Span = TimeSpan.FromDays(20);

    /// <summary>Unix milliseconds over <see cref="Span"/>, then a number, as a UUIDv7: newer ones are greater.</summary>
    private const string Id = "UNHEX(CONCAT(LPAD(HEX(at), 12, '0'), '7', LPAD(HEX(seq % 4096), 3, '0'), '8', LPAD(HEX(seq), 15, '0')))";

    private static string Team(string number) => $"CONCAT('team-', LPAD({number}, 5, '0'))";

    public async Task FillAsync(CancellationToken stop)
    {
        await using var connection = new MySqlConnection(new MySqlConnectionStringBuilder(connectionString) { DefaultCommandTimeout = 0, AllowUserVariables = true }.ConnectionString);
        await connection.OpenAsync(stop);
        foreach (string sql in Statements())
        {
            await using var command = new MySqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync(stop);
        }
    }

    private IEnumerable<string> Statements()
    {
        string step = (Span.TotalMilliseconds / messages).ToString(CultureInfo.InvariantCulture);
        yield return "SET @now = CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS INT), unique_checks = 0";
        yield return "DELETE FROM team";
        yield return "INSERT INTO tree VALUES ('main', 1) ON DUPLICATE KEY UPDATE epoch = epoch + 1";
        yield return $"INSERT INTO team SELECT 'main', {Team("seq")}, CONCAT('F', seq % 40), 1, seq DIV 2, @now FROM seq_0_to_{teams - 1}";
        // 20: quarantined, 21: dead before it was delivered, 23: cancelled, 1: to be delivered tomorrow.
        yield return "INSERT INTO message (id, tree, node, seq, state, from_team, to_spec, subject, content_type, body_kind, sealed, size, sha256, priority, kind, deliver_at, released, accepted_at, settled_at, trail) "
            + $"SELECT {Id}, 'main', t DIV 2, seq, state, {Team("t")}, {Team($"IF(r = t, (r + 1) % {teams}, r)")}, CONCAT('build ', seq), 'application/json', 0, RANDOM_BYTES(200), 170, REPEAT('x', 32), 1, 0, "
            + "IF(state = 1, @now + 86400000, NULL), 0, at, IF(state = 1, 0, at + 50), '' "
            + $"FROM (SELECT seq, IF(seq % 10 = 0, 0, seq * 7919 % {teams}) t, IF(seq % 10 = 1, 0, seq * 104729 % {teams}) r, CAST(@now - ({messages} - seq) * {step} AS INT) at, "
            + "CASE WHEN seq % 100 = 3 THEN 20 WHEN seq % 200 = 5 THEN 23 WHEN seq % 100 = 7 THEN 1 WHEN seq % 1000 = 9 THEN 21 ELSE 10 END state "
            + $"FROM seq_1_to_{messages}) s";
        // In order of their time, as the hubs do it. Of twenty one waits, one is dead, one has expired.
        yield return "INSERT INTO delivery (message_id, team, from_team, rank_, state, attempts, delivered_at, acknowledged_at, trail) "
            + "SELECT id, to_spec, from_team, 1, CASE seq % 20 WHEN 11 THEN 0 WHEN 12 THEN 2 WHEN 13 THEN 3 ELSE 1 END, 1, accepted_at + 50, accepted_at + 100, '' FROM message WHERE state = 10 ORDER BY id";
        yield return "INSERT INTO dead_letter SELECT message_id, team, from_team, ELT(1 + seq % 4, 'attempts', 'recipient_gone', 'team_removed', 'webhook_500'), 8, delivered_at FROM delivery WHERE state = 2";
        yield return "INSERT INTO quarantine (id, message_id, from_team, to_spec, subject, verdict, signature, signature_version, node, silo, at, state) "
            + "SELECT id, id, from_team, to_spec, subject, 'infected', CONCAT('Win.Test.', seq % 7), '27812', node, 'silo-1', accepted_at, IF(seq % 3 = 0, 'released', 'waiting') FROM message WHERE state = 20";
        foreach (string sql in Asks().Concat(Work()))
            yield return sql;
        yield return "ANALYZE TABLE message, delivery, dead_letter, quarantine, ask, ask_node, ask_team, task, task_edge, team";
        yield return "SET unique_checks = 1";
    }

    /// <summary>The large ones ask every team but one, and are open; the others ask ten each.</summary>
    private IEnumerable<string> Asks()
    {
        int asks = LargeAsks + SmallAsks;
        yield return "INSERT INTO ask (id, tree, from_team, to_spec, subject, top, deadline, collate_, state, asked, answered, due_at, result_id, asked_at, ended_at, trail) "
            + $"SELECT {Id}, 'main', {Team($"seq * 13 % {teams}")}, 'all', CONCAT('ready for ', seq), 0, @now + 86400000, 1, state, IF(seq <= {LargeAsks}, {teams - 1}, 10), 10, @now + 86400000, {Id}, at, IF(state = 0, NULL, at + 1000), '' "
            + $"FROM (SELECT seq, CAST(@now - seq * 1000 AS INT) at, IF(seq <= {LargeAsks}, 0, 1 + seq % 2) state FROM seq_1_to_{asks}) s";
        yield return $"SET @large = (SELECT MIN(id) FROM (SELECT id FROM ask ORDER BY id DESC LIMIT {LargeAsks}) newest)";
        yield return "INSERT INTO ask_node (ask_id, node, place, tree, asked, version, stage, at, trail) "
            + $"SELECT a.id, s.seq, s.seq, 'main', 2, 1, 0, @now, '' FROM ask a JOIN seq_0_to_{(teams / 2) - 1} s WHERE a.id >= @large";
        yield return "INSERT INTO ask_team (ask_id, team, node, place, open_, state, replied_at, trail) "
            + $"SELECT a.id, {Team("s.seq")}, s.seq DIV 2, s.seq, 1, s.seq % 2, IF(s.seq % 2, @now, NULL), '' FROM ask a JOIN seq_1_to_{teams - 1} s WHERE a.id >= @large";
        yield return "INSERT INTO ask_team (ask_id, team, node, place, open_, state, replied_at, trail) "
            + $"SELECT a.id, {Team("s.seq")}, s.seq DIV 2, s.seq, 0, 1, @now, '' FROM ask a JOIN seq_1_to_10 s WHERE a.id < @large";
    }

    /// <summary>Workflows of twenty tasks in a row, and a large one; the first team has a tenth of all.</summary>
    private IEnumerable<string> Work()
    {
        int large = Math.Min(LargeWorkflow, Tasks / 4);
        string workflow = $"IF(seq <= {large}, 1, 2 + (seq - {large}) DIV {TasksOfWorkflow})";
        string tasks = $"(SELECT seq, CAST(@now - 1000000 + seq AS INT) at, {workflow} w, IF(seq % 10 = 0, 0, seq * 7919 % {teams}) t, ELT(1 + seq % 6, 0, 1, 2, 10, 11, 12) state FROM seq_1_to_{Tasks}) s";
        const string flow = "UNHEX(CONCAT('0000', LPAD(HEX(w), 28, '0')))", task = "UNHEX(CONCAT('1000', LPAD(HEX(seq), 28, '0')))";
        yield return $"INSERT INTO workflow (id, name, creator, version, digest, created_at) SELECT DISTINCT {flow}, CONCAT('release ', w), {Team($"w % {teams}")}, 1, '', @now FROM {tasks}";
        yield return "INSERT INTO task (id, workflow_id, place, key_, title, creator, assignee, state, overdue, due_at, created_at, size, trail) "
            + $"SELECT {task}, {flow}, seq, CONCAT('k', seq), CONCAT('step ', seq), {Team($"w % {teams}")}, {Team("t")}, state, IF(seq % 30 = 1, 1, 0), @now + 86400000, at, 0, '' FROM {tasks}";
        yield return "INSERT INTO task_edge (workflow_id, task_id, place, depends_on, on_failure, state, external_, wake) "
            + $"SELECT {flow}, {task}, 0, UNHEX(CONCAT('1000', LPAD(HEX(seq - 1), 28, '0'))), 0, 0, 0, 0 FROM {tasks} WHERE state = 0 AND seq > 1";
    }
}
