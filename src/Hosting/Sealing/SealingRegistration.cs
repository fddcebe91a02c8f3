using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ShitOps.Hosting.Configuration;

namespace ShitOps.Hosting.Sealing;

public static class SealingRegistration
{
    /// <summary>
    /// The key ring over <see cref="IKeyRingRows"/>: those registered before, else <see cref="MySqlKeyRingRows"/> on
    /// <c>ConnectionStrings:ShitOps</c>.
    /// </summary>
    /// <param name="mayCreateKeys">True in a silo; a gateway only reads the ring.</param>
    public static IServiceCollection AddKeyRing(this IServiceCollection services, IConfiguration configuration, bool mayCreateKeys)
    {
        services.AddSettings<SealingSettings>(SealingSettings.Section);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IKeyRingRows>(_ => new MySqlKeyRingRows(
            configuration.GetConnectionString(nameof(DatabaseSettings.ShitOps))
                ?? throw new InvalidOperationException("The key ring needs ConnectionStrings:ShitOps.")));
        services.TryAddSingleton(provider => new KeyRing(
            provider.GetRequiredService<IKeyRingRows>(), provider.GetRequiredService<IOptions<SealingSettings>>(), mayCreateKeys,
            provider.GetRequiredService<ILoggerFactory>(), provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<IDataProtectionProvider>(provider => provider.GetRequiredService<KeyRing>());
        return services;
    }

    /// <summary><see cref="SealedBodies"/>; needs <see cref="AddKeyRing"/> and an <see cref="IDataKeyStore"/>.</summary>
    public static IServiceCollection AddSealedBodies(this IServiceCollection services)
    {
        services.TryAddSingleton<SealedBodies>();
        return services;
    }

    /// <summary>Data keys from the database's rows, for a silo; needs an <see cref="IDataKeyRows"/>.</summary>
    public static IServiceCollection AddDatabaseDataKeys(this IServiceCollection services)
    {
        services.TryAddSingleton<IDataKeyStore, DatabaseDataKeyStore>();
        return services;
    }

    /// <summary>
    /// For the one-process form: if neither certificate nor key file is configured, the file <c>key</c> in
    /// <paramref name="folder"/> is used, and made if it is not there.
    /// </summary>
    public static WebApplicationBuilder UseKeyFileIn(this WebApplicationBuilder builder, string folder)
    {
        IConfigurationSection sealing = builder.Configuration.GetSection(SealingSettings.Section);
        if (string.IsNullOrEmpty(sealing[nameof(SealingSettings.CertificatePath)]) && string.IsNullOrEmpty(sealing[nameof(SealingSettings.KeyFile)]))
            sealing[nameof(SealingSettings.KeyFile)] = KeyFile.Ensure(Path.Combine(folder, "key"));
        return builder;
    }
}
