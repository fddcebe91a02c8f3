using System.Diagnostics;
using ShitOps.Client.Tests.World;
using ShitOps.TestKit.Clamd;

namespace ShitOps.Client.Tests.Docs;

/// <summary>
/// Every example of docs/api is run: the pages' commands by bash, the C# as it is compiled here. Each against an
/// installation of its own, for all of them use the same teams.
/// </summary>
[Collection(nameof(Shared))]
public sealed class ExampleTests(ITestOutputHelper output) : IAsyncLifetime
{
    private readonly Installation _installation = new();
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    public static TheoryData<string> Pages => [.. Page.Names];

    private sealed record Cast(ShitOpsClient Dev, ShitOpsClient Qa);

    public ValueTask InitializeAsync() => _installation.InitializeAsync();

    public ValueTask DisposeAsync() => _installation.DisposeAsync();

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task The_commands_of_a_page_do_what_it_says(string name)
    {
        Cast cast = await SetSceneAsync(name);
        using var folder = new TempFolder();
        // Examples stay plain; here they fail where a reader would see an error.
        await File.WriteAllTextAsync(folder.File(".curlrc"), "silent\nshow-error\nfail-with-body\nmax-time = 60\n");
        (int code, string written) = await BashAsync("set -euo pipefail\n" + Page.Read(name).Script, new()
        {
            ["api"] = _installation.Address.ToString().TrimEnd('/'),
            ["OPERATOR_KEY"] = _installation.Process.OperatorKey,
            ["SECURITY_KEY"] = _installation.Process.SecurityKey,
            ["DEV_KEY"] = cast.Dev.Options.Key!,
            ["QA_KEY"] = cast.Qa.Options.Key!,
            ["CURL_HOME"] = folder.Path,
        });
        output.WriteLine(written);
        Assert.True(code == 0, $"{name}.md ended with {code}:\n{written}");
        await CheckAsync(name, cast);
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task The_csharp_of_a_page_does_what_it_says(string name)
    {
        Cast cast = await SetSceneAsync(name);
        await (name switch
        {
            "teams" => Snippets.TeamsAsync(cast.Dev, _installation.Operator),
            "messages" => Snippets.MessagesAsync(cast.Dev),
            "inbox" => Snippets.InboxAsync(cast.Dev, cast.Qa),
            "asks" => Snippets.AsksAsync(cast.Dev, cast.Qa),
            "tasks" => Snippets.TasksAsync(cast.Dev, cast.Qa),
            "webhooks" => Snippets.WebhooksAsync(cast.Qa),
            "operations" => Snippets.OperationsAsync(cast.Dev, _installation.Operator, _installation.Security),
            _ => throw new InvalidOperationException($"{name}.md has no snippets"),
        }).WaitAsync(Limit);
        await CheckAsync(name, cast);
    }

    /// <summary>The teams of the examples, and what a page takes for given.</summary>
    private async Task<Cast> SetSceneAsync(string page)
    {
        var cast = new Cast(await TeamAsync("dev", "Dev"), await TeamAsync("qa-web", "QA"));
        switch (page)
        {
            case "inbox":
                for (int n = 1; n <= 3; n++)
                    await cast.Dev.SendAndWaitAsync(NewMessage.Text("qa-web", $"{n}"), TimeSpan.FromSeconds(10));
                break;
            case "operations":
                await TeamAsync("gone", "None");
                for (int n = 1; n <= 2; n++)
                {
                    await cast.Dev.SendAndWaitAsync(NewMessage.Text("gone", $"{n}"), TimeSpan.FromSeconds(10));
                    await cast.Dev.SendAndWaitAsync(new NewMessage("qa-web") { Bytes = Eicar.Plain }, TimeSpan.FromSeconds(10));
                }
                await _installation.Operator.RemoveTeamAsync("gone", force: true);
                break;
        }
        return cast;
    }

    private async Task<ShitOpsClient> TeamAsync(string name, string function)
    {
        await _installation.Operator.PutTeamAsync(name, function);
        return _installation.Operator.As((await _installation.Operator.AddTeamKeyAsync(name)).Key);
    }

    /// <summary>What has changed in the world, for the pages that are to change it.</summary>
    private async Task CheckAsync(string page, Cast cast)
    {
        switch (page)
        {
            case "teams":
                Assert.DoesNotContain(await _installation.Operator.GetTeamsAsync().ToListAsync(), team => team.Name == "design");
                break;
            case "messages":
                await TakeAsync(cast.Qa, 6);
                break;
            case "inbox":
                // What the stream of the page had shown and left comes to the next one at once.
                Delivery left = await cast.Qa.StreamAsync().FirstAsync().AsTask().WaitAsync(Limit);
                Assert.Equal(("dev", 1), (left.Message.From, (await cast.Qa.AckAsync([left.DeliveryId])).Acknowledged));
                break;
            case "asks":
                Delivery collation = Assert.Single(await cast.Dev.LeaseAsync());
                Assert.Equal(1, collation.Message.Body.GetProperty("result").GetProperty("yes").GetInt32());
                break;
            case "tasks":
                Assert.Equal(1, await cast.Qa.GetTasksAsync(new(State: "cancelled")).CountAsync());
                break;
            case "webhooks":
                Assert.Equal(404, (await Assert.ThrowsAsync<ShitOpsException>(() => cast.Qa.GetWebhookAsync("qa-web"))).Status);
                break;
            case "operations":
                Delivery released = Assert.Single(await cast.Qa.LeaseAsync());
                Assert.Equal(Eicar.Plain, released.Message.Bytes);
                await cast.Qa.AckAsync([released.DeliveryId]);
                break;
        }
    }

    /// <summary>Takes so many out of the inbox, which are then all that there were.</summary>
    private static async Task TakeAsync(ShitOpsClient team, int count)
    {
        using var limit = new CancellationTokenSource(Limit);
        int taken = 0;
        while (taken < count && await team.LeaseAsync(100, TimeSpan.FromSeconds(5), stop: limit.Token) is var some)
        {
            taken += some.Count;
            if (some.Count > 0)
                await team.AckAsync([.. some.Select(d => d.DeliveryId)], limit.Token);
        }
        Assert.Equal(count, taken);
        Assert.Empty(await team.LeaseAsync(100, TimeSpan.Zero, stop: limit.Token));
    }

    private static async Task<(int Code, string Written)> BashAsync(string script, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo("bash", ["-c", script]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        using Process bash = Process.Start(start)!;
        Task<string> told = bash.StandardOutput.ReadToEndAsync(), errors = bash.StandardError.ReadToEndAsync();
        try
        {
            await bash.WaitForExitAsync().WaitAsync(Limit);
        }
        catch (TimeoutException)
        {
            bash.Kill(entireProcessTree: true);
        }
        return (bash.HasExited ? bash.ExitCode : -1, await told + await errors);
    }
}
