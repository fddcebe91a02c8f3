using MySqlConnector;

namespace ShitOps.Deploy.Tests;

/// <summary>What silo and gateway may do in the database, while they run on nothing but these rights.</summary>
public sealed class GrantTests(StackFixture stack) : IClassFixture<StackFixture>
{
    private static readonly string[] OfGateways = ["OrleansMembershipTable", "OrleansQuery", "key_ring"];

    // Denied for a table, a column, a statement, a database.
    private static readonly MySqlErrorCode[] Denied =
        [MySqlErrorCode.TableAccessDenied, MySqlErrorCode.ColumnAccessDenied, (MySqlErrorCode)1227, MySqlErrorCode.DatabaseAccessDenied, MySqlErrorCode.AccessDenied];

    /// <summary>Null: it was let through.</summary>
    private static async Task<MySqlErrorCode?> TryAsync(MySqlConnection connection, string sql)
    {
        try
        {
            await using var command = new MySqlCommand(sql, connection);
            await command.ExecuteScalarAsync();
            return null;
        }
        catch (MySqlException error)
        {
            return error.ErrorCode;
        }
    }

    private async Task<string[]> TablesAsync()
    {
        await using MySqlConnection root = await stack.ConnectAsRootAsync();
        await using var command = new MySqlCommand("SELECT table_name FROM information_schema.tables WHERE table_schema = 'shitops'", root);
        await using MySqlDataReader reader = await command.ExecuteReaderAsync();
        var tables = new List<string>();
        while (await reader.ReadAsync())
            tables.Add(reader.GetString(0));
        return [.. tables];
    }

    [Fact]
    public async Task A_gateway_reads_membership_and_key_ring_and_nothing_else()
    {
        string[] tables = await TablesAsync();
        Assert.Contains("message", tables);
        await using MySqlConnection gateway = await stack.ConnectAsync("gateway");
        var readable = new List<string>();
        foreach (string table in tables)
        {
            if (await TryAsync(gateway, $"SELECT 1 FROM `{table}` LIMIT 1") is not { } refused)
                readable.Add(table);
            else
                Assert.Contains(refused, Denied);
        }
        Assert.Equal(OfGateways, readable.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_gateway_changes_nothing_not_even_what_it_reads()
    {
        await using MySqlConnection gateway = await stack.ConnectAsync("gateway");
        foreach (string table in await TablesAsync())
        {
            string[] statements = [$"DELETE FROM `{table}`", $"INSERT INTO `{table}` SELECT * FROM `{table}`", $"DROP TABLE `{table}`", $"ALTER TABLE `{table}` COMMENT 'x'", $"TRUNCATE `{table}`"];
            foreach (string sql in statements)
                Assert.True(await TryAsync(gateway, sql) is { } refused && Denied.Contains(refused), sql);
        }
        Assert.Contains((await TryAsync(gateway, "CREATE TABLE of_its_own (a INT)"))!.Value, Denied);
    }

    [Fact]
    public async Task A_silo_drops_no_table_and_reaches_nothing_outside_its_database()
    {
        await using MySqlConnection silo = await stack.ConnectAsync("silo");
        foreach (string sql in (string[])["DROP TABLE message", "TRUNCATE journal", "DROP DATABASE shitops", "CREATE DATABASE another", "SELECT 1 FROM mysql.global_priv",
            "CREATE USER 'another'@'%'", "GRANT SELECT ON shitops.* TO 'shitops-gateway'@'%'", "SELECT 'x' INTO OUTFILE '/tmp/shitops-grants'", "SET GLOBAL max_connections = 10"])
            Assert.True(await TryAsync(silo, sql) is { } refused && Denied.Contains(refused), $"{sql}: {await TryAsync(silo, sql)}");
        Assert.Null(await TryAsync(silo, "SELECT 1 FROM message LIMIT 1"));
    }
}
