using System.Data.Common;
using ShitOps.Hosting.Sealing;

namespace ShitOps.Silo.Store;

internal sealed class KeyRingRows(Database database) : IKeyRingRows
{
    public IReadOnlyList<string> ReadAll()
    {
        using DbConnection connection = database.OpenForWriting();
        using DbCommand command = database.Command(connection, "SELECT xml FROM key_ring ORDER BY id");
        using DbDataReader reader = command.ExecuteReader();
        var elements = new List<string>();
        while (reader.Read())
            elements.Add(reader.GetString(0));
        return elements;
    }

    public void Add(string name, string xml)
    {
        using DbConnection connection = database.OpenForWriting();
        using DbCommand command = database.Command(connection, "INSERT INTO key_ring (name, xml) VALUES (?, ?)", name, xml);
        command.ExecuteNonQuery();
    }
}

internal sealed class DataKeyRows(Database database) : IDataKeyRows
{
    private const string Columns = "id, wrapped, created_at, rotate_at";

    public async ValueTask<WrappedDataKey?> NewestAsync(CancellationToken stop = default) =>
        (await database.QueryAsync($"SELECT {Columns} FROM data_key ORDER BY id DESC LIMIT 1", [], Row, stop)).SingleOrDefault();

    public async ValueTask<WrappedDataKey?> FindAsync(int id, CancellationToken stop = default) =>
        (await database.QueryAsync($"SELECT {Columns} FROM data_key WHERE id = ?", [id], Row, stop)).SingleOrDefault();

    public async ValueTask<WrappedDataKey> AddAsync(byte[] wrapped, DateTimeOffset createdAt, DateTimeOffset rotateAt, CancellationToken stop = default)
    {
        await using DbConnection connection = database.OpenForWriting();
        await database.ExecuteAsync(connection, "INSERT INTO data_key (wrapped, created_at, rotate_at) VALUES (?, ?, ?)",
            wrapped, createdAt.ToColumn(), rotateAt.ToColumn());
        int id = (await database.QueryAsync(connection, $"SELECT {database.LastInsertId}", [], row => row.GetInt32(0), stop))[0];
        return new(id, wrapped, createdAt, rotateAt);
    }

    private static WrappedDataKey Row(DbDataReader row) => new(row.GetInt32(0), row.Bytes(1), row.Time(2), row.Time(3));
}
