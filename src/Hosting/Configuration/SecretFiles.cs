using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.KeyPerFile;
using Microsoft.Extensions.FileProviders;

namespace ShitOps.Hosting.Configuration;

/// <summary>Settings that are files: a folder holds one file a setting, named as its environment variable would be.</summary>
public static class SecretFiles
{
    /// <summary>Names the folder; without it none is read.</summary>
    public const string FolderSetting = "SHITOPS_SECRETS";

    /// <summary>
    /// Reads the folder that <c>SHITOPS_SECRETS</c> names: <c>ConnectionStrings__ShitOps</c> holds that connection string,
    /// <c>SHITOPS_OPERATOR_KEY</c> the key. They win over <c>appsettings.json</c>; environment and command line win over
    /// them. Files of other names do no harm.
    /// </summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public static WebApplicationBuilder UseSecretFiles(this WebApplicationBuilder builder)
    {
        if (builder.Configuration[FolderSetting] is not { Length: > 0 } folder)
            return builder;
        string path = Path.GetFullPath(folder, builder.Environment.ContentRootPath);
        if (!Directory.Exists(path))
            throw new DirectoryNotFoundException($"{FolderSetting}: there is no folder '{path}'");
        IList<IConfigurationSource> sources = ((IConfigurationBuilder)builder.Configuration).Sources;
        sources.Insert(BeforeEnvironment(sources), new KeyPerFileConfigurationSource
        {
            FileProvider = new PhysicalFileProvider(path),
            Optional = false,
            // Docker and Kubernetes put links to other folders there; those that begin with two dots are theirs.
            IgnoreCondition = name => name.StartsWith('.'),
        });
        return builder;
    }

    // The host's own variables (DOTNET_, ASPNETCORE_) come first and have a prefix; those without one are the settings.
    private static int BeforeEnvironment(IList<IConfigurationSource> sources)
    {
        for (int at = sources.Count - 1; at >= 0; at--)
        {
            if (sources[at] is EnvironmentVariablesConfigurationSource { Prefix: null or "" })
                return at;
        }
        return sources.Count;
    }
}
