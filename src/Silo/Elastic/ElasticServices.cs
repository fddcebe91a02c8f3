using System.Reflection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using ShitOps.Grains.Journal;
using ShitOps.Hosting.Configuration;

namespace ShitOps.Silo.Elastic;

public static class ElasticServices
{
    /// <summary>Sends the journal to where section <c>Elastic</c> says; nowhere without an address.</summary>
    public static IServiceCollection AddJournalExport(this IServiceCollection services)
    {
        services.AddSettings<ElasticSettings>(ElasticSettings.Section);
        services.AddSingleton<ExportStore>();
        services.AddSingleton(provider => Options(
            provider.GetRequiredService<IOptions<ElasticSettings>>().Value, provider.GetRequiredService<IOptions<ClusterOptions>>().Value.ClusterId));
        services.AddSingleton<ExportMeter>();
        services.AddSingleton<JournalExporter>();
        services.AddSingleton<IJournalExport>(provider => provider.GetRequiredService<JournalExporter>());
        return services;
    }

    private static ExportOptions Options(ElasticSettings settings, string cluster) => new()
    {
        Endpoint = settings.Addresses.Count == 0 ? null : new ElasticEndpoint(settings.Addresses, Authorization(settings), settings.CaFile),
        Stream = $"{FieldTemplates.IndexTemplate}-{settings.Namespace}",
        Service = new("shitops-silo", Assembly.GetExecutingAssembly().GetName().Version!.ToString(3), settings.Environment),
        Cluster = cluster,
        BatchEvents = settings.BatchEvents,
        BatchBytes = settings.BatchBytes,
    };

    private static string? Authorization(ElasticSettings settings) => settings switch
    {
        { ApiKey: { } key } => ElasticEndpoint.ApiKey(key),
        { Username: { } name, Password: { } password } => ElasticEndpoint.Basic(name, password),
        _ => null,
    };
}
