using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using ShitOps.Grains.Scanning;
using ShitOps.Silo.BuiltInScanner;
using ShitOps.Silo.ClamAv;

namespace ShitOps.Silo;

public static class ScannerServices
{
    /// <summary>
    /// Adds the malware scanner: clamd at <c>Antivirus:Endpoints</c>; without any the built-in one where
    /// <paramref name="allowBuiltIn"/>, else the process refuses to start. Needs <see cref="IBodyOpener"/> and
    /// <see cref="Grains.Storage.IAttachmentStore"/> from elsewhere.
    /// </summary>
    public static IServiceCollection AddScanner(this IServiceCollection services, IConfiguration configuration, bool allowBuiltIn)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<AntivirusOptions>().Bind(configuration.GetSection(AntivirusOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<AntivirusOptions>>(new AntivirusOptionsValidator(allowBuiltIn));

        services.AddSingleton<ClamdScanner>();
        services.AddSingleton<SignatureScanner>();
        services.AddSingleton<IScanner>(provider => UsesClamd(provider)
            ? provider.GetRequiredService<ClamdScanner>()
            : provider.GetRequiredService<SignatureScanner>());
        services.AddSingleton(provider => (IScannerHealth)provider.GetRequiredService<IScanner>());
        services.AddSingleton(provider => (IHostedService)provider.GetRequiredService<IScanner>());

        services.AddSingleton(provider => new VerdictCache(provider.GetRequiredService<IOptions<AntivirusOptions>>().Value.CacheEntries));
        services.AddSingleton<AttachmentScanner>();
        services.AddSingleton<MessageScanner>();
        return services;
    }

    private static bool UsesClamd(IServiceProvider provider) => provider.GetRequiredService<IOptions<AntivirusOptions>>().Value.Endpoints.Count > 0;
}
