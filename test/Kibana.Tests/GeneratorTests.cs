namespace ShitOps.Kibana.Tests;

public sealed class GeneratorTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kibana-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_is_committed_is_what_is_described()
    {
        var said = new StringWriter();
        Assert.True(Program.Run(Repository.Folder, check: true, said) == 0, $"run: dotnet run --project eng/Kibana\n{said}");
    }

    [Fact]
    public void What_was_written_passes_the_check_and_is_the_same_again()
    {
        Assert.Equal(1, Program.Run(_folder, check: true, TextWriter.Null));
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
        Assert.Equal(0, Program.Run(_folder, check: false, TextWriter.Null));
        Assert.Equal(0, Program.Run(_folder, check: true, TextWriter.Null));
        Assert.Equal(Repository.Ndjson, File.ReadAllText(Path.Combine(_folder, "shitops.ndjson")));
    }

    [Fact]
    public void A_file_changed_by_hand_is_named_and_written_anew()
    {
        Program.Run(_folder, check: false, TextWriter.Null);
        string file = Path.Combine(_folder, "shitops.ndjson");
        File.WriteAllText(file, File.ReadAllText(file).Replace("ShitOps: Flow", "Flow", StringComparison.Ordinal));
        var said = new StringWriter();
        Assert.Equal(1, Program.Run(_folder, check: true, said));
        Assert.Contains("shitops.ndjson", said.ToString(), StringComparison.Ordinal);
        Program.Run(_folder, check: false, TextWriter.Null);
        Assert.Equal(Repository.Ndjson, File.ReadAllText(file));
    }

    [Fact]
    public void A_rule_that_is_described_no_more_is_found_and_removed()
    {
        Program.Run(_folder, check: false, TextWriter.Null);
        string stray = Path.Combine(_folder, "rules", "old.5d1c6a52-0a0f-4d0b-9a5e-6f1d3c0b7aff.json");
        File.WriteAllText(stray, "{}");
        Assert.Equal(1, Program.Run(_folder, check: true, TextWriter.Null));
        Assert.Equal(0, Program.Run(_folder, check: false, TextWriter.Null));
        Assert.False(File.Exists(stray));
    }

    [Fact]
    public void Anything_but_check_is_wrong_use() => Assert.Equal(2, Program.Main(["--chek"]));
}
