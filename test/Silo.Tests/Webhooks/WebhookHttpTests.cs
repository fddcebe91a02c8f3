using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using ShitOps.Grains.Webhooks;
using ShitOps.Hosting.Configuration;
using ShitOps.Silo.Webhooks;
using ShitOps.TestKit.Webhooks;

namespace ShitOps.Silo.Tests.Webhooks;

/// <summary>Against a real https server on loopback.</summary>
public sealed class WebhookHttpTests
{
    private static readonly byte[] Secret = RandomNumberGenerator.GetBytes(32), Older = RandomNumberGenerator.GetBytes(32);
    private static readonly byte[] Body = """{"type":"webhook.test"}"""u8.ToArray();

    private static WebhookSettings Settings(WebhookReceiver receiver, params string[] networks) => new()
    {
        AllowNetworks = networks,
        CaFile = receiver.CaFile,
        Timeout = TimeSpan.FromSeconds(10),
    };

    private static WebhookHttp Sender(WebhookSettings settings, Func<string, IPAddress[]>? resolve = null) => new(
        settings, TimeProvider.System, resolve is null ? Dns.GetHostAddressesAsync : (host, _) => Task.FromResult(resolve(host)));

    private static async Task<PushResult> SendAsync(WebhookHttp sender, Uri url) =>
        await sender.SendAsync(new(url, "id_team", Body, [Secret, Older]), TestContext.Current.CancellationToken);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_push_arrives_signed_by_each_secret_and_says_nothing_of_the_cluster(bool byName)
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync();
        using WebhookHttp sender = Sender(Settings(receiver, "127.0.0.0/8", "::1/128"));
        PushResult result = await SendAsync(sender, byName ? receiver.UrlByName : receiver.Url);
        Assert.True(result.IsAccepted, result.ToString());
        Received got = Assert.Single(receiver.Received);
        Assert.Equal(Body, got.Body);
        Assert.Equal("application/json", got.Headers["content-type"]);
        Assert.Equal(
            new[] { Secret, Older }.Select(key => "v1," + Convert.ToBase64String(HMACSHA256.HashData(key, (byte[])[.. Encoding.ASCII.GetBytes($"id_team.{got.Timestamp}."), .. Body]))),
            got.Signatures);
        Assert.InRange(long.Parse(got.Timestamp, global::System.Globalization.CultureInfo.InvariantCulture) - TimeProvider.System.GetUtcNow().ToUnixTimeSeconds(), -30, 1);
        Assert.Equal(
            ["content-length", "content-type", "host", "user-agent", "webhook-id", "webhook-signature", "webhook-timestamp"], got.Headers.Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Loopback_that_is_not_allowed_is_not_even_connected_to(bool byName)
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync();
        using WebhookHttp sender = Sender(Settings(receiver));
        Assert.Equal(new PushResult(null, "address_not_allowed"), await SendAsync(sender, byName ? receiver.UrlByName : receiver.Url));
        Assert.Equal(0, receiver.Connections);
        Assert.Equal(byName, sender.Refuse(byName ? receiver.UrlByName : receiver.Url) is null);
    }

    [Fact]
    public async Task A_name_is_resolved_once_a_connection_and_only_what_was_looked_at_is_connected_to()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync();
        var asked = new List<string>();
        using WebhookHttp sender = Sender(Settings(receiver, "127.0.0.1/32"), host =>
        {
            asked.Add(host);
            // The metadata service and a neighbour first; a second answer would be theirs alone.
            return asked.Count == 1 ? [IPAddress.Parse("169.254.169.254"), IPAddress.Parse("::ffff:10.0.0.1"), IPAddress.Loopback] : [IPAddress.Parse("169.254.169.254")];
        });
        Assert.True((await SendAsync(sender, receiver.UrlByName)).IsAccepted);
        Assert.Equal(["localhost"], asked);
        Assert.Equal(1, receiver.Connections);
        using WebhookHttp other = Sender(Settings(receiver, "127.0.0.1/32"), _ => [IPAddress.Parse("169.254.169.254"), IPAddress.Parse("fd00:ec2::254")]);
        Assert.Equal("address_not_allowed", (await SendAsync(other, receiver.UrlByName)).Reason);
    }

    [Fact]
    public async Task A_redirect_is_a_failure_and_is_not_followed()
    {
        await using WebhookReceiver elsewhere = await WebhookReceiver.StartAsync();
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync((_, http) =>
        {
            http.Response.Redirect(elsewhere.Url.ToString(), permanent: false, preserveMethod: true);
            return Task.CompletedTask;
        });
        using WebhookHttp sender = Sender(Settings(receiver, "127.0.0.0/8"));
        Assert.Equal(new PushResult(307, "redirect"), await SendAsync(sender, receiver.Url));
        Assert.Equal(0, elsewhere.Connections);
    }

    [Theory]
    [InlineData(200, null)]
    [InlineData(202, null)]
    [InlineData(400, "400")]
    [InlineData(410, "410")]
    [InlineData(503, "503")]
    public async Task Only_2xx_accepts(int status, string? reason)
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync((_, http) =>
        {
            http.Response.Headers.RetryAfter = "77";
            return WebhookReceiver.Status(http, status);
        });
        using WebhookHttp sender = Sender(Settings(receiver, "127.0.0.0/8"));
        PushResult result = await SendAsync(sender, receiver.Url);
        Assert.Equal(new PushResult(status, reason, TimeSpan.FromSeconds(77)), result);
        Assert.Equal(status == 410, result.IsGone);
    }

    [Fact]
    public async Task A_certificate_of_somebody_else_is_refused()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync();
        await using WebhookReceiver other = await WebhookReceiver.StartAsync();
        using WebhookHttp sender = Sender(Settings(other, "127.0.0.0/8"));
        Assert.Equal(new PushResult(null, "tls"), await SendAsync(sender, receiver.Url));
        Assert.Empty(receiver.Received);
    }

    [Fact]
    public async Task A_receiver_that_does_not_answer_in_time_has_not_accepted()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync((_, http) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, http.RequestAborted));
        WebhookSettings settings = Settings(receiver, "127.0.0.0/8");
        settings.Timeout = TimeSpan.FromSeconds(1);
        using WebhookHttp sender = Sender(settings);
        Assert.Equal(new PushResult(null, "timeout"), await SendAsync(sender, receiver.Url).WaitAsync(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public async Task An_answer_without_end_is_not_read()
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync(async (_, http) =>
        {
            byte[] some = new byte[64 * 1024];
            try
            {
                while (true)
                    await http.Response.Body.WriteAsync(some, http.RequestAborted);
            }
            catch (Exception error) when (error is OperationCanceledException or IOException)
            {
                ended.SetResult();
            }
        });
        using WebhookHttp sender = Sender(Settings(receiver, "127.0.0.0/8"));
        Assert.True((await SendAsync(sender, receiver.Url).WaitAsync(TimeSpan.FromSeconds(20))).IsAccepted);
        // The connection is given up: the receiver notices.
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Headers_without_measure_are_not_read()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync((_, http) =>
        {
            http.Response.Headers["x-long"] = new string('x', 40_000);
            return WebhookReceiver.Status(http, 204);
        });
        using WebhookHttp sender = Sender(Settings(receiver, "127.0.0.0/8"));
        Assert.Equal(new PushResult(null, "answer_too_large"), await SendAsync(sender, receiver.Url));
    }

    [Fact]
    public async Task Nobody_there_and_a_name_that_is_none_are_told_by_a_word()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync();
        using WebhookHttp sender = Sender(Settings(receiver, "127.0.0.0/8"));
        Assert.Equal("unreachable", (await SendAsync(sender, new($"https://127.0.0.1:{TestKit.Loopback.FreePort()}/"))).Reason);
        using WebhookHttp lost = Sender(Settings(receiver, "127.0.0.0/8"), _ => throw new global::System.Net.Sockets.SocketException((int)global::System.Net.Sockets.SocketError.HostNotFound));
        Assert.Equal("name_unknown", (await SendAsync(lost, receiver.UrlByName)).Reason);
    }

    [Theory]
    [InlineData("https://example.org/hook", true)]
    [InlineData("https://9.9.9.9/", true)]
    [InlineData("http://example.org/hook", false)]
    [InlineData("ftp://example.org/hook", false)]
    [InlineData("https://name:word@example.org/", false)]
    [InlineData("https://example.org/#part", false)]
    [InlineData("https://127.0.0.1/", false)]
    [InlineData("https://2130706433/", false)]
    [InlineData("https://0x7f.1/", false)]
    [InlineData("https://[::1]/", false)]
    [InlineData("https://[::ffff:7f00:1]/", false)]
    [InlineData("https://169.254.169.254/latest/meta-data/", false)]
    public void An_address_is_judged_before_its_name_is_resolved(string url, bool fine)
    {
        using WebhookHttp sender = Sender(new());
        Assert.Equal(fine, sender.Refuse(new(url)) is null);
    }

    [Fact]
    public void Http_is_allowed_where_it_is_said()
    {
        using WebhookHttp sender = Sender(new() { AllowHttp = true });
        Assert.Null(sender.Refuse(new("http://example.org/")));
        Assert.NotNull(sender.Refuse(new("ftp://example.org/")));
    }
}
