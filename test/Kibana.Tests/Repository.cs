namespace ShitOps.Kibana.Tests;

/// <summary>The committed files of the checkout this test was built from.</summary>
internal static class Repository
{
    public static string Folder { get; } = Find();

    public static string Ndjson { get; } = File.ReadAllText(Path.Combine(Folder, "shitops.ndjson"));

    public static string[] RuleFiles { get; } = [.. Directory.GetFiles(Path.Combine(Folder, "rules"), "*.json").Order(StringComparer.Ordinal)];

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "ShitOps.Orleans.sln")))
                return Path.Combine(folder.FullName, "deploy", "kibana");
        }
        throw new InvalidOperationException($"no solution above {AppContext.BaseDirectory}");
    }
}
