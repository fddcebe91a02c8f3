using System.Data.Common;
using System.Text;
using Microsoft.Data.Sqlite;
using ShitOps.Silo.Store;

namespace ShitOps.Silo.Sqlite;

/// <summary>
/// The embedded database: one file, write-ahead log, every commit on disk before it is answered. There is no round trip
/// to save, so statements over many rows run row by row, prepared once.
/// </summary>
internal sealed class SqliteDatabase : Database
{
    public const string FileName = "shitops.db";

    private readonly string _reader, _writer;
    private readonly Dictionary<(SqliteConnection, string), SqliteCommand> _prepared = [];

    public SqliteDatabase(string folder)
    {
        File = Path.Combine(Path.GetFullPath(folder), FileName);
        ConnectionString = new SqliteConnectionStringBuilder { DataSource = File, Pooling = true, DefaultTimeout = 30 }.ConnectionString;
        _reader = ConnectionString;
        _writer = new SqliteConnectionStringBuilder(ConnectionString) { Pooling = false }.ConnectionString;
    }

    public string File { get; }
    public override string ConnectionString { get; }
    /// <summary>The name under which the provider loads Microsoft.Data.Sqlite.</summary>
    public override string Invariant => "System.Data.SQLite";

    public override string Begin => "BEGIN IMMEDIATE";
    public override string Snapshot => "BEGIN";
    public override string ForUpdate => "";
    public override string ForShare => "";
    public override string Briefly => "";
    public override bool IsLockWait(Exception error) => false;
    public override string LastInsertId => "last_insert_rowid()";
    public override string AppendTrail =>
        $"CAST((CASE WHEN substr(trail, -{TrailRef.Size}) = {NoReference} THEN substr(trail, 1, length(trail) - {TrailRef.Size}) "
        + $"WHEN length(trail) < {TrailBytes} THEN trail ELSE "
        + $"substr(trail, 1, {TrailRef.Size}) || substr(trail, -{TrailBytes - (2 * TrailRef.Size)}) END) || ? AS BLOB)";

    public override string OrIgnore(string column) => " ON CONFLICT DO NOTHING";
    public override string OrGreater(string key, params IEnumerable<string> columns) =>
        $" ON CONFLICT ({key}) DO UPDATE SET " + string.Join(", ", columns.Select(column => $"{column} = max({column}, excluded.{column})"));
    public override string JoinTrails(string first, string second) => $"CAST(substr(CAST({first} || {second} AS BLOB), 1, {TrailBytes}) AS BLOB)";

    public override async ValueTask<DbConnection> OpenReaderAsync(CancellationToken stop = default)
    {
        var connection = new SqliteConnection(_reader);
        await connection.OpenAsync(stop);
        await ExecuteAsync(connection, "PRAGMA busy_timeout = 5000; PRAGMA synchronous = FULL");
        return connection;
    }

    public override async ValueTask<DbConnection> OpenWriterAsync(CancellationToken stop = default)
    {
        var connection = new SqliteConnection(_writer);
        await connection.OpenAsync(stop);
        await ExecuteAsync(connection, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 10000; PRAGMA wal_autocheckpoint = 4000");
        return connection;
    }

    public override async ValueTask CloseWriterAsync(DbConnection connection)
    {
        foreach (KeyValuePair<(SqliteConnection Connection, string), SqliteCommand> prepared in _prepared.Where(p => p.Key.Item1 == connection).ToList())
        {
            _prepared.Remove(prepared.Key);
            await prepared.Value.DisposeAsync();
        }
        await connection.DisposeAsync();
    }

    public override DbConnection OpenForWriting()
    {
        var connection = new SqliteConnection(_reader);
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "PRAGMA busy_timeout = 10000; PRAGMA synchronous = FULL";
        command.ExecuteNonQuery();
        return connection;
    }

    public override Fault Classify(Exception error) => error switch
    {
        SqliteException { SqliteErrorCode: 19, SqliteExtendedErrorCode: 1555 or 2067 } => Fault.Duplicate,
        // BUSY, LOCKED, INTERRUPT, IOERR, FULL, CANTOPEN: the disk or another connection; the same may succeed later.
        SqliteException { SqliteErrorCode: 5 or 6 or 9 or 10 or 13 or 14 } => Fault.Transient,
        SqliteException => Fault.Permanent,
        IOException or OperationCanceledException => Fault.Transient,
        _ => Fault.Permanent,
    };

    public override DbCommand Command(DbConnection connection, string sql, params IReadOnlyList<object?> values)
    {
        var command = new SqliteCommand(Numbered(sql), (SqliteConnection)connection);
        for (int i = 0; i < values.Count; i++)
            command.Parameters.AddWithValue("$" + i, values[i] ?? DBNull.Value);
        return command;
    }

    public override async Task<long> ExecuteAsync(DbConnection connection, string? begin, IReadOnlyList<Statement> statements)
    {
        if (begin is not null)
            await ExecuteAsync(connection, begin);
        long affected = 0;
        foreach (Statement statement in statements)
        {
            SqliteCommand command = Prepared((SqliteConnection)connection, statement.Head + statement.Row + statement.Tail,
                statement.HeadValues.Length + (statement.Rows.Count > 0 ? statement.Rows[0].Length : 0));
            for (int i = 0; i < statement.HeadValues.Length; i++)
                command.Parameters[i].Value = statement.HeadValues[i] ?? DBNull.Value;
            foreach (object?[] row in statement.Rows)
            {
                for (int i = 0; i < row.Length; i++)
                    command.Parameters[statement.HeadValues.Length + i].Value = row[i] ?? DBNull.Value;
                affected += Run(command);
            }
        }
        return affected;
    }

    private static long Run(SqliteCommand command)
    {
        using SqliteDataReader reader = command.ExecuteReader();
        long found = 0;
        while (reader.Read())
            found++;
        return found + Math.Max(0, reader.RecordsAffected);
    }

    // Only the writer comes here, and it has one connection at a time.
    private SqliteCommand Prepared(SqliteConnection connection, string sql, int values)
    {
        if (_prepared.TryGetValue((connection, sql), out SqliteCommand? command))
            return command;
        command = new SqliteCommand(Numbered(sql), connection);
        for (int i = 0; i < values; i++)
            command.Parameters.Add(new SqliteParameter("$" + i, null));
        command.Prepare();
        _prepared.Add((connection, sql), command);
        return command;
    }

    /// <summary>The provider knows values by name only.</summary>
    private static string Numbered(string sql)
    {
        var numbered = new StringBuilder(sql.Length + 32);
        int value = 0;
        foreach (char c in sql)
        {
            if (c == '?')
                numbered.Append('$').Append(value++);
            else
                numbered.Append(c);
        }
        return numbered.ToString();
    }
}
