using System.Data.Common;

namespace ShitOps.Silo.Store;

/// <summary>This process among those that write the journal: a number taken anew at each start, and the connection in use.</summary>
internal sealed class JournalWriter(Database database, JournalChains chains, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _registering = new(1, 1);
    private volatile int _id;

    /// <summary>The chain of this process, once its id is known; null if nothing is sealed here.</summary>
    public JournalLink? Link { get; private set; }

    /// <summary>
    /// Not to be awaited with a connection of a pool in hand: whoever registers reads keys, for which others are needed, and
    /// a pool of which all wait for that one would never have any.
    /// </summary>
    public async ValueTask<int> IdAsync()
    {
        if (_id != 0)
            return _id;
        await _registering.WaitAsync();
        try
        {
            if (_id == 0)
                _id = await RegisterAsync();
            return _id;
        }
        finally
        {
            _registering.Release();
        }
    }

    /// <summary>Tells by which connection the commit queue will write, so that others can end it if this process hangs. Before its first transaction.</summary>
    public async Task<int> ConnectAsync(DbConnection connection)
    {
        int id = await IdAsync();
        if (await database.SessionAsync(connection) is { } session)
            await database.ExecuteAsync(connection, "UPDATE journal_writer SET connection = ?, client = ? WHERE id = ?", session.Id, session.Client, id);
        return id;
    }

    private async Task<int> RegisterAsync()
    {
        await using DbConnection connection = database.OpenForWriting();
        await database.ExecuteAsync(connection, "INSERT INTO journal_writer (name, started_at) VALUES (?, ?)",
            $"{Environment.MachineName}:{Environment.ProcessId}", time.GetUtcNow().ToColumn());
        int id = (await database.QueryAsync(connection, $"SELECT {database.LastInsertId}", [], row => row.GetInt32(0)))[0];
        Link = await chains.BeginAsync(connection, id);
        return id;
    }

    public void Dispose()
    {
        _registering.Dispose();
        Link?.Dispose();
    }
}
