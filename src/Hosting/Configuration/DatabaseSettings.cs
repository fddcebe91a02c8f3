using System.ComponentModel.DataAnnotations;
using MySqlConnector;

namespace ShitOps.Hosting.Configuration;

/// <summary>Section <c>ConnectionStrings</c>: the database of a silo or gateway, MySQL or MariaDB.</summary>
public sealed class DatabaseSettings : IValidatableObject
{
    public const string Section = "ConnectionStrings";

    /// <summary>As MySqlConnector reads it: <c>Server=…;Port=3306;Database=…;User ID=…;Password=…</c>.</summary>
    public string? ShitOps { get; set; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (string.IsNullOrWhiteSpace(ShitOps))
        {
            yield return new("is missing: the connection string of the MySQL or MariaDB database", [nameof(ShitOps)]);
            yield break;
        }
        string? fault = null;
        try
        {
            var parsed = new MySqlConnectionStringBuilder(ShitOps);
            if (parsed.Server.Length == 0)
                fault = "names no Server";
            else if (parsed.Database.Length == 0)
                fault = "names no Database";
        }
        catch (Exception error) when (error is ArgumentException or FormatException or OverflowException or InvalidOperationException)
        {
            // The text may hold a password: the parser's message names the option only.
            fault = $"cannot be read: {error.Message.ReplaceLineEndings(" ")}";
        }
        if (fault is not null)
            yield return new(fault, [nameof(ShitOps)]);
    }
}
