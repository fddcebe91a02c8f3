using ShitOps.Hosting.Configuration;
using ShitOps.Silo.Store;

namespace ShitOps.Silo.MySql;

public static class MySqlStore
{
    /// <summary>The stores on MySQL or MariaDB. <see cref="ISchema.MigrateAsync"/> must be awaited before they are used.</summary>
    /// <exception cref="ArgumentException">The connection string names no database, or holds an option that is unknown.</exception>
    public static IServiceCollection AddMySqlStore(this IServiceCollection services, string connectionString)
    {
        services.AddSingleton(new MySqlDatabase(connectionString));
        return services.AddDatabase();
    }

    /// <summary>The same, on <c>ConnectionStrings:ShitOps</c>; what is wrong with it is told when the process starts.</summary>
    public static IServiceCollection AddMySqlStore(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSettings<DatabaseSettings>(DatabaseSettings.Section, strict: false);
        services.AddSingleton(_ => new MySqlDatabase(configuration.GetConnectionString(nameof(DatabaseSettings.ShitOps)) ?? ""));
        return services.AddDatabase();
    }

    private static IServiceCollection AddDatabase(this IServiceCollection services)
    {
        services.AddSingleton<Database>(s => s.GetRequiredService<MySqlDatabase>());
        services.AddSingleton<ISchema, MySqlSchema>();
        return services.AddStores();
    }

    /// <summary>The connection string with what the store's and Orleans' statements rely on.</summary>
    public static string Complete(string connectionString) => MySqlDatabase.Complete(connectionString);
}
