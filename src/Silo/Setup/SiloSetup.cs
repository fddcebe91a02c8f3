using Microsoft.Extensions.Options;
using ShitOps.Grains;
using ShitOps.Grains.Access;
using ShitOps.Grains.Nodes;
using ShitOps.Grains.Scanning;
using ShitOps.Hosting.Configuration;
using ShitOps.Hosting.Health;
using ShitOps.Hosting.Sealing;
using ShitOps.Silo.Dashboard;
using ShitOps.Silo.Elastic;
using ShitOps.Silo.Store;
using ShitOps.Silo.Webhooks;

namespace ShitOps.Silo.Setup;

/// <summary>What makes a process a silo, whatever database and membership it has.</summary>
public static class SiloSetup
{
    /// <summary>The database (<c>AddMySqlStore</c> or <c>AddSqliteStore</c>) must be registered before; membership is the caller's.</summary>
    public static WebApplicationBuilder AddSilo(this WebApplicationBuilder builder, bool allowBuiltInScanner, Action<ISiloBuilder> membership)
    {
        IServiceCollection services = builder.Services;
        services.AddHostedService<SchemaService>();
        services.AddKeyRing(builder.Configuration, mayCreateKeys: true).AddDatabaseDataKeys().AddSealedBodies();
        services.AddSingleton<IBodyOpener, BodyOpener>().AddSingleton<IBodySealer, BodySealer>().AddSingleton<IDataKeys, DataKeys>();
        services.AddSingleton<JournalKeys>();
        services.AddSettings<HubOptions>(HubOptions.Section);
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<HubOptions>>().Value);
        services.AddDegradations();
        services.AddScanner(builder.Configuration, allowBuiltInScanner);
        services.AddJournalExport();
        services.AddWebhooks();
        services.AddGrains();
        services.AddSingleton<IConfigureGrainContextProvider, AsynchronousActivation>();
        builder.Host.UseOrleans(silo =>
        {
            membership(silo);
            silo.AddShitOpsGrainStorage();
            silo.AddOperatorDashboard();
            silo.AddIncomingGrainCallFilter<StoreFaultFilter>();
        });
        return builder;
    }
}

/// <summary>Brings the schema up to date before anything else of the process starts.</summary>
internal sealed partial class SchemaService(ISchema schema, TimeProvider time, ILogger<SchemaService> log) : IHostedLifecycleService
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60), Pause = TimeSpan.FromSeconds(1);

    /// <summary>A database that starts together with the silo may take its time; then the reason is told.</summary>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        while (true)
        {
            try
            {
                await schema.MigrateAsync(cancellationToken);
                return;
            }
            catch (System.Data.Common.DbException error) when (time.GetElapsedTime(start) < Patience)
            {
                LogWaiting(error.Message);
                await Task.Delay(Pause, time, cancellationToken);
            }
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(2030, LogLevel.Warning, "The database does not answer yet: {Reason}")]
    private partial void LogWaiting(string reason);
}

internal sealed class BodyOpener(SealedBodies bodies) : IBodyOpener
{
    public ValueTask<byte[]> OpenAsync(ReadOnlyMemory<byte> sealedBody, Guid id, int part = 0, CancellationToken stop = default) =>
        bodies.OpenAsync(sealedBody, id, part, stop);
}

internal sealed class BodySealer(SealedBodies bodies) : IBodySealer
{
    public ValueTask<byte[]> SealAsync(ReadOnlyMemory<byte> plain, Guid id, int part = 0, CancellationToken stop = default) =>
        bodies.SealAsync(plain, id, part, stop);
}

internal sealed class DataKeys(IDataKeyStore store) : IDataKeys
{
    public async ValueTask<WrappedDataKeyDto> CurrentAsync() => Dto(await store.CurrentAsync());

    public async ValueTask<WrappedDataKeyDto?> FindAsync(int id) => await store.FindAsync(id) is { } key ? Dto(key) : null;

    private static WrappedDataKeyDto Dto(WrappedDataKey key) => new(key.Id, key.Wrapped, key.CreatedAt, key.RotateAt);
}
