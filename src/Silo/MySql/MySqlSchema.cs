using System.Security.Cryptography;
using System.Text;
using MySqlConnector;
using ShitOps.Silo.Store;

namespace ShitOps.Silo.MySql;

internal sealed class MySqlSchema(MySqlDatabase database, ILogger<MySqlSchema> log) : ISchema
{
    public async Task MigrateAsync(CancellationToken stop = default)
    {
        await CreateDatabaseAsync(stop);
        // GET_LOCK belongs to the session: it falls with the connection, however the process ends.
        await using MySqlConnection guard = await OpenAsync(database.ConnectionString, stop);
        await LockAsync(guard, stop);
        await using MySqlConnection connection = await OpenAsync(database.ConnectionString, stop);
        await Task.Run(() => Migrations.Apply(connection, "MySql.Migrations", log), stop);
    }

    /// <summary>Explicitly utf8mb4: a server without defaults of its own would make it latin1.</summary>
    private async Task CreateDatabaseAsync(CancellationToken stop)
    {
        try
        {
            await using MySqlConnection there = await OpenAsync(database.ConnectionString, stop);
        }
        catch (MySqlException error) when (error.ErrorCode == MySqlErrorCode.UnknownDatabase)
        {
            var server = new MySqlConnectionStringBuilder(database.ConnectionString);
            string name = server.Database.Replace("`", "``", StringComparison.Ordinal);
            server.Database = "";
            await using MySqlConnection connection = await OpenAsync(server.ConnectionString, stop);
            await using var command = new MySqlCommand($"CREATE DATABASE IF NOT EXISTS `{name}` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", connection);
            await command.ExecuteNonQueryAsync(stop);
        }
    }

    private static async Task LockAsync(MySqlConnection connection, CancellationToken stop)
    {
        // Names of locks are the server's, at most 64 characters.
        string name = "shitops." + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(connection.Database)).AsSpan(0, 16));
        await using var command = new MySqlCommand("SELECT GET_LOCK(?, 5)", connection);
        command.Parameters.Add(new MySqlParameter { Value = name });
        while (Convert.ToInt64(await command.ExecuteScalarAsync(stop), System.Globalization.CultureInfo.InvariantCulture) != 1)
            stop.ThrowIfCancellationRequested();
    }

    private static async Task<MySqlConnection> OpenAsync(string connectionString, CancellationToken stop)
    {
        var connection = new MySqlConnection(new MySqlConnectionStringBuilder(connectionString) { Pooling = false, DefaultCommandTimeout = 600 }.ConnectionString);
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
}
