namespace ShitOps.Deploy.Tests;

/// <summary>What the set-up service makes at the first start.</summary>
public sealed class SecretsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Everything_that_the_services_are_told_to_read_is_made()
    {
        await MakeAsync();
        string[] files =
        [
            "mysql/password", "mysql/root-password", "mysql/users.sql", "silo/ConnectionStrings__ShitOps", "silo/sealing-key", "silo/Elastic__Password", "silo/SHITOPS_OPERATOR_KEY", "silo/ca.crt",
            "gateway/ConnectionStrings__ShitOps", "gateway/sealing-key", "gateway/SHITOPS_OPERATOR_KEY", "gateway/SHITOPS_SECURITY_KEY",
            "elasticsearch/elastic-password", "elasticsearch/http.key", "elasticsearch/http.crt", "elasticsearch/ca.crt",
            "elastic-setup/netrc", "elastic-setup/kibana_system.json", "elastic-setup/shitops.json", "elastic-setup/collector.json", "elastic-setup/ca.crt",
            "kibana/kibana.yml", "kibana/ca.crt", "otel/elastic-password", "otel/ca.crt", "proxy/proxy.key", "proxy/proxy.crt", "proxy/ca.crt",
        ];
        Assert.Equal(files.Order(StringComparer.Ordinal), Made().Keys.Where(f => !f.StartsWith("authority/", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_second_start_changes_nothing()
    {
        await MakeAsync();
        Dictionary<string, string> first = Made();
        await MakeAsync();
        Assert.Equal(first, Made());
    }

    [Fact]
    public async Task What_was_removed_comes_back_as_it_was_for_all_who_share_it()
    {
        await MakeAsync();
        Dictionary<string, string> first = Made();
        Directory.Delete(_folder.File("silo"), recursive: true);
        await MakeAsync();
        Assert.Equal(first, Made());
    }

    [Fact]
    public async Task What_was_removed_from_the_authority_is_made_anew_for_all_who_share_it_and_nothing_else_is()
    {
        await MakeAsync();
        Dictionary<string, string> first = Made();
        File.Delete(_folder.File("authority/operator"));
        await MakeAsync();
        string[] changed = [.. Made().Where(f => first[f.Key] != f.Value).Select(f => f.Key).Order(StringComparer.Ordinal)];
        Assert.Equal(["authority/operator", "gateway/SHITOPS_OPERATOR_KEY", "silo/SHITOPS_OPERATOR_KEY"], changed);
    }

    [Fact]
    public async Task Everyone_gets_what_it_needs_and_no_more()
    {
        await MakeAsync();
        Dictionary<string, string> made = Made();
        string[] SeenBy(string secret) => [.. made.Where(f => !f.Key.StartsWith("authority/", StringComparison.Ordinal) && f.Value.Contains(secret, StringComparison.Ordinal))
            .Select(f => f.Key.Split('/')[0]).Distinct().Order(StringComparer.Ordinal)];
        Assert.Equal(["mysql", "silo"], SeenBy(made["authority/mysql"]));
        Assert.Equal(["gateway", "mysql"], SeenBy(made["authority/mysql-gateway"]));
        Assert.Equal(["mysql"], SeenBy(made["authority/mysql-root"]));
        Assert.Equal(["gateway", "silo"], SeenBy(made["authority/operator"]));
        Assert.Equal(["gateway"], SeenBy(made["authority/security"]));
        Assert.Equal(["gateway", "silo"], SeenBy(made["authority/sealing-key"]));
        Assert.Equal(["elastic-setup", "elasticsearch"], SeenBy(made["authority/elastic"]));
        Assert.Equal(["elastic-setup", "kibana"], SeenBy(made["authority/elastic-kibana"]));
        Assert.Empty(SeenBy(made["authority/ca.key"]));
        Assert.Equal(32, Convert.FromBase64String(made["authority/sealing-key"]).Length);
    }

    [Fact]
    public async Task Files_are_for_their_owner_alone()
    {
        await MakeAsync();
        Assert.All(Made().Keys.Where(f => !f.StartsWith("authority/", StringComparison.Ordinal)), file =>
            Assert.Equal(UnixFileMode.UserRead, File.GetUnixFileMode(_folder.File(file))));
        Assert.All(Made().Keys, file => Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(_folder.File(file)) & (UnixFileMode)0b000_111_111));
    }

    [Fact]
    public async Task Certificates_are_of_our_authority_and_for_the_names_by_which_services_are_called()
    {
        await MakeAsync("hub.example.org,192.0.2.7");
        string[] names = [.. new[] { "localhost", "hub.example.org" }.Select(n => "-verify_hostname " + n), "-verify_ip 192.0.2.7", "-verify_ip ::1"];
        Assert.All(names, name => Verify("proxy/proxy.crt", name));
        Verify("elasticsearch/http.crt", "-verify_hostname elasticsearch");
    }

    private void Verify(string certificate, string check) => Tool.RunAsync(
        "openssl", ["verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", _folder.File("proxy/ca.crt"), .. check.Split(' '), _folder.File(certificate)]).GetAwaiter().GetResult();

    private async Task MakeAsync(string hosts = "")
    {
        (int exitCode, string output) = await Tool.TryRunAsync("bash", ["deploy/setup/secrets.sh", _folder.Path], new Dictionary<string, string?> { ["SHITOPS_HOSTS"] = hosts });
        Assert.True(exitCode == 0, output);
    }

    private Dictionary<string, string> Made() => Directory.EnumerateFiles(_folder.Path, "*", SearchOption.AllDirectories)
        .ToDictionary(f => Path.GetRelativePath(_folder.Path, f), f => File.ReadAllText(f).Trim());
}
