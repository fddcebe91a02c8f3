using System.Diagnostics;
using System.Text;
using System.Text.Json;
using ShitOps.Client.Tests.World;
using ShitOps.TestKit.Clamd;
using ShitOps.TestKit.Cluster;
using ShitOps.TestKit.Webhooks;

namespace ShitOps.Client.Tests.Cli;

/// <summary>The built tool against a real process: every command, for people and with --json.</summary>
[Collection(nameof(Shared))]
public sealed class CommandTests(Installation installation)
{
    private Tool Of(TestTeam team) => new(installation.Address, team.Key);

    private Tool Operator => new(installation.Address, installation.Process.OperatorKey);

    [Fact]
    public async Task A_message_is_sent_shown_acknowledged_and_traced()
    {
        TestTeam from = await installation.TeamAsync("from"), to = await installation.TeamAsync("to");
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder.File("log.txt"), "a log");
        JsonElement sent = (await Of(from).DoAsync("send", to.Name, "--subject", "build 812", "--body", """{"ready":true}""", "--attach", folder.File("log.txt"), "--json")).Json.Single();
        Tool.Result shown = await Of(to).DoAsync("inbox", "--wait", "20", "--ack");
        Assert.Contains($"message from {from.Name}: build 812", shown.Lines[0], StringComparison.Ordinal);
        Assert.Contains(sent.GetProperty("id").GetString()!, shown.Lines[1], StringComparison.Ordinal);
        Assert.Equal("""  {"ready":true}""", shown.Lines[2]);
        Assert.StartsWith("  attachment ", shown.Lines[3], StringComparison.Ordinal);
        Assert.Equal("nothing\n", (await Of(to).DoAsync("inbox")).Out);
        Tool.Result trace = await Of(from).DoAsync("trace", sent.GetProperty("id").GetString()!);
        Assert.Contains("message.accepted", trace.Out, StringComparison.Ordinal);
        Assert.Contains("message.acknowledged", trace.Lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Standard_input_is_sent_byte_for_byte_and_without_ack_it_stays_open()
    {
        TestTeam from = await installation.TeamAsync(), to = await installation.TeamAsync();
        byte[] bytes = [0, 1, 2, 250, 10, 13];
        Tool.Result sent = await Of(from).RunAsync(bytes, ["send", to.Name, "--file", "-", "--content-type", "application/x-log", "--wait", "10"]);
        Assert.True(sent.Code == 0 && sent.Out.Contains("delivered", StringComparison.Ordinal), sent.ToString());
        JsonElement delivery = (await Of(to).DoAsync("inbox", "--json", "--wait", "20")).Json.Single();
        Assert.Equal(bytes, delivery.GetProperty("message").GetProperty("bodyBase64").GetBytesFromBase64());
        Assert.Equal(1, (await to.Client.AckAsync([delivery.GetProperty("deliveryId").GetGuid()])).Acknowledged);
    }

    [Fact]
    public async Task The_inbox_is_followed_until_interrupted()
    {
        TestTeam from = await installation.TeamAsync(), to = await installation.TeamAsync();
        using Process follow = Of(to).Start("inbox", "--follow", "--ack", "--json");
        try
        {
            foreach (string text in (string[])["one", "two"])
            {
                await from.Client.SendAsync(NewMessage.Text(to.Name, text));
                string? line = await follow.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60));
                Assert.Equal(text, JsonElement.Parse(line!).GetProperty("message").GetProperty("body").GetString());
            }
            using Process interrupt = Process.Start("kill", ["-INT", follow.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
            await follow.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
            Assert.Equal(130, follow.ExitCode);
        }
        finally
        {
            if (!follow.HasExited)
                follow.Kill();
        }
        Assert.Empty((await to.Client.GetOpenEndsAsync(to.Name)).Messages.Items);
    }

    [Fact]
    public async Task An_ask_is_replied_to_and_waited_for()
    {
        TestTeam asker = await installation.TeamAsync("asker"), asked = await installation.TeamAsync("asked");
        Task<Tool.Result> asking = Of(asker).DoAsync("ask", asked.Name, "--text", "how many?", "--collate", "sum", "--pointer", "/n", "--deadline", "5m", "--wait");
        Delivery question = Assert.Single(await asked.Client.LeaseAsync(wait: TimeSpan.FromSeconds(30)));
        await Of(asked).DoAsync("reply", question.Message.Ask!.Value.ToString(), "--body", """{"n":42}""");
        Tool.Result result = await asking;
        Assert.Contains("complete: 1 of 1 answered", result.Lines[0], StringComparison.Ordinal);
        Assert.Equal("42", result.Lines[^1]);
        Assert.Contains("ask.", (await Of(asker).DoAsync("trace", question.Message.Ask.Value.ToString())).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tasks_are_given_listed_and_moved_on()
    {
        TestTeam lead = await installation.TeamAsync("lead"), dev = await installation.TeamAsync("dev");
        string build = (await Of(lead).DoAsync("tasks", "create", dev.Name, "build it", "--due", "2h", "--json")).Json.Single().GetProperty("id").GetString()!;
        string test = (await Of(lead).DoAsync("tasks", "create", dev.Name, "test it", "--after", build, "--body", "1", "--json")).Json.Single().GetProperty("id").GetString()!;
        Assert.Contains(" started", (await Of(dev).DoAsync("tasks", "start", build)).Out, StringComparison.Ordinal);
        Assert.Contains(" done", (await Of(dev).DoAsync("tasks", "complete", build, "--result", "812")).Out, StringComparison.Ordinal);
        Tool.Result wrong = await Of(dev).RunAsync("tasks", "start", build);
        Assert.True(wrong.Code == 1 && wrong.Error.Contains("wrong_transition", StringComparison.Ordinal), wrong.ToString());
        Assert.Contains(" failed", (await Of(dev).DoAsync("tasks", "fail", test, "--reason", "red")).Out, StringComparison.Ordinal);
        Tool.Result list = await Of(lead).DoAsync("tasks", "--state", "done");
        Assert.Equal(2, list.Lines.Length);
        Assert.Contains("build it", list.Lines[1], StringComparison.Ordinal);
        Assert.Equal(2, (await Of(lead).DoAsync("tasks", "--json")).Json.Length);
    }

    [Fact]
    public async Task The_tree_is_drawn()
    {
        TestTeam team = await installation.TeamAsync("in-the-tree");
        Assert.Contains(team.Name, (await Operator.DoAsync("tree")).Out, StringComparison.Ordinal);
        Assert.NotEmpty((await Operator.DoAsync("tree", "--json")).Json.Single().GetProperty("nodes").EnumerateArray());
    }

    [Fact]
    public async Task Quarantine_is_listed_and_decided()
    {
        TestTeam from = await installation.TeamAsync("from"), to = await installation.TeamAsync("to");
        using var folder = new TempFolder();
        await File.WriteAllBytesAsync(folder.File("zip"), Eicar.Zip);
        for (int n = 0; n < 2; n++)
        {
            Tool.Result sent = await Of(from).RunAsync("send", to.Name, "--file", folder.File("zip"), "--wait", "20");
            Assert.True(sent.Code == 1 && sent.Out.Contains("quarantined", StringComparison.Ordinal), sent.ToString());
        }
        string[] ids = [.. (await Operator.DoAsync("quarantine", "list", "--state", "waiting", "--json")).Json.Where(e => e.GetProperty("from").GetString() == from.Name).Select(e => e.GetProperty("id").GetString()!)];
        Assert.Equal(2, ids.Length);
        Assert.Contains(from.Name, (await Operator.DoAsync("quarantine", "list")).Out, StringComparison.Ordinal);
        var security = new Tool(installation.Address, installation.Process.SecurityKey);
        Assert.Equal(1, (await Operator.RunAsync("quarantine", "release", ids[0], "--reason", "not mine to do")).Code);
        Assert.Contains("released", (await security.DoAsync("quarantine", "release", ids[0], "--reason", "a test")).Out, StringComparison.Ordinal);
        Assert.Contains("purged", (await security.DoAsync("quarantine", "purge", ids[1], "--reason", "a test")).Out, StringComparison.Ordinal);
        Assert.Single(await to.Client.LeaseAsync());
    }

    [Fact]
    public async Task Dead_letters_are_listed_replayed_and_discarded()
    {
        TestTeam from = await installation.TeamAsync("from"), to = await installation.TeamAsync("left");
        for (int n = 0; n < 2; n++)
            await from.Client.SendAndWaitAsync(NewMessage.Text(to.Name, "x"), TimeSpan.FromSeconds(10));
        await installation.Operator.RemoveTeamAsync(to.Name, force: true);
        JsonElement group = (await Operator.DoAsync("dead-letters", "list", "--team", to.Name, "--json")).Json.Single();
        string[] ids = [.. group.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("message").GetString()!)];
        Assert.Equal(2, ids.Length);
        Assert.Contains(ids[0], (await Operator.DoAsync("dead-letters", "list", "--team", to.Name)).Out, StringComparison.Ordinal);
        Assert.Equal("1 discarded\n", (await Operator.DoAsync("dead-letters", "discard", ids[0], "--why", "told by telephone")).Out);
        Assert.Equal(1, (await Operator.DoAsync("dead-letters", "replay", ids[1], "--json")).Json.Single().GetProperty("number").GetInt32());
        Assert.Contains("told by telephone", (await Operator.DoAsync("trace", ids[0])).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_webhook_is_set_shown_tested_and_removed()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync();
        await using StandaloneProcess standalone = await StandaloneProcess.StartAsync(more: new()
        {
            ["Webhooks__AllowNetworks__0"] = "127.0.0.0/8",
            ["Webhooks__CaFile"] = receiver.CaFile,
        });
        Uri address = standalone.Program.Address!;
        using var admin = new ShitOpsClient(new() { Address = address, Key = standalone.OperatorKey });
        var team = new Tool(address, (await admin.PutTeamAsync("hooked", "Test")).Key);
        Tool.Result set = await team.DoAsync("webhooks", "set", "hooked", receiver.Url.ToString());
        Assert.Equal($"hooked on {receiver.Url}", set.Lines[0]);
        Assert.StartsWith("secret, shown this once: whsec_", set.Lines[1], StringComparison.Ordinal);
        Assert.StartsWith("accepted, 204, after ", (await team.DoAsync("webhooks", "test", "hooked")).Out, StringComparison.Ordinal);
        Assert.Contains("webhook.test", Encoding.UTF8.GetString(Assert.Single(receiver.Received).Body), StringComparison.Ordinal);
        JsonElement rotated = (await team.DoAsync("webhooks", "set", "hooked", receiver.Url.ToString(), "--rotate-secret", "--json")).Json.Single();
        Assert.NotEqual(set.Lines[1].Split(' ')[^1], rotated.GetProperty("secret").GetString());
        // An operator sees no path, and names no address.
        var watching = new Tool(address, standalone.OperatorKey);
        Assert.DoesNotContain("/hook", (await watching.DoAsync("webhooks", "show", "hooked")).Out, StringComparison.Ordinal);
        Assert.Equal(1, (await watching.RunAsync("webhooks", "set", "hooked", receiver.Url.ToString())).Code);
        await receiver.DisposeAsync();
        Tool.Result nobody = await team.RunAsync("webhooks", "test", "hooked", "--json");
        Assert.True(nobody.Code == 1 && !nobody.Json.Single().GetProperty("accepted").GetBoolean(), nobody.ToString());
        Assert.Equal("removed\n", (await watching.DoAsync("webhooks", "remove", "hooked")).Out);
        Assert.Equal(1, (await team.RunAsync("webhooks", "show", "hooked")).Code);
    }
}
