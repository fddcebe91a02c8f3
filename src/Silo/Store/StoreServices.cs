using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using ShitOps.Grains.Archive;
using ShitOps.Grains.Journal;
using ShitOps.Grains.Storage;
using ShitOps.Grains.Telemetry;
using ShitOps.Hosting.Sealing;

namespace ShitOps.Silo.Store;

public static class StoreServices
{
    /// <summary>What is the same for every database. The database itself and its <see cref="ISchema"/> are registered by the caller.</summary>
    internal static IServiceCollection AddStores(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<SiloMetrics>();
        services.AddSingleton<JournalChains>();
        services.AddSingleton<JournalWriter>();
        services.AddSingleton<JournalCheck>();
        services.AddSingleton<CommitQueue>();
        services.AddSingleton<ICommitQueue>(s => s.GetRequiredService<CommitQueue>());
        services.AddSingleton<IHubStore, HubStore>();
        services.AddSingleton<IOutboxStore, OutboxStore>();
        services.AddSingleton<IInboxStore, InboxStore>();
        services.AddSingleton<IArchiveStore, ArchiveStore>();
        services.AddSingleton<IAskStore, AskStore>();
        services.AddSingleton<ITaskStore, TaskStore>();
        services.AddSingleton<ITreeStore, TreeStore>();
        services.AddSingleton<IAccessKeyStore, AccessKeyStore>();
        services.AddSingleton<IAttachmentStore, AttachmentStore>();
        services.AddSingleton<IWebhookStore, WebhookRows>();
        services.AddSingleton<IKeyRingRows, KeyRingRows>();
        services.AddSingleton<IDataKeyRows, DataKeyRows>();
        services.AddSingleton<UnsentEvents>();
        services.AddSingleton<IDegradation>(provider => provider.GetRequiredService<UnsentEvents>());
        services.AddSingleton(provider => new JournalRetention(
            provider.GetRequiredService<Database>(), provider.GetRequiredService<JournalChains>(), provider.GetRequiredService<ICommitQueue>(),
            provider.GetService<IJournalExport>(), provider.GetRequiredService<UnsentEvents>(), provider.GetRequiredService<SiloMetrics>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<Retention>();
        services.AddOptions<RetentionOptions>()
            .Configure<IServiceProvider>(static (options, services) => services.GetService<IConfiguration>()?.Bind(options))
            .ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RetentionOptions>, RetentionOptions.Validator>());
        services.AddHostedService<RetentionService>();
        services.AddSingleton<JournalHeads>();
        services.AddHostedService<JournalHeadsService>();
        services.AddHostedService<StoreSampler>();
        return services;
    }

    /// <summary>Grain state in the database that <c>AddMySqlStore</c> or <c>AddSqliteStore</c> named, through Orleans' ADO.NET provider.</summary>
    public static ISiloBuilder AddShitOpsGrainStorage(this ISiloBuilder silo, string name = "Default") =>
        silo.AddAdoNetGrainStorage(name, (OptionsBuilder<AdoNetGrainStorageOptions> options) => options.Configure<Database>((storage, database) =>
        {
            storage.Invariant = database.Invariant;
            storage.ConnectionString = database.ConnectionString;
            storage.GrainStorageSerializer = new StateSerializer();
        }));
}
