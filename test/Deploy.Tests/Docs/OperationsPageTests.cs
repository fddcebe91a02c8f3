using System.Globalization;
using MySqlConnector;
using ShitOps.TestKit.Clamd;
using ShitOps.TestKit.Databases;
using ShitOps.TestKit.Elastic;

namespace ShitOps.Deploy.Tests.Docs;

/// <summary>
/// docs/operations.md from beginning to end: installed, upgraded while messages run, saved, lost and restored, its keys
/// rotated. MariaDB, clamd, silos and gateways are real; Elasticsearch is the test kit's, systemd a script that reads the unit files.
/// </summary>
public sealed class OperationsPageTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const string Page = "docs/operations.md";
    private readonly Workplace _work = new();
    private readonly List<ShitOpsClient> _clients = [];
    private readonly Owned _servers = new();
    private MariaDbServer _database = null!;
    private ElasticServer _elastic = null!;
    private string _secrets = "";

    public async ValueTask InitializeAsync()
    {
        Task<ClamdServer> clamd = ClamdServer.StartAsync();
        _database = _servers.Add(await MariaDbServer.StartNewAsync());
        _secrets = _work.PutFolder("/etc/shitops", "etc");
        _work.PutFolder("/opt/shitops", "opt");
        _work.PutFolder("/var/backups/shitops", "backups");
        _work.PutFolder("/etc/systemd/system", "units");
        _work.Put("tcp://127.0.0.1:3310", _servers.Add(await clamd).TcpEndpoint);
        _work.Put("SHITOPS_DATABASE_SERVER=127.0.0.1", $"SHITOPS_DATABASE_SERVER='127.0.0.1;Port={_database.Port}'");
        for (int i = 1; i <= 2; i++)
        {
            _work.Put($"127.0.0.1:808{i}", Address());
            _work.Put($"127.0.0.1:809{i}", Address());
            _work.Put($"Cluster__SiloPort=1111{i}", $"Cluster__SiloPort={Loopback.FreePort()}");
            _work.Put($"Cluster__GatewayPort=3000{i}", $"Cluster__GatewayPort={Loopback.FreePort()}");
        }
        await File.WriteAllTextAsync(Path.Combine(_work.Home, ".my.cnf"), $"[client]\nhost=127.0.0.1\nport={_database.Port}\nprotocol=tcp\nuser=root\nskip-ssl\n");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ShitOpsClient client in _clients)
            client.Dispose();
        await _work.StopAsync();
        await _servers.DisposeAsync();
        _work.Dispose();
    }

    [Fact]
    [Runs(Page, "Install")]
    [Runs(Page, "Upgrade")]
    [Runs(Page, "Back up and restore")]
    [Runs(Page, "Certificates and keys")]
    [Runs(Page, "Alarms")]
    [Runs(Page, "`dead-letters`")]
    [Runs(Page, "`overdue`")]
    public async Task The_page_does_what_it_says()
    {
        try
        {
            await InstallAsync();
            ShitOpsClient[] operators = Both(Secret("gateway/SHITOPS_OPERATOR_KEY"));
            string dev = (await operators[0].PutTeamAsync("dev", "Development")).Key!, qa = (await operators[0].PutTeamAsync("qa-web", "QA")).Key!;
            await UpgradeAsync(dev, qa);
            await SaveAndRestoreAsync(dev, qa);
            await RotateAsync(dev, qa, operators[0]);
            foreach (string alarm in (string[])["Alarms", "`dead-letters`", "`overdue`"])
                await _work.RunAsync(Page, alarm);
        }
        catch (Exception)
        {
            output.WriteLine(_work.Logs());
            throw;
        }
    }

    private async Task InstallAsync()
    {
        await _work.RunAsync(Page, "Install", 0);
        await _work.RunAsync(Page, "Install", 1);
        // What is elsewhere set up by then: an Elasticsearch with that certificate and that user.
        _elastic = _servers.Add(await ElasticServer.StartNewAsync(new()
        {
            Certificate = (SecretFile("elasticsearch/http.crt"), SecretFile("elasticsearch/http.key")),
            User = ("shitops", Secret("silo/Elastic__Password")),
        }));
        _work.Put("https://localhost:9200", _elastic.Url.ToString().TrimEnd('/'));
        await _work.RunAsync(Page, "Install", 2);
        string told = await _work.RunAsync(Page, "Install", 3);
        Assert.DoesNotContain("failed", told, StringComparison.Ordinal);
        Assert.Contains("0 [] ok", told, StringComparison.Ordinal);
    }

    private async Task UpgradeAsync(string dev, string qa)
    {
        CommandBlock block = Document.Blocks.Single(b => b.File == Page && b.Heading == "Upgrade");
        int restarts = block.Text.IndexOf("for unit", StringComparison.Ordinal);
        Assert.True(restarts > 0, "the restarts are the second part");
        // The version after this one does not exist yet; between publishing and restarting it is made.
        await _work.RunAsync(block with { Text = block.Text[..restarts] });
        await NextVersion.PutIntoAsync(_work.Here("/opt/shitops/0.2.0/silo"), _work.Folder("next"));
        Assert.Empty(await MigrationsAsync("99"));
        var traffic = new Traffic(Both(dev), Both(qa), "qa-web");
        await traffic.DuringAsync(() => _work.RunAsync(block with { Text = block.Text[restarts..] }));
        Assert.Single(await MigrationsAsync("99"));
        Assert.NotEqual(0, traffic.Sent);
        output.WriteLine($"upgraded, schema too, under {traffic.Sent} messages; {traffic.Repeats} posts were made again, by another gateway");
        // And back by a version, on the newer schema.
        await _work.RunAsync(block with { Text = "ln -sfn 0.1.0 /opt/shitops/current\n" + block.Text[restarts..] });
        await new Traffic(Both(dev), Both(qa), "qa-web").DuringAsync(() => Task.CompletedTask);
    }

    private async Task SaveAndRestoreAsync(string dev, string qa)
    {
        CommandBlock[] blocks = [.. Document.Blocks.Where(b => b.File == Page && b.Heading == "Back up and restore")];
        ShitOpsClient sender = Both(dev)[0];
        Guid kept = (await sender.SendAndWaitAsync(NewMessage.Text("qa-web", "kept"), TimeSpan.FromSeconds(20))).Id;
        await _work.RunAsync(blocks[0]);
        Guid lost = (await sender.SendAsync(NewMessage.Text("qa-web", "lost"))).Id;
        // Of the installation nothing is left but the programs and the backup.
        foreach (string folder in Directory.EnumerateDirectories(_secrets))
            Directory.Delete(folder, recursive: true);
        await _work.RunAsync(blocks[1]);
        ShitOpsClient recipient = Both(qa)[1];
        Delivery delivery = Assert.Single(await recipient.LeaseAsync(100, TimeSpan.FromSeconds(20)));
        Assert.Equal((kept, "kept"), (delivery.Message.Id, delivery.Message.Body.GetString()));
        await recipient.AckAsync([delivery.DeliveryId]);
        Assert.Equal(404, (await Assert.ThrowsAsync<ShitOpsException>(() => sender.GetMessageAsync(lost))).Status);
        await new Traffic(Both(dev), Both(qa), "qa-web").DuringAsync(() => Task.CompletedTask);
    }

    private async Task RotateAsync(string dev, string qa, ShitOpsClient before)
    {
        string old = Secret("authority/operator"), password = Secret("authority/mysql");
        CommandBlock[] blocks = [.. Document.Blocks.Where(b => b.File == Page && b.Heading == "Certificates and keys")];
        await _work.RunAsync(blocks[0]);
        Assert.NotEqual(old, Secret("gateway/SHITOPS_OPERATOR_KEY"));
        Assert.Equal(401, (await Assert.ThrowsAsync<ShitOpsException>(() => before.GetTreeAsync())).Status);
        Assert.NotEmpty((await Both(Secret("gateway/SHITOPS_OPERATOR_KEY"))[1].GetTreeAsync()).Nodes);
        await _work.RunAsync(blocks[1]);
        Assert.NotEqual(password, Secret("authority/mysql"));
        await new Traffic(Both(dev), Both(qa), "qa-web").DuringAsync(() => Task.CompletedTask);
        Assert.Contains("proxy.crt: OK", await _work.RunAsync(blocks[2]), StringComparison.Ordinal);
    }

    private async Task<List<string>> MigrationsAsync(string version)
    {
        await using var connection = new MySqlConnection($"{_database.ConnectionString};Database=shitops");
        await connection.OpenAsync();
        await using var command = new MySqlCommand("SELECT name FROM schema_history WHERE version = @version AND success = 1", connection);
        command.Parameters.AddWithValue("version", version);
        await using MySqlDataReader reader = await command.ExecuteReaderAsync();
        var found = new List<string>();
        while (await reader.ReadAsync())
            found.Add(reader.GetString(0));
        return found;
    }

    /// <summary>By each of the two gateways; what goes wrong is told at once.</summary>
    private ShitOpsClient[] Both(string key)
    {
        ShitOpsClient[] both = [.. Enumerable.Range(1, 2).Select(i => new ShitOpsClient(
            new() { Address = new($"http://{_work.Here($"127.0.0.1:809{i.ToString(CultureInfo.InvariantCulture)}")}"), Key = key, Retries = 0 }))];
        _clients.AddRange(both);
        return both;
    }

    private static string Address() => $"127.0.0.1:{Loopback.FreePort().ToString(CultureInfo.InvariantCulture)}";

    private string SecretFile(string file) => Path.Combine(_secrets, file);

    private string Secret(string file) => File.ReadAllText(SecretFile(file)).Trim();
}
