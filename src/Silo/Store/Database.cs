using System.Data.Common;

namespace ShitOps.Silo.Store;

/// <summary>What a failed statement means for the transaction it was in.</summary>
internal enum Fault
{
    /// <summary>The same statement would fail again.</summary>
    Permanent,
    /// <summary>Deadlock, lock wait, server away: try again.</summary>
    Transient,
    /// <summary>A unique key stands already.</summary>
    Duplicate,
}

/// <summary>
/// One kind of database: how connections are opened and where its SQL differs. Statements are written with <c>?</c>
/// for each value and are otherwise the same for all.
/// </summary>
internal abstract class Database
{
    /// <summary>Bytes of journal references a row's trail keeps at most: the first and the newest.</summary>
    protected const int TrailBytes = 255 * TrailRef.Size;
    /// <summary>A free place of a trail (<see cref="TrailRef.WithRoom"/>).</summary>
    protected static readonly string NoReference = $"X'{new string('0', 2 * TrailRef.Size)}'";

    /// <summary>What Orleans' ADO.NET provider is given.</summary>
    public abstract string ConnectionString { get; }
    public abstract string Invariant { get; }

    /// <summary>For queries only: what is set in its session would meet the next reader.</summary>
    public abstract ValueTask<DbConnection> OpenReaderAsync(CancellationToken stop = default);

    /// <summary>A connection with a session of its own.</summary>
    public virtual ValueTask<DbConnection> OpenSessionAsync(CancellationToken stop = default) => OpenReaderAsync(stop);

    /// <summary>The connection of the commit queue; opened anew after a failure.</summary>
    public abstract ValueTask<DbConnection> OpenWriterAsync(CancellationToken stop = default);

    /// <summary>The connection as the server knows it; null if there is no server.</summary>
    public virtual Task<Session?> SessionAsync(DbConnection connection) => Task.FromResult<Session?>(null);

    /// <summary>Ends a connection of another process, unless it is over: its transaction is rolled back. It must be our own user's.</summary>
    public virtual Task EndAsync(DbConnection connection, Session session) => Task.CompletedTask;

    /// <summary>Lets go of the writer's connection; a broken one is not used again.</summary>
    public virtual ValueTask CloseWriterAsync(DbConnection connection) => connection.DisposeAsync();

    /// <summary>A connection for writes beside the commit queue: keys, retention. Of no pool, so that others who wait for it may hold all of one.</summary>
    public abstract DbConnection OpenForWriting();

    /// <summary>Begins a READ COMMITTED transaction (SQLite: takes the write lock).</summary>
    public abstract string Begin { get; }
    /// <summary>Begins a transaction that only reads, all of it as it is at one moment.</summary>
    public abstract string Snapshot { get; }
    /// <summary>After an INSERT: an existing row counts 0 and stays as it is.</summary>
    public abstract string OrIgnore(string column);
    /// <summary>After an INSERT: an existing row keeps what is greater, in each of the columns.</summary>
    public abstract string OrGreater(string key, params IEnumerable<string> columns);
    /// <summary>After a SELECT that must lock what it reads.</summary>
    public abstract string ForUpdate { get; }
    /// <summary>After a SELECT whose rows must stay as they are until the transaction ends; others may read them so too.</summary>
    public abstract string ForShare { get; }
    /// <summary>Before a statement that is not to wait for a lock longer than a second; it holds for the session.</summary>
    public abstract string Briefly { get; }
    /// <summary>Whether it was a lock that did not come in time.</summary>
    public abstract bool IsLockWait(Exception error);
    /// <summary>An expression: the trail with one reference (a value) more, in its free place if it has one.</summary>
    public abstract string AppendTrail { get; }
    /// <summary>An expression: two trails one after the other.</summary>
    public abstract string JoinTrails(string first, string second);
    public abstract string LastInsertId { get; }
    public abstract Fault Classify(Exception error);

    /// <summary>Runs statements in order, in as few round trips as the database allows.</summary>
    /// <returns>The rows affected, or found by a query, by all.</returns>
    public abstract Task<long> ExecuteAsync(DbConnection connection, string? begin, IReadOnlyList<Statement> statements);

    public abstract DbCommand Command(DbConnection connection, string sql, params IReadOnlyList<object?> values);

    public async Task<int> ExecuteAsync(DbConnection connection, string sql, params IReadOnlyList<object?> values)
    {
        await using DbCommand command = Command(connection, sql, values);
        return await command.ExecuteNonQueryAsync();
    }

    public async Task<List<T>> QueryAsync<T>(DbConnection connection, string sql, IReadOnlyList<object?> values, Func<DbDataReader, T> read, CancellationToken stop = default)
    {
        await using DbCommand command = Command(connection, sql, values);
        await using DbDataReader reader = await command.ExecuteReaderAsync(stop);
        return await RowsAsync(reader, read, stop);
    }

    /// <summary>The same query once for each of <paramref name="values"/>, in one round trip.</summary>
    /// <returns>The rows of each, in their order.</returns>
    public async Task<List<List<T>>> QueryEachAsync<T>(
        DbConnection connection, string sql, IReadOnlyList<object?[]> values, Func<DbDataReader, T> read, CancellationToken stop = default)
    {
        await using DbCommand command = Command(connection, string.Join(';', Enumerable.Repeat(sql, values.Count)), [.. values.SelectMany(each => each)]);
        await using DbDataReader reader = await command.ExecuteReaderAsync(stop);
        var found = new List<List<T>>(values.Count);
        do
            found.Add(await RowsAsync(reader, read, stop));
        while (await reader.NextResultAsync(stop));
        return found;
    }

    private static async Task<List<T>> RowsAsync<T>(DbDataReader reader, Func<DbDataReader, T> read, CancellationToken stop)
    {
        var rows = new List<T>();
        while (await reader.ReadAsync(stop))
            rows.Add(read(reader));
        return rows;
    }

    public async Task<List<T>> QueryAsync<T>(string sql, IReadOnlyList<object?> values, Func<DbDataReader, T> read, CancellationToken stop = default)
    {
        await using DbConnection connection = await OpenReaderAsync(stop);
        return await QueryAsync(connection, sql, values, read, stop);
    }

    /// <summary>Queries in slices of a list, so that no statement grows without bound. The slice takes the place of <c>{0}</c>.</summary>
    public async Task<List<T>> QueryInAsync<T>(
        DbConnection connection, string sql, IReadOnlyList<object?> first, IReadOnlyList<object?> list, Func<DbDataReader, T> read, CancellationToken stop = default)
    {
        const int slice = 500;
        var rows = new List<T>(list.Count);
        for (int start = 0; start < list.Count; start += slice)
        {
            List<object?> values = [.. first, .. list.Skip(start).Take(slice)];
            rows.AddRange(await QueryAsync(connection, sql.Replace("{0}", Marks(values.Count - first.Count), StringComparison.Ordinal), values, read, stop));
        }
        return rows;
    }

    public static string Marks(int count) => string.Join(',', Enumerable.Repeat('?', count));
}

/// <summary>
/// A statement over many rows: <paramref name="Head"/>, one <paramref name="Row"/> for each of <paramref name="Rows"/>
/// parted by <paramref name="Between"/>, <paramref name="Tail"/>. It must mean the same when run once for each row.
/// </summary>
internal sealed record Statement(string Head, object?[] HeadValues, string Row, IReadOnlyList<object?[]> Rows, string Tail, string Between = ",");

/// <summary>A connection as the server knows it.</summary>
/// <param name="Id">The server's number for it; another connection may have it after the server was started again.</param>
/// <param name="Client">The client's host and port, by the server's account: no other connection has them at the same time.</param>
internal sealed record Session(long Id, string Client);
