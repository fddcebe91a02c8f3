namespace ShitOps.TestKit.Clamd;

/// <summary>Finds files of the repository from where the tests were built.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string File(string path) => Path.Combine(Root, path);

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (System.IO.File.Exists(Path.Combine(folder.FullName, "ShitOps.Orleans.sln")))
                return folder.FullName;
        }
        throw new DirectoryNotFoundException("ShitOps.Orleans.sln is in no folder above " + AppContext.BaseDirectory);
    }
}
