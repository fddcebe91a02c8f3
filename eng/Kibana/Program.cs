using System.Text;
using ShitOps.Kibana.Output;

namespace ShitOps.Kibana;

/// <summary>Writes <c>deploy/kibana</c>, or with <c>--check</c> tells whether it is what would be written.</summary>
internal static class Program
{
    private const int Different = 1, WrongUse = 2;

    public static int Main(string[] args)
    {
        if (args is not ([] or ["--check"]))
        {
            Console.Error.WriteLine("use: [--check]   writes deploy/kibana, or only says whether it is up to date");
            return WrongUse;
        }
        string root = FindRoot(Directory.GetCurrentDirectory()) ?? FindRoot(AppContext.BaseDirectory)
            ?? throw new InvalidOperationException("this is no checkout: no solution above the working folder");
        return Run(Path.Combine(root, "deploy", "kibana"), check: args.Length > 0, Console.Out);
    }

    /// <returns>0, or 1 if something is different and was only to be checked.</returns>
    public static int Run(string folder, bool check, TextWriter output)
    {
        Dictionary<string, string> wanted = Generated.Files();
        string rules = Path.Combine(folder, Generated.RulesFolder);
        string[] there = Directory.Exists(rules) ? Directory.GetFiles(rules) : [];
        string[] stray = [.. there.Select(f => $"{Generated.RulesFolder}/{Path.GetFileName(f)}").Where(f => !wanted.ContainsKey(f)).Order(StringComparer.Ordinal)];
        string[] changed = [.. wanted.Where(f => !Same(Path.Combine(folder, f.Key), f.Value)).Select(f => f.Key).Order(StringComparer.Ordinal)];
        foreach (string file in changed.Concat(stray))
            output.WriteLine($"{(check ? "not as described" : stray.Contains(file) ? "removed" : "written")}: {file}");
        if (check)
            return changed.Length + stray.Length == 0 ? 0 : Different;
        Directory.CreateDirectory(rules);
        foreach (string file in stray)
            File.Delete(Path.Combine(folder, file));
        foreach (string file in changed)
            File.WriteAllText(Path.Combine(folder, file), wanted[file], new UTF8Encoding(false));
        return 0;
    }

    private static bool Same(string file, string content) => File.Exists(file) && File.ReadAllText(file) == content;

    private static string? FindRoot(string start)
    {
        for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "ShitOps.Orleans.sln")))
                return folder.FullName;
        }
        return null;
    }
}
