namespace ShitOps.TestKit.Cluster;

/// <summary>
/// The programs as they were built: below <c>SHITOPS_TEST_BIN</c> (one folder a program, as published) if that is set,
/// else in the solution's folders, in the configuration in which the tests were built.
/// </summary>
public static class BuiltPrograms
{
    public const string FolderVariable = "SHITOPS_TEST_BIN";

    /// <param name="project">Silo, Gateway or Standalone.</param>
    /// <exception cref="FileNotFoundException">It was not built.</exception>
    public static string Find(string project)
    {
        string path = Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } folder
            ? Path.Combine(folder, project, $"ShitOps.{project}.dll")
            : Path.Combine(SolutionFolder(), "src", project, "bin", Configuration(), "net10.0", $"ShitOps.{project}.dll");
        return File.Exists(path) ? path : throw new FileNotFoundException($"{project} is not built", path);
    }

    public static string SolutionFolder()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "ShitOps.Orleans.sln")))
                return folder.FullName;
        }
        throw new DirectoryNotFoundException($"no ShitOps.Orleans.sln above {AppContext.BaseDirectory}");
    }

    // …/bin/Debug/net10.0/
    private static string Configuration() => new DirectoryInfo(AppContext.BaseDirectory).Parent?.Name ?? "Debug";
}
