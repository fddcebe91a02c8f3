using System.Text.RegularExpressions;

namespace ShitOps.Deploy.Tests.Docs;

/// <summary>A block of commands in a document, below the heading that stands before it.</summary>
internal sealed record CommandBlock(string File, string Heading, string Text)
{
    /// <summary>Lines that do something; one that is continued on the next counts by its beginning.</summary>
    public IEnumerable<string> Lines => Text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#');

    public override string ToString() => $"{File}, '{Heading}'";
}

/// <summary>Every document of the repository, and its commands.</summary>
internal static partial class Document
{
    public static IReadOnlyList<CommandBlock> Blocks { get; } = [.. Files().SelectMany(Read)];

    private static IEnumerable<string> Files() => Directory.EnumerateFiles(Tool.Root, "*.md", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(Tool.Root, file))
        .Where(file => !file.Split('/').Any(part => part is "bin" or "obj" or "artifacts" or "node_modules" || part.StartsWith('.')))
        .Order(StringComparer.Ordinal);

    private static IEnumerable<CommandBlock> Read(string file)
    {
        string heading = "";
        foreach (Match match in HeadingOrBlock().Matches(Tool.Read(file)))
        {
            if (match.Groups[1].Success)
                heading = match.Groups[1].Value;
            else if (match.Groups[2].Value is "sh" or "bash" or "shell" or "console")
                yield return new(file, heading, match.Groups[3].Value);
        }
    }

    [GeneratedRegex("^#{1,6} ([^\n]+)$|^```(\\w*)\n(.*?)\n```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex HeadingOrBlock();
}

/// <summary>This test runs the commands of that section, as they stand there.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class RunsAttribute(string file, string heading) : Attribute
{
    public string File => file;
    public string Heading => heading;
}
