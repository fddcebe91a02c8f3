using MySqlConnector;
using ShitOps.Hosting.Sealing;
using ShitOps.TestKit.Databases;

namespace ShitOps.Hosting.Tests.Sealing;

public sealed class MySqlKeyRingRowsTests
{
    [Fact]
    public async Task Rows_come_back_whole_and_in_the_order_in_which_they_were_added()
    {
        await using MariaDbServer server = await MariaDbServer.StartNewAsync();
        string database = await server.CreateDatabaseAsync();
        var rows = new MySqlKeyRingRows(database);
        Assert.Throws<MySqlException>(rows.ReadAll);

        await using (var connection = new MySqlConnection(database))
        {
            await connection.OpenAsync();
            await using var create = new MySqlCommand(
                "CREATE TABLE key_ring (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(200) NOT NULL, xml MEDIUMTEXT NOT NULL)", connection);
            await create.ExecuteNonQueryAsync();
        }
        Assert.Empty(rows.ReadAll());
        string large = $"<key>{new string('ä', 100_000)}</key>";
        rows.Add("first", large);
        rows.Add("second", "<key/>");
        Assert.Equal([large, "<key/>"], new MySqlKeyRingRows(database).ReadAll());
    }
}
