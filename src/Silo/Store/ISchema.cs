using System.Data.Common;
using EvolveDb;
using EvolveDb.Configuration;

namespace ShitOps.Silo.Store;

/// <summary>Creates and migrates the tables. Awaited before the silo starts; safe when several processes do so at once.</summary>
public interface ISchema
{
    /// <exception cref="DbException">The database cannot be reached, or refuses.</exception>
    /// <exception cref="EvolveException">A migration failed, or one that was applied has been changed since.</exception>
    Task MigrateAsync(CancellationToken stop = default);
}

/// <summary>Applies the SQL files embedded under a prefix. The caller holds a lock.</summary>
internal static partial class Migrations
{
    public static void Apply(DbConnection connection, string prefix, ILogger log)
    {
        var evolve = new Evolve(connection, line => Log.Migration(log, line))
        {
            EmbeddedResourceAssemblies = [typeof(Migrations).Assembly],
            EmbeddedResourceFilters = [prefix],
            MetadataTableName = "schema_history",
            IsEraseDisabled = true,
            EnableClusterMode = false,
            TransactionMode = TransactionKind.CommitEach,
        };
        evolve.Migrate();
    }

    private static partial class Log
    {
        [LoggerMessage(2020, LogLevel.Information, "{Line}")]
        public static partial void Migration(ILogger log, string line);
    }
}
