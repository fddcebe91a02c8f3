using ShitOps.Silo.Store;

namespace ShitOps.Silo.Sqlite;

public static class SqliteStore
{
    /// <summary>The stores on one SQLite file in the folder, for one process. <see cref="ISchema.MigrateAsync"/> must be awaited before they are used.</summary>
    public static IServiceCollection AddSqliteStore(this IServiceCollection services, string folder)
    {
        var database = new SqliteDatabase(folder);
        services.AddSingleton(database);
        services.AddSingleton<Database>(database);
        services.AddSingleton<ISchema, SqliteSchema>();
        return services.AddStores();
    }
}
