using System.Xml.Linq;

namespace ShitOps.Architecture.Tests;

/// <summary>The checkout this test was built from.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static IEnumerable<string> Files(string folder, string pattern) => Directory
        .EnumerateFiles(Path.Combine(Root, folder), pattern, SearchOption.AllDirectories)
        .Where(file => !Relative(file).Split('/').Any(part => part is "bin" or "obj"));

    public static IEnumerable<string> Projects() => new[] { "src", "test", "bench" }.SelectMany(folder => Files(folder, "*.csproj"));

    public static string Relative(string file) => Path.GetRelativePath(Root, file).Replace('\\', '/');

    /// <summary>The values of an attribute of all elements of that name.</summary>
    public static string[] Values(string project, string element, string attribute = "Include") =>
        [.. XDocument.Load(project).Descendants(element).Select(e => e.Attribute(attribute)?.Value).OfType<string>()];

    public static string[] References(string project) =>
        [.. Values(project, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path.Replace('\\', '/'))).Order(StringComparer.Ordinal)];

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "ShitOps.Orleans.sln")))
                return folder.FullName;
        }
        throw new InvalidOperationException($"no solution above {AppContext.BaseDirectory}");
    }
}
