using ShitOps.Silo.Store;

namespace ShitOps.Silo.MySql;

public static class MySqlStore
{
    /// <summary>The stores on MySQL or MariaDB. <see cref="ISchema.MigrateAsync"/> must be awaited before they are used.</summary>
    /// <exception cref="ArgumentException">The connection string names no database, or holds an option that is unknown.</exception>
    public static IServiceCollection AddMySqlStore(this IServiceCollection services, string connectionString)
    {
        var database = new MySqlDatabase(connectionString);
        services.AddSingleton(database);
        services.AddSingleton<Database>(database);
        services.AddSingleton<ISchema, MySqlSchema>();
        return services.AddStores();
    }

    /// <summary>The connection string with what the store's and Orleans' statements rely on.</summary>
    public static string Complete(string connectionString) => MySqlDatabase.Complete(connectionString);
}
