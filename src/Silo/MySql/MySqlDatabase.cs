using System.Data.Common;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using MySqlConnector;
using ShitOps.Silo.Store;

namespace ShitOps.Silo.MySql;

/// <summary>MySQL 8.4 and later, MariaDB 10.11 and later, through MySqlConnector.</summary>
internal sealed class MySqlDatabase : Database
{
    /// <summary>A command is sent when it grows beyond this; max_allowed_packet is 16 MiB on MariaDB, 64 MiB on MySQL.</summary>
    private const int CommandBytes = 4 * 1024 * 1024;
    private const int CommandValues = 60_000;
    /// <summary>Bytes that are written as hexadecimal digits: ids, digests, references. Longer ones would only grow by that.</summary>
    private const int MaxLiteral = 64;
    /// <summary>
    /// Who is connected. MySQL's own information_schema.processlist fails as a whole while any connection runs a
    /// statement with bytes that are no text, as ours do; MariaDB has no other (and passes over comments for MySQL).
    /// </summary>
    internal const string Connections = "/*!80022 performance_schema.processlist */ /*M! information_schema.processlist */";

    /// <summary>Connections of a pool if nothing is said of it; a silo has two pools, the cluster's membership shares one of them.</summary>
    internal const int PoolSize = 25;

    private readonly string _readers, _unpooled;

    public MySqlDatabase(string connectionString)
    {
        ConnectionString = Complete(connectionString);
        // Readers change nothing of their session, so it need not be made anew for each of them: two round trips a read.
        _readers = new MySqlConnectionStringBuilder(ConnectionString) { ConnectionReset = false }.ConnectionString;
        _unpooled = new MySqlConnectionStringBuilder(ConnectionString) { Pooling = false }.ConnectionString;
    }

    /// <summary>As configured, with what our statements rely on.</summary>
    public override string ConnectionString { get; }
    public override string Invariant => "MySql.Data.MySqlConnector";

    /// <exception cref="ArgumentException">No server or no database is named, or an option is unknown.</exception>
    public static string Complete(string connectionString)
    {
        var given = new MySqlConnectionStringBuilder(connectionString)
        {
            // An upsert that changes nothing counts 0.
            UseAffectedRows = true,
            AllowUserVariables = true,
            GuidFormat = MySqlGuidFormat.None,
            TreatTinyAsBoolean = false,
        };
        if (given.Database.Length == 0)
            throw new ArgumentException("the connection string names no Database");
        if (!given.ContainsKey("ConnectionTimeout"))
            given.ConnectionTimeout = 5;
        if (!given.ContainsKey("DefaultCommandTimeout"))
            given.DefaultCommandTimeout = 15;
        // Servers allow some 150 connections when nobody told them otherwise, and every silo takes some: a burst of reads waits for its turn.
        if (!given.ContainsKey("MaximumPoolSize"))
            given.MaximumPoolSize = PoolSize;
        // Over loopback nobody can stand between us and the server's key.
        if (!given.ContainsKey("AllowPublicKeyRetrieval") && IsLoopback(given.Server))
            given.AllowPublicKeyRetrieval = true;
        return given.ConnectionString;
    }

    private static bool IsLoopback(string server) =>
        server is "localhost" || (IPAddress.TryParse(server, out IPAddress? address) && IPAddress.IsLoopback(address));

    public override string Begin => "START TRANSACTION; ";
    public override string Snapshot => "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY";
    public override string ForUpdate => " FOR UPDATE";
    public override string ForShare => " LOCK IN SHARE MODE";
    // For the session, which ends when the pool has the connection back.
    public override string Briefly => "SET SESSION innodb_lock_wait_timeout = 1; ";
    public override string LastInsertId => "LAST_INSERT_ID()";
    public override string AppendTrail =>
        $"CONCAT(IF(RIGHT(trail, {TrailRef.Size}) = {NoReference}, LEFT(trail, LENGTH(trail) - {TrailRef.Size}), IF(LENGTH(trail) < {TrailBytes}, trail, "
        + $"CONCAT(LEFT(trail, {TrailRef.Size}), RIGHT(trail, {TrailBytes - (2 * TrailRef.Size)})))), ?)";

    public override string OrIgnore(string column) => $" ON DUPLICATE KEY UPDATE {column} = {column}";
    public override string OrGreater(string key, params IEnumerable<string> columns) =>
        " ON DUPLICATE KEY UPDATE " + string.Join(", ", columns.Select(column => $"{column} = GREATEST({column}, VALUES({column}))"));
    public override string JoinTrails(string first, string second) => $"LEFT(CONCAT({first}, {second}), {TrailBytes})";

    public override ValueTask<DbConnection> OpenReaderAsync(CancellationToken stop = default) => OpenAsync(_readers, stop);

    public override ValueTask<DbConnection> OpenSessionAsync(CancellationToken stop = default) => OpenAsync(ConnectionString, stop);

    private static async ValueTask<DbConnection> OpenAsync(string connectionString, CancellationToken stop)
    {
        var connection = new MySqlConnection(connectionString);
        try
        {
            await connection.OpenAsync(stop);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    // Not pooled: closing it ends its transaction on the server at once.
    public override async ValueTask<DbConnection> OpenWriterAsync(CancellationToken stop = default)
    {
        var connection = new MySqlConnection(_unpooled);
        try
        {
            await connection.OpenAsync(stop);
            await ExecuteAsync(connection, "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED; SET SESSION innodb_lock_wait_timeout = 5");
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public override DbConnection OpenForWriting()
    {
        var connection = new MySqlConnection(_unpooled);
        connection.Open();
        return connection;
    }

    public override async Task<Session?> SessionAsync(DbConnection connection) =>
        (await QueryAsync(connection, $"SELECT id, host FROM {Connections} WHERE id = CONNECTION_ID()", [],
            row => new Session(Convert.ToInt64(row.GetValue(0), CultureInfo.InvariantCulture), row.GetString(1)))).SingleOrDefault();

    public override async Task EndAsync(DbConnection connection, Session session)
    {
        List<bool> there = await QueryAsync(connection,
            $"SELECT 1 FROM {Connections} WHERE id = ? AND host = ? AND user = SUBSTRING_INDEX(USER(), '@', 1)",
            [session.Id, session.Client], _ => true);
        if (there.Count == 0)
            return;
        try
        {
            await ExecuteAsync(connection, string.Create(CultureInfo.InvariantCulture, $"KILL CONNECTION {session.Id}"));
        }
        catch (MySqlException error) when (error.ErrorCode == MySqlErrorCode.NoSuchThread)
        {
            // It ended by itself meanwhile.
        }
    }

    public override bool IsLockWait(Exception error) => error is MySqlException { ErrorCode: MySqlErrorCode.LockWaitTimeout };

    public override Fault Classify(Exception error) => error switch
    {
        MySqlException { ErrorCode: MySqlErrorCode.DuplicateKeyEntry } => Fault.Duplicate,
        MySqlException { IsTransient: true } => Fault.Transient,
        MySqlException
        {
            ErrorCode: MySqlErrorCode.LockDeadlock or MySqlErrorCode.LockWaitTimeout or MySqlErrorCode.ServerShutdown
            or MySqlErrorCode.UnableToConnectToHost or MySqlErrorCode.ConnectionCountError or MySqlErrorCode.QueryInterrupted
            or MySqlErrorCode.CommandTimeoutExpired or MySqlErrorCode.NormalShutdown or MySqlErrorCode.AbortingConnection
            or MySqlErrorCode.NewAbortingConnection or MySqlErrorCode.OptionPreventsStatement or (MySqlErrorCode)1836 or (MySqlErrorCode)1927
            or (MySqlErrorCode)2006 or (MySqlErrorCode)2013 or (MySqlErrorCode)4031
        } => Fault.Transient,
        // Without a number from the server it is the connection that failed.
        MySqlException { Number: 0 } or MySqlException { InnerException: IOException or SocketException } => Fault.Transient,
        MySqlException => Fault.Permanent,
        IOException or SocketException or ObjectDisposedException or InvalidOperationException or OperationCanceledException or TimeoutException => Fault.Transient,
        _ => Fault.Permanent,
    };

    public override DbCommand Command(DbConnection connection, string sql, params IReadOnlyList<object?> values)
    {
        var command = new MySqlCommand(sql, (MySqlConnection)connection);
        foreach (object? value in values)
            command.Parameters.Add(new MySqlParameter { Value = value });
        return command;
    }

    public override async Task<long> ExecuteAsync(DbConnection connection, string? begin, IReadOnlyList<Statement> statements)
    {
        var sql = new StringBuilder(begin);
        var values = new List<object?>();
        long affected = 0, bytes = 0;
        foreach (Statement statement in statements)
        {
            for (int row = 0; row < statement.Rows.Count;)
            {
                bytes += Append(sql, values, statement.Head, statement.HeadValues);
                for (int first = row; row < statement.Rows.Count && bytes < CommandBytes && values.Count < CommandValues; row++)
                {
                    sql.Append(row == first ? "" : statement.Between);
                    bytes += Append(sql, values, statement.Row, statement.Rows[row]);
                }
                sql.Append(statement.Tail).Append(';');
                if (bytes >= CommandBytes || values.Count >= CommandValues)
                {
                    affected += await CountAsync(connection, sql.ToString(), values);
                    sql.Clear();
                    values.Clear();
                    bytes = 0;
                }
            }
        }
        if (sql.Length > 0)
            affected += await CountAsync(connection, sql.ToString(), values);
        return affected;
    }

    /// <summary>
    /// Numbers, ids and NULL become text here: none of them can be mistaken for anything else, and a parameter each costs
    /// both sides more than all the rest. Texts and bodies stay parameters.
    /// </summary>
    /// <returns>About the bytes it takes.</returns>
    private static long Append(StringBuilder sql, List<object?> parameters, string template, object?[] values)
    {
        int at = 0;
        long bytes = template.Length;
        foreach (object? value in values)
        {
            int mark = template.IndexOf('?', at);
            sql.Append(template, at, mark - at);
            at = mark + 1;
            switch (value)
            {
                case null:
                    sql.Append("NULL");
                    break;
                case int number:
                    sql.Append(CultureInfo.InvariantCulture, $"{number}");
                    break;
                case long number:
                    sql.Append(CultureInfo.InvariantCulture, $"{number}");
                    break;
                case byte[] { Length: <= MaxLiteral } id:
                    sql.Append("X'").Append(Convert.ToHexString(id)).Append('\'');
                    break;
                default:
                    sql.Append('?');
                    parameters.Add(value);
                    break;
            }
            bytes += value is byte[] blob ? blob.Length + 10 : value is string text ? text.Length + 4 : 10;
        }
        sql.Append(template, at, template.Length - at);
        return bytes;
    }

    private async Task<long> CountAsync(DbConnection connection, string sql, IReadOnlyList<object?> values)
    {
        await using DbCommand command = Command(connection, sql, values);
        await using DbDataReader reader = await command.ExecuteReaderAsync();
        long found = 0;
        do
        {
            while (await reader.ReadAsync())
                found++;
        }
        while (await reader.NextResultAsync());
        return found + Math.Max(0, reader.RecordsAffected);
    }
}
