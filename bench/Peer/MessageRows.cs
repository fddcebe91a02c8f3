using MySqlConnector;

namespace ShitOps.Bench.Peers;

/// <summary>A row a message, each a transaction of its own.</summary>
internal sealed class MessageRows(string connectionString)
{
    // Connections come back as they were left: nothing is set on them, so nothing need be reset.
    private readonly string _connection = new MySqlConnectionStringBuilder(connectionString) { MaximumPoolSize = 64, ConnectionReset = false }.ConnectionString;

    public async Task CreateAsync(CancellationToken stop)
    {
        var server = new MySqlConnectionStringBuilder(_connection);
        string database = server.Database;
        server.Database = "";
        await ExecuteAsync(server.ConnectionString, $"CREATE DATABASE IF NOT EXISTS `{database}`", stop);
        await ExecuteAsync(_connection,
            "CREATE TABLE IF NOT EXISTS peer_message (id BINARY(16) PRIMARY KEY, body BLOB NOT NULL, stored_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3))", stop);
    }

    public async Task InsertAsync(ReadOnlyMemory<byte> body, CancellationToken stop)
    {
        await using var connection = new MySqlConnection(_connection);
        await connection.OpenAsync(stop);
        await using var insert = new MySqlCommand("INSERT INTO peer_message (id, body) VALUES (@id, @body)", connection);
        insert.Parameters.AddWithValue("@id", Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToByteArray(bigEndian: true));
        insert.Parameters.AddWithValue("@body", body);
        await insert.ExecuteNonQueryAsync(stop);
    }

    public async Task<long> CountAsync(CancellationToken stop)
    {
        await using var connection = new MySqlConnection(_connection);
        await connection.OpenAsync(stop);
        await using var count = new MySqlCommand("SELECT COUNT(*) FROM peer_message", connection);
        return Convert.ToInt64(await count.ExecuteScalarAsync(stop), System.Globalization.CultureInfo.InvariantCulture);
    }

    private static async Task ExecuteAsync(string connectionString, string statement, CancellationToken stop)
    {
        await using var connection = new MySqlConnection(connectionString);
        await connection.OpenAsync(stop);
        await using var command = new MySqlCommand(statement, connection);
        await command.ExecuteNonQueryAsync(stop);
    }
}
