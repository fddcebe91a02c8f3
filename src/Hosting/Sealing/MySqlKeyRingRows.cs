using MySqlConnector;

namespace ShitOps.Hosting.Sealing;

/// <summary>The key ring's rows in table <c>key_ring</c> of MySQL or MariaDB, which a silo creates.</summary>
public sealed class MySqlKeyRingRows(string connectionString) : IKeyRingRows
{
    public IReadOnlyList<string> ReadAll()
    {
        using MySqlConnection connection = Open();
        using MySqlCommand command = connection.CreateCommand();
        command.CommandText = "SELECT xml FROM key_ring ORDER BY id";
        using MySqlDataReader reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
            rows.Add(reader.GetString(0));
        return rows;
    }

    public void Add(string name, string xml)
    {
        using MySqlConnection connection = Open();
        using MySqlCommand command = connection.CreateCommand();
        command.CommandText = "INSERT INTO key_ring (name, xml) VALUES (@name, @xml)";
        command.Parameters.AddWithValue("@name", name);
        command.Parameters.AddWithValue("@xml", xml);
        command.ExecuteNonQuery();
    }

    private MySqlConnection Open()
    {
        var connection = new MySqlConnection(connectionString);
        try
        {
            connection.Open();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
