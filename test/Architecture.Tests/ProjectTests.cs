using System.Xml.Linq;

namespace ShitOps.Architecture.Tests;

public sealed class ProjectTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Grains.Interfaces"] = [],
        ["Grains"] = ["Grains.Interfaces"],
        ["Hosting"] = [],
        ["Silo"] = ["Grains", "Hosting"],
        ["Gateway"] = ["Grains.Interfaces", "Hosting"],
        ["Standalone"] = ["Gateway", "Silo"],
        // Clients know the API as everybody does, over HTTP.
        ["Client"] = [],
        ["Cli"] = ["Client"],
    };

    [Fact]
    public void References_between_rooms_run_one_way()
    {
        string[] projects = [.. Repository.Files("src", "*.csproj")];
        Assert.Equal(Allowed.Keys.Order(StringComparer.Ordinal), projects.Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal));
        Assert.All(projects, project => Assert.Equal(Allowed[Path.GetFileNameWithoutExtension(project)!], Repository.References(project)));
    }

    [Fact]
    public void Contracts_and_grains_need_nothing_but_Orleans()
    {
        foreach (string room in new[] { "Grains.Interfaces", "Grains" })
        {
            string project = Path.Combine(Repository.Root, "src", room, room + ".csproj");
            Assert.All(Repository.Values(project, "PackageReference"), package => Assert.StartsWith("Microsoft.Orleans.", package));
            Assert.Empty(Repository.Values(project, "FrameworkReference"));
        }
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        string solution = File.ReadAllText(Path.Combine(Repository.Root, "ShitOps.Orleans.sln")).Replace('\\', '/');
        Assert.All(Repository.Projects(), project => Assert.Contains($"\"{Repository.Relative(project)}\"", solution));
    }

    [Fact]
    public void Every_package_version_stands_in_one_place_and_is_exact()
    {
        string central = Path.Combine(Repository.Root, "Directory.Packages.props");
        Assert.All(Repository.Projects(), project =>
        {
            Assert.Empty(Repository.Values(project, "PackageReference", "Version"));
            Assert.Empty(Repository.Values(project, "PackageReference", "VersionOverride"));
            Assert.Empty(XDocument.Load(project).Descendants("PackageReference").Elements("Version"));
        });
        string[] names = Repository.Values(central, "PackageVersion");
        Assert.Equal(names.Length, names.Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.All(Repository.Values(central, "PackageVersion", "Version"), version => Assert.Matches(@"^(\d+(\.\d+)+(-[\w.]+)?|\$\(\w+\))$", version));
    }

    [Fact]
    public void No_project_softens_the_rules_of_the_house() => Assert.All(Repository.Projects(), project =>
    {
        XDocument xml = XDocument.Load(project);
        foreach (string rule in new[] { "Nullable", "TreatWarningsAsErrors", "EnforceCodeStyleInBuild", "AnalysisLevel", "WarningsNotAsErrors", "RunAnalyzers" })
            Assert.Empty(xml.Descendants(rule));
    });
}
