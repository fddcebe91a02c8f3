using System.Globalization;
using MySqlConnector;

namespace ShitOps.Cli.Doctor;

/// <summary>Signs in to MySQL or MariaDB as a silo or gateway does, and looks at version, schema and clock.</summary>
internal static class DatabaseCheck
{
    private const string Name = "database";
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(5);

    public static async Task<Finding> RunAsync(string? connectionString, TimeProvider time, CancellationToken stop)
    {
        if (connectionString is null)
            return Finding.NotDone(Name, "not looked at: no connection string was given", $"give --database or {DoctorSettings.DatabaseVariable}; a Standalone has a file of its own");
        MySqlConnectionStringBuilder settings;
        try
        {
            settings = new(connectionString) { ConnectionTimeout = 5, Pooling = false };
        }
        catch (ArgumentException error)
        {
            return Finding.Bad(Name, $"the connection string cannot be read: {error.Message}", "Server=…;Database=…;User ID=…;Password=…");
        }
        string where = $"{settings.Server}:{settings.Port}/{settings.Database}";
        try
        {
            await using var connection = new MySqlConnection(settings.ConnectionString);
            await connection.OpenAsync(stop);
            return await LookAsync(connection, where, time, stop);
        }
        catch (MySqlException error)
        {
            return Finding.Bad(Name, $"{where}: {error.Message}", error.ErrorCode switch
            {
                MySqlErrorCode.AccessDenied => "see user and password in the connection string, and the host that the account is for",
                MySqlErrorCode.UnknownDatabase or MySqlErrorCode.DatabaseAccessDenied => "create the database and grant the account its rights to it",
                _ => "see whether the server runs and can be reached from here",
            });
        }
    }

    private static async Task<Finding> LookAsync(MySqlConnection connection, string where, TimeProvider time, CancellationToken stop)
    {
        await using MySqlCommand command = connection.CreateCommand();
        command.CommandText = "SELECT UTC_TIMESTAMP(3)";
        DateTime now = DateTime.SpecifyKind((DateTime)(await command.ExecuteScalarAsync(stop))!, DateTimeKind.Utc);
        TimeSpan ahead = now - time.GetUtcNow();
        string? schema = await SchemaAsync(command, stop);
        string server = $"{where} is {connection.ServerVersion}";
        return ahead.Duration() > ClockTolerance
                ? Finding.Odd(Name, string.Create(CultureInfo.InvariantCulture, $"{server}; its clock is {ahead.TotalSeconds:+0.0;-0.0} s from this machine's"), "have both kept by NTP")
            : schema is null ? Finding.Odd(Name, $"{server}; there is no schema in it that this account can read", "a silo makes it at its first start; a gateway's account may be kept from looking")
            : Finding.Good(Name, $"{server}; schema {schema}");
    }

    private static async Task<string?> SchemaAsync(MySqlCommand command, CancellationToken stop)
    {
        command.CommandText = "SELECT version FROM schema_history WHERE success = 1 AND version IS NOT NULL ORDER BY id DESC LIMIT 1";
        try
        {
            return await command.ExecuteScalarAsync(stop) as string;
        }
        catch (MySqlException error) when (error.ErrorCode is MySqlErrorCode.NoSuchTable or MySqlErrorCode.TableAccessDenied or MySqlErrorCode.ColumnAccessDenied)
        {
            return null;
        }
    }
}
