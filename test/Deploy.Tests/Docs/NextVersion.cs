namespace ShitOps.Deploy.Tests.Docs;

/// <summary>A silo of the version after this one: the same sources, and one more migration, which changes a table and adds one.</summary>
internal static class NextVersion
{
    public const string Migration = "V99__the_next_version.sql";

    private const string Sql = """
        ALTER TABLE message ADD COLUMN of_the_next_version INT NULL;
        CREATE TABLE of_the_next_version (id INT NOT NULL, PRIMARY KEY (id)) ENGINE = InnoDB;
        """;

    /// <summary>Compiles the silo alone, beside the one that was built, and puts it into a published folder.</summary>
    /// <param name="folder">For what is made on the way.</param>
    public static async Task PutIntoAsync(string published, string folder)
    {
        await File.WriteAllTextAsync(Path.Combine(folder, Migration), Sql);
        string targets = Path.Combine(folder, "next.targets");
        await File.WriteAllTextAsync(targets, $"""
            <Project>
              <ItemGroup>
                <EmbeddedResource Include="{Path.Combine(folder, Migration)}" LogicalName="MySql.Migrations.{Migration}" />
              </ItemGroup>
            </Project>
            """);
        string made = Path.Combine(folder, "obj") + "/";
        await Tool.RunAsync(
            "dotnet", "msbuild", "src/Silo/Silo.csproj", "-nologo", "-verbosity:quiet", "-t:PrepareResources;Compile", $"-p:Configuration={Tool.Configuration}", "-p:Version=0.2.0", "-p:BuildProjectReferences=false",
            "-p:ProduceReferenceAssembly=false", $"-p:IntermediateOutputPath={made}", $"-p:CustomAfterMicrosoftCommonTargets={targets}");
        File.Copy(Path.Combine(made, "ShitOps.Silo.dll"), Path.Combine(published, "ShitOps.Silo.dll"), overwrite: true);
    }
}
