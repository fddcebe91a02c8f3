using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ShitOps.Gateway.Tests.World;

namespace ShitOps.Gateway.Tests.Routes;

/// <summary>What a caller may take of the gateway before it is known, and after.</summary>
[Collection(nameof(GatewayCollection))]
public sealed class BoundsTests(GatewayFixture gateway)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    private async Task<NetworkStream> ConnectAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(gateway.Address.Host, gateway.Address.Port);
        return new(socket, ownsSocket: true);
    }

    /// <summary>Everything until the gateway closes the connection.</summary>
    private static async Task<string> ReadToEndAsync(NetworkStream stream)
    {
        using var limit = new CancellationTokenSource(Patience);
        var answer = new MemoryStream();
        try
        {
            await stream.CopyToAsync(answer, limit.Token);
        }
        catch (IOException)
        {
            // Cut off: an end as well.
        }
        return Encoding.ASCII.GetString(answer.ToArray());
    }

    [Fact]
    public async Task Headers_that_do_not_come_to_an_end_are_waited_for_ten_seconds()
    {
        await using NetworkStream stream = await ConnectAsync();
        await stream.WriteAsync("GET /health/live HTTP/1.1\r\nHost: x\r\nX-Slow: "u8.ToArray());
        long start = TimeProvider.System.GetTimestamp();
        string answer = await ReadToEndAsync(stream);
        Assert.StartsWith("HTTP/1.1 408", answer, StringComparison.Ordinal);
        Assert.InRange(TimeProvider.System.GetElapsedTime(start), TimeSpan.FromSeconds(5), Patience);
    }

    /// <param name="perSecond">Bytes; none after the first, or so few that the whole would take minutes.</param>
    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    public async Task A_body_that_stalls_or_trickles_is_cut_off(int perSecond)
    {
        (_, HttpClient team) = await gateway.TeamAsync();
        await using NetworkStream stream = await ConnectAsync();
        string head = $"POST /v1/messages HTTP/1.1\r\nHost: x\r\nAuthorization: {team.DefaultRequestHeaders.Authorization}\r\nContent-Type: application/json\r\nContent-Length: 10000\r\n\r\n{{";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head));
        using var cutOff = new CancellationTokenSource();
        Task trickle = perSecond == 0 ? Task.CompletedTask : TrickleAsync(stream, perSecond, cutOff.Token);
        string answer = await ReadToEndAsync(stream);
        await cutOff.CancelAsync();
        await trickle;
        Assert.StartsWith("HTTP/1.1 408 ", answer, StringComparison.Ordinal);
    }

    private static async Task TrickleAsync(NetworkStream stream, int perSecond, CancellationToken stop)
    {
        using var pace = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / perSecond));
        try
        {
            while (await pace.WaitForNextTickAsync(stop))
                await stream.WriteAsync(" "u8.ToArray(), stop);
        }
        catch (Exception error) when (error is IOException or OperationCanceledException)
        {
            // The gateway has closed.
        }
    }

    [Fact]
    public async Task Lines_and_headers_beyond_their_measure_are_refused_before_any_route_is_looked_for()
    {
        using HttpClient team = (await gateway.TeamAsync()).Client;
        Assert.Equal(HttpStatusCode.RequestUriTooLong, (await team.GetAsync("/v1/inbox?x=" + new string('a', 5_000))).StatusCode);
        using var long_ = new HttpRequestMessage(HttpMethod.Get, "/v1/inbox");
        long_.Headers.Add("X-Long", new string('a', 20_000));
        Assert.Equal(HttpStatusCode.RequestHeaderFieldsTooLarge, (await team.SendAsync(long_)).StatusCode);
        using var many = new HttpRequestMessage(HttpMethod.Get, "/v1/inbox");
        for (int i = 0; i < 100; i++)
            many.Headers.Add(string.Create(CultureInfo.InvariantCulture, $"X-{i}"), "1");
        Assert.Equal(HttpStatusCode.RequestHeaderFieldsTooLarge, (await team.SendAsync(many)).StatusCode);
    }

    [Fact]
    public async Task A_body_that_would_grow_when_unpacked_is_not_unpacked()
    {
        (string name, HttpClient team) = await gateway.TeamAsync();
        (string other, _) = await gateway.TeamAsync();
        var packed = new MemoryStream();
        await using (var zip = new GZipStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
            await zip.WriteAsync(Encoding.UTF8.GetBytes($$"""{"to":"{{other}}","body":"{{new string('0', 10_000_000)}}"}"""));
        Assert.InRange(packed.Length, 1, 100_000);
        using var content = new ByteArrayContent(packed.ToArray());
        content.Headers.ContentType = new("application/json");
        content.Headers.ContentEncoding.Add("gzip");
        using HttpResponseMessage answer = await team.PostAsync("/v1/messages", content);
        Assert.InRange((int)answer.StatusCode, 400, 415);
        Assert.DoesNotContain(gateway.World.Messages.Values, stored => stored.Message.From == name);
    }

    [Theory]
    [InlineData("/v1/inbox", 401)]
    [InlineData("/v1/nothing", 401)]
    [InlineData("/health/live", 200)]
    [InlineData("/openapi/v1.json", 200)]
    [InlineData("/docs", 200)]
    public async Task Every_answer_tells_browsers_to_keep_frame_sniff_and_tell_nothing(string path, int status)
    {
        using HttpClient anyone = gateway.With(null);
        using HttpResponseMessage answer = await anyone.GetAsync(path);
        Assert.Equal(status, (int)answer.StatusCode);
        string Header(string name) => string.Join(',', answer.Headers.TryGetValues(name, out IEnumerable<string>? values) ? values : []);
        Assert.Equal(("nosniff", "no-referrer"), (Header("X-Content-Type-Options"), Header("Referrer-Policy")));
        Assert.Contains("no-store", Header("Cache-Control"), StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", Header("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.Contains(path == "/docs" ? "default-src 'self'" : "default-src 'none'", Header("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.Equal("", Header("Server"));
    }
}
