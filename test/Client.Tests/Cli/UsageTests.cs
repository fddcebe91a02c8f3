using System.Diagnostics;
using System.Text.Json;
using ShitOps.Client.Tests.World;

namespace ShitOps.Client.Tests.Cli;

/// <summary>Exit codes, settings, completion, and what becomes of what others wrote.</summary>
[Collection(nameof(Shared))]
public sealed class UsageTests(Installation installation)
{
    [Theory]
    [InlineData("nonsense")]
    [InlineData("send qa")]
    [InlineData("send qa --text a --body 1")]
    [InlineData("send qa --body {")]
    [InlineData("send qa --file /there/is/no/such/file")]
    [InlineData("send qa --text a --priority soon")]
    [InlineData("send qa --text a --deliver-at tomorrow")]
    [InlineData("trace no-id")]
    [InlineData("dead-letters replay")]
    [InlineData("dead-letters replay 0198c5a0-0000-7000-8000-000000000000 --team qa")]
    [InlineData("webhooks set qa no-address")]
    [InlineData("webhooks test")]
    [InlineData("tree --retries many")]
    [InlineData("tree --url ftp://host")]
    [InlineData("tree --key a --key-file b")]
    [InlineData("tree --key-file /there/is/no/such/file")]
    public async Task A_command_line_that_cannot_be_used_ends_with_2_and_says_why(string line)
    {
        Tool.Result result = await new Tool(null, null).RunAsync(line.Split(' '));
        Assert.True(result.Code == 2 && result.Error.Length > 0, result.ToString());
    }

    [Fact]
    public async Task A_refusal_ends_with_1_and_tells_every_fault()
    {
        TestTeam team = await installation.TeamAsync();
        var tool = new Tool(installation.Address, team.Key);
        Tool.Result plain = await tool.RunAsync("send", "nobody-of-that-name", "--text", "x", "--ttl", "0");
        Assert.True(plain.Code == 1 && plain.Out.Length == 0 && plain.Error.Contains("/ttl", StringComparison.Ordinal), plain.ToString());
        Tool.Result json = await tool.RunAsync("send", "nobody-of-that-name", "--text", "x", "--json");
        Assert.Equal((1, 422), (json.Code, JsonElement.Parse(json.Error).GetProperty("status").GetInt32()));
        Tool.Result unknown = await new Tool(installation.Address, "not-a-key").RunAsync("inbox");
        Assert.True(unknown.Code == 1 && unknown.Error.Contains("SHITOPS_KEY", StringComparison.Ordinal), unknown.ToString());
    }

    [Fact]
    public async Task Nobody_there_ends_with_3()
    {
        Tool.Result result = await new Tool(new($"http://127.0.0.1:{Loopback.FreePort()}"), "k").RunAsync("inbox", "--retries", "0");
        Assert.True(result.Code == 3 && result.Error.StartsWith("shitops: ", StringComparison.Ordinal), result.ToString());
    }

    [Fact]
    public async Task The_key_may_stand_in_a_file()
    {
        TestTeam team = await installation.TeamAsync();
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder.File("key"), team.Key + "\n");
        var tool = new Tool(installation.Address, null);
        Assert.Equal(0, (await tool.RunAsync("inbox", "--key-file", folder.File("key"))).Code);
        Assert.Equal(0, (await tool.With("SHITOPS_KEY_FILE", folder.File("key")).RunAsync("inbox")).Code);
        Assert.Equal(0, (await new Tool(null, null).RunAsync("inbox", "--url", installation.Address.ToString(), "--key", team.Key)).Code);
    }

    [Fact]
    public async Task What_others_wrote_does_not_steer_the_terminal()
    {
        TestTeam from = await installation.TeamAsync(), to = await installation.TeamAsync();
        await from.Client.SendAsync(NewMessage.Text(to.Name, "\u001b[2J[red]gone[/]\u0007"));
        Tool.Result shown = await new Tool(installation.Address, to.Key).DoAsync("inbox", "--wait", "20", "--ack");
        Assert.Contains("\uFFFD[2J[red]gone[/]\uFFFD", shown.Out, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', shown.Out);
    }

    [Fact]
    public async Task Words_are_suggested()
    {
        var tool = new Tool(null, null);
        Assert.Contains("quarantine", (await tool.DoAsync("[suggest:9]", "shitops q")).Lines);
        Assert.Contains("urgent", (await tool.DoAsync("[suggest:27]", "shitops send qa --priority ")).Lines);
        Assert.Contains("--rotate-secret", (await tool.DoAsync("[suggest:30]", "shitops webhooks set qa url --")).Lines);
        Assert.Contains("--why", (await tool.DoAsync("[suggest:31]", "shitops dead-letters discard --")).Lines);
    }

    [Fact]
    public async Task Bash_completes_with_the_script_that_is_printed()
    {
        string script = (await new Tool(null, null).DoAsync("completion", "bash")).Out;
        string run = $$"""
            shitops() { dotnet '{{Tool.Path}}' "$@"; }
            {{script}}
            COMP_LINE='shitops dead-letters re' COMP_POINT=23
            _shitops
            printf '%s\n' "${COMPREPLY[@]}"
            """;
        using Process bash = Process.Start(new ProcessStartInfo("bash", ["-c", run]) { RedirectStandardOutput = true })!;
        string told = await bash.StandardOutput.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Contains("replay", told.Split('\n'));
        Assert.DoesNotContain("discard", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_command_has_a_help()
    {
        string help = (await new Tool(null, null).DoAsync("--help")).Out;
        string readme = await File.ReadAllTextAsync(Path.Combine(TestKit.Cluster.BuiltPrograms.SolutionFolder(), "src", "Cli", "README.md"));
        Assert.All((string[])["send", "inbox", "ask", "reply", "tasks", "trace", "tree", "quarantine", "dead-letters", "webhooks", "doctor", "completion"], command =>
        {
            Assert.Contains($"  {command} ", help, StringComparison.Ordinal);
            Assert.Contains($"`{command}", readme, StringComparison.Ordinal);
        });
    }
}
