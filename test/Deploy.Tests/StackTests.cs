using System.Globalization;
using System.Net;
using System.Text;
using ShitOps.TestKit.Elastic;

namespace ShitOps.Deploy.Tests;

/// <summary>The services' own command lines, environment and files, without containers.</summary>
public sealed class StackTests(StackFixture stack) : IClassFixture<StackFixture>
{
    [Fact]
    public async Task A_message_travels_from_team_to_team_through_the_proxy()
    {
        ApiClient by = stack.Client(stack.Secret("gateway/SHITOPS_OPERATOR_KEY"));
        (ApiClient dev, _) = await by.CreateTeamAsync("dev", "Development");
        (ApiClient qa, _) = await by.CreateTeamAsync("qa", "QA");
        Accepted sent = await dev.SendAsync(NewMessage.Of("qa", new { build = 812 }));
        Delivery delivery = Assert.Single(await qa.ReceiveAsync(1));
        Assert.Equal(sent.Id, delivery.Message.Id);
    }

    [Fact]
    public async Task What_happens_is_sent_to_Elasticsearch_with_the_user_and_the_authority_of_the_stack()
    {
        ApiClient by = stack.Client(stack.Secret("gateway/SHITOPS_OPERATOR_KEY"));
        await by.CreateTeamAsync("seen", "QA");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await stack.Elastic.UntilAsync("logs-shitops.pipeline-default", documents => documents.Any(Tells), limit.Token);

        static bool Tells(StoredDocument document)
        {
            string text = Encoding.UTF8.GetString(document.Source.Span);
            return text.Contains("team.created", StringComparison.Ordinal) && text.Contains("\"seen\"", StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("silo")]
    [InlineData("gateway")]
    public async Task The_health_check_of_the_image_says_that_it_is_well(string name)
    {
        (int exitCode, string output) = await Tool.TryRunAsync("bash", ["deploy/docker/healthy.sh", $"{stack.Address(name)}health/ready"]);
        Assert.True(exitCode == 0, output);
    }

    [Fact]
    public async Task The_health_check_of_the_image_says_that_nobody_is_there_or_that_the_answer_is_no()
    {
        string nobody = $"http://127.0.0.1:{Loopback.FreePort()}/health/ready";
        string[] addresses = [nobody, $"{stack.Address("gateway")}nothing/here", "https://127.0.0.1/"];
        Assert.All(addresses, address => Assert.NotEqual(0, Tool.TryRunAsync("bash", ["deploy/docker/healthy.sh", address]).GetAwaiter().GetResult().ExitCode));
    }

    [Fact]
    public async Task The_proxy_answers_its_own_health_check()
    {
        // As in compose.yaml, with the port of the test.
        string[] check = [.. ComposeFile.Texts(stack.Compose.Service("proxy").GetProperty("healthcheck"), "test").Skip(1)
            .Select(part => part.Replace("127.0.0.1:8443", stack.Proxy.Authority, StringComparison.Ordinal))];
        await Tool.RunAsync(check[0], check[1..]);
    }

    [Fact]
    public async Task Nothing_of_a_silo_but_its_dashboard_goes_out()
    {
        Assert.Equal(204, (await stack.Dashboard.GetAsync("/proxy")).Status);
        Assert.Equal(302, (await stack.Dashboard.GetAsync("/")).Status);
        Assert.All((string[])["/health/ready", "/metrics", "/dashboar"], path => Assert.Equal(404, stack.Dashboard.GetAsync(path).GetAwaiter().GetResult().Status));
    }

    [Fact]
    public async Task The_dashboard_shows_itself_to_the_operator_alone()
    {
        Assert.Equal(401, (await stack.Dashboard.GetAsync("/dashboard/")).Status);
        string key = Convert.ToBase64String(Encoding.UTF8.GetBytes("anyone:" + stack.Secret("gateway/SHITOPS_OPERATOR_KEY")));
        ApiAnswer shown = await stack.Dashboard.CallAsync(HttpMethod.Get, "/dashboard/", null, ("Authorization", "Basic " + key));
        Assert.Equal(200, shown.Status);
        Assert.Contains("<html", shown.Text, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("-tls1", false)]
    [InlineData("-tls1_1", false)]
    [InlineData("-tls1_2", true)]
    [InlineData("-tls1_3", true)]
    public async Task The_proxy_speaks_TLS_of_today_alone(string version, bool spoken)
    {
        // Without that level the client itself would refuse what is old.
        (int exitCode, string output) = await Tool.TryRunAsync(
            "bash", ["-c", $"openssl s_client -connect {stack.Proxy.Authority} {version} -cipher DEFAULT:@SECLEVEL=0 </dev/null"]);
        Assert.True(spoken == (exitCode == 0), output);
        Assert.True(spoken == !output.Contains("Cipher is (NONE)", StringComparison.Ordinal), output);
    }

    [Fact]
    public async Task Callers_behind_the_proxy_are_counted_by_their_own_addresses()
    {
        using HttpClient guesser = stack.From(IPAddress.Parse("127.0.0.2")), other = stack.From(IPAddress.Parse("127.0.0.3"));
        int status = 0;
        for (int i = 0; i < 500 && status != 429; i++)
            status = (await new ApiClient(guesser, $"{i:x8}-guessed").GetAsync("/v1/inbox")).Status;
        Assert.Equal(429, status);
        Assert.Equal(401, (await new ApiClient(other, "another-guessed").GetAsync("/v1/inbox")).Status);
        // What a caller says of itself counts for nothing.
        var said = new List<int>();
        for (int i = 0; i < 20; i++)
            said.Add((await new ApiClient(guesser, $"{i:x8}-once-more").CallAsync(HttpMethod.Get, "/v1/inbox", null, ("X-Forwarded-For", $"198.51.100.{i}"))).Status);
        Assert.Contains(429, said);
    }

    [Fact]
    public async Task An_attachment_of_25_MiB_goes_through_the_proxy()
    {
        ApiClient by = stack.Client(stack.Secret("gateway/SHITOPS_OPERATOR_KEY"));
        (ApiClient team, _) = await by.CreateTeamAsync("big", "QA");
        byte[] content = new byte[25 * 1024 * 1024];
        Attachment stored = await team.AttachAsync(content);
        Assert.Equal(content.Length, (await team.AttachmentAsync(stored.Id)).Length);
    }

    [Theory]
    [InlineData("silo")]
    [InlineData("gateway")]
    public async Task The_signal_that_stops_a_container_reaches_the_program_which_ends_in_order_in_its_time(string name)
    {
        string grace = ComposeFile.Text(stack.Compose.Service(name), "stop_grace_period");
        Assert.Equal(0, await stack.StopAndStartAsync(name, TimeSpan.FromSeconds(int.Parse(grace.TrimEnd('s'), CultureInfo.InvariantCulture))));
    }

    [Fact]
    public void No_secret_stands_in_what_the_programs_write()
    {
        string[] secrets = ["gateway/SHITOPS_OPERATOR_KEY", "gateway/SHITOPS_SECURITY_KEY", "mysql/password", "authority/mysql-gateway", "silo/Elastic__Password", "silo/sealing-key"];
        Assert.All(secrets, secret => Assert.DoesNotContain(stack.Secret(secret), stack.Output, StringComparison.Ordinal));
        Assert.NotEqual(0, Encoding.UTF8.GetByteCount(stack.Output));
    }
}
