using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace ShitOps.Hosting.Configuration;

/// <summary>One settings class as registered: what the start-up check asks for its faults.</summary>
internal interface ISettingsCheck
{
    string Section { get; }

    void Check(IConfiguration configuration, IServiceProvider services, List<string> faults);
}

internal sealed class SettingsCheck<T>(string section, bool strict) : ISettingsCheck
    where T : class, new()
{
    public string Section => section;

    public void Check(IConfiguration configuration, IServiceProvider services, List<string> faults)
    {
        var settings = new T();
        SettingsReader.Read(settings, configuration.GetSection(section), strict, faults);
        SettingsReader.Validate(settings, section, services, faults);
    }
}

public static class SettingsRegistration
{
    /// <summary>
    /// Binds <typeparamref name="T"/> to a section, to be had as <see cref="IOptions{T}"/>. Its faults are told by
    /// <see cref="Startup.Check"/> before anything starts. Registering
    /// it twice does nothing.
    /// </summary>
    /// <param name="strict">A key the class does not have is a fault. False where others may keep keys in the section too.</param>
    public static IServiceCollection AddSettings<T>(this IServiceCollection services, string section, bool strict = true)
        where T : class, new()
    {
        if (services.Any(s => s.ImplementationInstance is SettingsCheck<T>))
            return services;
        services.AddSingleton<ISettingsCheck>(new SettingsCheck<T>(section, strict));
        services.AddOptions<T>()
            .Configure<IConfiguration>((settings, configuration) =>
                SettingsReader.Read(settings, configuration.GetSection(section), strict: false, []))
            .ValidateOnStart();
        // The net below the start-up check, for hosts that are run without it.
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<T>, SettingsValidator<T>>(
            provider => new SettingsValidator<T>(section, strict, provider)));
        return services;
    }

    private sealed class SettingsValidator<T>(string section, bool strict, IServiceProvider services) : IValidateOptions<T>
        where T : class, new()
    {
        public ValidateOptionsResult Validate(string? name, T options)
        {
            var faults = new List<string>();
            SettingsReader.Read(new T(), services.GetRequiredService<IConfiguration>().GetSection(section), strict, faults);
            SettingsReader.Validate(options, section, services, faults);
            return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
        }
    }
}
