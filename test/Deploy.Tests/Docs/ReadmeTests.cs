using System.Text.RegularExpressions;

namespace ShitOps.Deploy.Tests.Docs;

/// <summary>What the READMEs tell to type, typed.</summary>
public sealed partial class ReadmeTests : IAsyncLifetime
{
    private readonly Workplace _work = new();
    private readonly string _address = $"http://127.0.0.1:{Loopback.FreePort()}";
    private ServerProcess? _demo;
    private string _operatorKey = "";

    /// <summary>The first command of the README, which goes on for as long as the others are tried.</summary>
    public async ValueTask InitializeAsync()
    {
        string command = Document.Blocks.First(b => b.File == "README.md").Lines.First();
        Assert.EndsWith("-- --demo", command.Split('#')[0].Trim(), StringComparison.Ordinal);
        _work.Put("http://127.0.0.1:8080", _address);
        _demo = ServerProcess.Start("the demo", "bash", ["-c", "exec " + command], new Dictionary<string, string?>(_work.Environs())
        {
            ["ASPNETCORE_URLS"] = _address,
            ["Data__Path"] = _work.Folder("data"),
            ["Cluster__SiloPort"] = $"{Loopback.FreePort()}",
            ["Cluster__GatewayPort"] = $"{Loopback.FreePort()}",
        }, Tool.Root);
        await _demo.UntilAsync(_ => Task.FromResult(_demo.Output.Contains("look around", StringComparison.Ordinal)), TimeSpan.FromSeconds(120));
        _operatorKey = OperatorKey().Match(_demo.Output).Groups[1].Value;
        _work.Put("THE_KEY_IT_PRINTED", _operatorKey);
    }

    public async ValueTask DisposeAsync()
    {
        if (_demo is not null)
            await _demo.DisposeAsync();
        _work.Dispose();
    }

    [Fact]
    [Runs("README.md", "Try it")]
    public async Task The_first_message_and_the_first_question_come_back_as_it_shows()
    {
        CommandBlock[] blocks = [.. Document.Blocks.Where(b => b.File == "README.md" && b.Heading == "Try it").Skip(1)];
        Assert.Equal(2, blocks.Length);
        string told = await _work.RunAsync(blocks);
        Assert.Contains("\"ready\":true", told, StringComparison.Ordinal);
        Assert.Contains("\"acknowledged\":1", told, StringComparison.Ordinal);
        Assert.Contains("\"result\":{\"yes\":1}", told, StringComparison.Ordinal);
        // What the demo says of the board is so.
        Assert.Contains($"the board: {_address}/", _demo!.Output, StringComparison.Ordinal);
        using HttpClient http = ApiClient.Connect(new(_address));
        Assert.Contains("Sign in", await http.GetStringAsync("/sign-in"), StringComparison.Ordinal);
    }

    [Fact]
    [Runs("src/Cli/README.md", "shitops")]
    public async Task The_command_line_is_packed_installed_and_sends()
    {
        var by = new ApiClient(ApiClient.Connect(new(_address)), _operatorKey);
        (_, PutTeam team) = await by.CreateTeamAsync("packer", "Dev");
        (ApiClient recipient, _) = await by.CreateTeamAsync("qa-web", "QA");
        string folder = Directory.CreateDirectory(Path.Combine(_work.Home, ".config/shitops")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "key"), team.Key);
        await _work.RunAsync("src/Cli/README.md", "shitops");
        Assert.True(File.Exists(Path.Combine(_work.Home, ".dotnet/tools/shitops")), "the tool is where .NET puts tools");
        Assert.Equal("build 812", Assert.Single(await recipient.ReceiveAsync(1)).Message.Subject);
    }

    [Fact]
    [Runs("deploy/kibana/README.md", "Import")]
    [Runs("deploy/kibana/README.md", "Kibana: dashboards, searches, alert rules")]
    public async Task Dashboards_and_rules_are_imported_and_are_what_the_tables_say()
    {
        await using var kibana = new RecordingServer(_ => (200, """{"success":true}"""));
        _work.Put("https://kibana.example:5601", kibana.Url);
        _work.Put("elastic:PASSWORD", "elastic:secret");
        string told = await _work.RunAsync("deploy/kibana/README.md", "Import");
        Assert.DoesNotContain("import failed", told, StringComparison.Ordinal);
        Assert.Equal("/api/saved_objects/_import?overwrite=true", kibana.Asked[0].Path);
        string[] rules = [.. Directory.EnumerateFiles(Tool.File("deploy/kibana/rules"), "*.json").Select(f => $"/api/alerting/rule/{Path.GetFileNameWithoutExtension(f).Split('.')[1]}")];
        Assert.Equal(rules.Order(), kibana.Asked[1..].Select(a => a.Path).Order());
        Assert.All(kibana.Asked, asked => Assert.Equal("elastic:secret", asked.User));
        await _work.RunAsync("deploy/kibana/README.md", "Kibana: dashboards, searches, alert rules");
    }

    [GeneratedRegex("operator key: (\\S+)")]
    private static partial Regex OperatorKey();
}
