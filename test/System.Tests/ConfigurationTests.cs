using System.Text;

namespace ShitOps.System.Tests;

/// <summary>A configuration that cannot be used stops the process at once, with every fault named.</summary>
public sealed class ConfigurationTests
{
    private const string Database = "Server=127.0.0.1;Port=1;Database=shitops;User ID=nobody;Password=none";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_silo_without_a_scanner_refuses_to_start()
    {
        using var folder = new TempFolder();
        string told = await RefusesAsync("Silo", folder, new() { ["ConnectionStrings__ShitOps"] = Database, ["Sealing__KeyFile"] = KeyFile(folder) });
        Assert.Contains("Antivirus:Endpoints", told, StringComparison.Ordinal);
        Assert.DoesNotContain("Sealing:", told, StringComparison.Ordinal);
        Assert.DoesNotContain("ConnectionStrings:", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gateway_without_a_database_refuses_to_start()
    {
        using var folder = new TempFolder();
        Assert.Contains("ConnectionStrings:ShitOps", await RefusesAsync("Gateway", folder, new() { ["Sealing__KeyFile"] = KeyFile(folder) }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Silo")]
    [InlineData("Gateway")]
    public async Task Outside_development_the_key_ring_must_be_wrapped(string project)
    {
        using var folder = new TempFolder();
        string told = await RefusesAsync(project, folder, new() { ["ConnectionStrings__ShitOps"] = Database, ["Antivirus__Endpoints__0"] = "tcp://127.0.0.1:1" });
        Assert.Contains("Sealing:KeyFile", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_fault_is_named_at_once()
    {
        using var folder = new TempFolder();
        string bad = folder.File("bad.key");
        await File.WriteAllTextAsync(bad, Convert.ToBase64String(new byte[31]));
        string told = await RefusesAsync("Silo", folder, new()
        {
            ["Cluster__SiloPort"] = "eleven",
            ["Cluster__GatewayPort"] = "70000",
            ["Antivirus__Endpoints__0"] = "http://nowhere",
            ["Sealing__KeyFile"] = bad,
        });
        Assert.All(
            (string[])["ConnectionStrings:ShitOps", "Cluster:SiloPort", "Cluster:GatewayPort", "Antivirus:Endpoints", "Sealing:KeyFile"],
            key => Assert.Contains(key, told, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_misspelt_setting_is_named_with_what_it_may_have_meant()
    {
        using var folder = new TempFolder();
        string told = await RefusesAsync("Silo", folder, new()
        {
            ["ConnectionStrings__ShitOps"] = Database,
            ["Sealing__KeyFile"] = KeyFile(folder),
            ["Antivirus__Endpoints__0"] = "tcp://127.0.0.1:1",
            ["Cluster__SiloProt"] = "12000",
        });
        Assert.Contains("SiloProt", told, StringComparison.Ordinal);
        Assert.Contains("SiloPort", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task First_keys_that_cannot_be_used_are_refused_and_not_told()
    {
        using var folder = new TempFolder();
        string told = await RefusesAsync("Gateway", folder, new()
        {
            ["ConnectionStrings__ShitOps"] = Database,
            ["Sealing__KeyFile"] = KeyFile(folder),
            ["SHITOPS_OPERATOR_KEY"] = "tiny-one",
            ["SHITOPS_SECURITY_KEY"] = "with a space in it",
        });
        Assert.Contains("SHITOPS_OPERATOR_KEY", told, StringComparison.Ordinal);
        Assert.Contains("SHITOPS_SECURITY_KEY", told, StringComparison.Ordinal);
        Assert.DoesNotContain("tiny-one", told, StringComparison.Ordinal);
        Assert.DoesNotContain("with a space", told, StringComparison.Ordinal);
    }

    private static async Task<string> RefusesAsync(string project, TempFolder folder, Dictionary<string, string?> settings)
    {
        await using var program = new ProgramUnderTest(project, project, address: null, folder.Path, settings);
        program.Start();
        await program.UntilExitAsync(Limit);
        Assert.NotEqual(0, program.ExitCode);
        string told = program.Output;
        // Told in lines for people, not as a crash.
        Assert.DoesNotContain("Unhandled exception", told, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ShitOps", told, StringComparison.Ordinal);
        return told;
    }

    private static string KeyFile(TempFolder folder)
    {
        string path = folder.File("sealing.key");
        File.WriteAllText(path, Convert.ToBase64String(Encoding.ASCII.GetBytes("0123456789abcdef0123456789abcdef")));
        return path;
    }
}
