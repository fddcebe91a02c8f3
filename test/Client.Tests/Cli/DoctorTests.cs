using System.Text.Json;
using ShitOps.Client.Tests.World;
using ShitOps.TestKit.Clamd;
using ShitOps.TestKit.Cluster;
using ShitOps.TestKit.Databases;

namespace ShitOps.Client.Tests.Cli;

/// <summary>doctor tells what is well, what is not, and what to do.</summary>
[Collection(nameof(Shared))]
public sealed class DoctorTests(Installation installation)
{
    private static string Status(Tool.Result result, string check) =>
        result.Json.SingleOrDefault(f => f.GetProperty("check").GetString()!.StartsWith(check, StringComparison.Ordinal)) is { ValueKind: JsonValueKind.Object } finding
            ? finding.GetProperty("status").GetString()!
            : throw new InvalidOperationException($"no check '{check}': {result}");

    [Fact]
    public async Task A_healthy_installation_is_told_so()
    {
        Tool.Result result = await new Tool(installation.Address, installation.Process.OperatorKey).RunAsync("doctor", "--json");
        Assert.True(result.Code == 0, result.ToString());
        // Standalone's own scanner is one for trying out, and that is told.
        Assert.Equal("warning", Status(result, "ready"));
        Assert.Contains("built-in scanner", result.Out, StringComparison.Ordinal);
        Assert.All((string[])["gateway", "key", "versions", "clock"], check => Assert.Equal("ok", Status(result, check)));
        Assert.All((string[])["database", "clamd", "elasticsearch"], check => Assert.Equal("skipped", Status(result, check)));
        Assert.Contains("operator", result.Json.Single(f => f.GetProperty("check").GetString() == "key").GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task EICAR_is_found_through_the_api_with_a_teams_key()
    {
        TestTeam team = await installation.TeamAsync();
        Tool.Result result = await new Tool(installation.Address, team.Key).RunAsync("doctor", "--json", "--eicar");
        Assert.True(result.Code == 0 && Status(result, "eicar") == "ok", result.ToString());
        Assert.Contains(await installation.Operator.GetQuarantineAsync("waiting").ToListAsync(), entry => entry.From == team.Name);
        Assert.Equal("a team's", result.Json.Single(f => f.GetProperty("check").GetString() == "key").GetProperty("detail").GetString());
    }

    [Fact]
    public async Task What_is_away_fails_with_advice()
    {
        Uri nobody = new($"http://127.0.0.1:{Loopback.FreePort()}");
        Tool.Result result = await new Tool(nobody, null).RunAsync(
            "doctor", "--retries", "0", "--database", $"Server=127.0.0.1;Port={Loopback.FreePort()};Database=x;User ID=x", "--clamd", $"tcp://127.0.0.1:{Loopback.FreePort()}", "--elastic", nobody.ToString());
        Assert.Equal(4, result.Code);
        Assert.All((string[])["gateway", "ready", "database", "clamd", "elasticsearch"], check => Assert.Contains(result.Lines, line => line.StartsWith($"failed  {check}", StringComparison.Ordinal)));
        Assert.Contains("→ start a gateway", result.Out, StringComparison.Ordinal);
        Assert.Contains("→ see whether clamd runs", result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_revoked_key_is_told()
    {
        Tool.Result result = await new Tool(installation.Address, "not-a-key").RunAsync("doctor", "--json");
        Assert.True(result.Code == 4 && Status(result, "key") == "failed", result.ToString());
    }

    [Fact]
    public async Task A_real_clamd_is_asked_itself_over_tcp_and_its_socket()
    {
        await using ClamdServer clamd = await ClamdServer.StartAsync();
        var tool = new Tool(installation.Address, installation.Process.OperatorKey);
        Tool.Result tcp = await tool.RunAsync("doctor", "--json", "--clamd", clamd.TcpEndpoint);
        Assert.True(tcp.Code == 0 && Status(tcp, "clamd") == "ok", tcp.ToString());
        Tool.Result unix = await tool.With("Antivirus__Endpoints__0", clamd.UnixEndpoint).RunAsync("doctor", "--json");
        Assert.True(unix.Code == 0 && Status(unix, "clamd unix://") == "ok", unix.ToString());
    }

    [Fact]
    public async Task A_real_database_is_signed_in_to_and_a_wrong_password_told()
    {
        await using MariaDbServer server = await MariaDbServer.StartNewAsync();
        string connection = await server.CreateDatabaseAsync();
        using var secrets = new TempFolder();
        await File.WriteAllTextAsync(secrets.File("ConnectionStrings__ShitOps"), connection + "\n");
        var tool = new Tool(installation.Address, installation.Process.OperatorKey);
        Tool.Result empty = await tool.With("SHITOPS_SECRETS", secrets.Path).RunAsync("doctor", "--json");
        Assert.True(empty.Code == 0 && Status(empty, "database") == "warning", empty.ToString());
        Assert.Contains("no schema", empty.Out, StringComparison.Ordinal);
        Tool.Result wrong = await tool.RunAsync("doctor", "--json", "--database", connection + ";User ID=nobody;Password=wrong");
        Assert.True(wrong.Code == 4 && Status(wrong, "database") == "failed", wrong.ToString());
        Assert.DoesNotContain("Password=", wrong.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_journal_is_looked_at_and_a_changed_row_is_told_with_its_place()
    {
        await using StandaloneProcess standalone = await StandaloneProcess.StartAsync();
        for (int i = 0; i < 5; i++)
            await standalone.Operator.CreateTeamAsync($"team-{i}");
        var tool = new Tool(standalone.Program.Address, standalone.SecurityKey);
        Tool.Result whole = await tool.RunAsync("doctor", "--json", "--verify-journal");
        Assert.True(whole.Code == 0 && Status(whole, "journal") == "ok", whole.ToString());
        Assert.Contains("0 faults", whole.Out, StringComparison.Ordinal);

        await using (var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(standalone.DataPath, "shitops.db")};Pooling=false"))
        {
            await connection.OpenAsync();
            await using Microsoft.Data.Sqlite.SqliteCommand command = connection.CreateCommand();
            command.CommandText = "PRAGMA busy_timeout = 5000; UPDATE journal SET at = at + 1 WHERE number = 2";
            Assert.Equal(1, await command.ExecuteNonQueryAsync());
        }
        Tool.Result changed = await tool.RunAsync("doctor", "--verify-journal");
        Assert.Equal(4, changed.Code);
        Assert.Contains(changed.Lines, line => line.StartsWith("failed  journal: changed: writer 1, row 2:", StringComparison.Ordinal));
        Tool.Result refused = await new Tool(standalone.Program.Address, null).RunAsync("doctor", "--json", "--verify-journal");
        Assert.True(refused.Code == 4 && Status(refused, "journal") == "failed", refused.ToString());
        Assert.Contains("only operators and security", refused.Out, StringComparison.Ordinal);
    }
}
