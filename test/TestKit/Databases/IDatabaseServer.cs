namespace ShitOps.TestKit.Databases;

/// <summary>A real database server, started for the tests on a free loopback port and gone with them.</summary>
public interface IDatabaseServer : IAsyncDisposable
{
    int Port { get; }

    /// <summary>To the server, without a database.</summary>
    string ConnectionString { get; }

    /// <summary>The connection string of a database of its own, which does not exist yet: migrations create it.</summary>
    string NewDatabase();

    /// <summary>Ends the server in order.</summary>
    Task StopAsync();

    /// <summary>Ends the server with SIGKILL.</summary>
    Task KillAsync();

    /// <summary>Starts it again on the same data and port.</summary>
    Task StartAsync();
}

public static class DatabaseServerExtensions
{
    /// <summary>The connection string of a new, empty database.</summary>
    public static async Task<string> CreateDatabaseAsync(this IDatabaseServer server)
    {
        string connectionString = server.NewDatabase();
        await using var connection = new MySqlConnector.MySqlConnection(server.ConnectionString);
        await connection.OpenAsync();
        string name = new MySqlConnector.MySqlConnectionStringBuilder(connectionString).Database;
        await using var command = new MySqlConnector.MySqlCommand($"CREATE DATABASE `{name}` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", connection);
        await command.ExecuteNonQueryAsync();
        return connectionString;
    }
}
