using System.Net.WebSockets;
using System.Text;
using ShitOps.Board.Tests.Fixtures;

namespace ShitOps.Board.Tests;

/// <summary>What pages of the board may take of a gateway.</summary>
public sealed class CircuitTests : IAsyncLifetime
{
    private const int PerKey = 2, InAll = 3, MessageBytes = 16 * 1024;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly Chromium _chromium = new();
    private StandaloneProcess _standalone = null!;

    private Uri Address => _standalone.Program.Address!;

    public async ValueTask InitializeAsync() => _standalone = await StandaloneProcess.StartAsync(more: new()
    {
        ["Gateway__BoardPages"] = $"{InAll}",
        ["Gateway__BoardPagesPerUser"] = $"{PerKey}",
        ["Gateway__BoardKeptPages"] = "0",
        ["Gateway__BoardMessageBytes"] = $"{MessageBytes}",
    });

    public async ValueTask DisposeAsync()
    {
        await _chromium.DisposeAsync();
        await _standalone.DisposeAsync();
    }

    /// <summary>A page that is connected: it reacts.</summary>
    private async Task<BoardPage> OpenAsync(string key)
    {
        BoardPage board = await BoardPage.SignedInAsync(await _chromium.NewAsync(Address), key);
        await board.Page.GetByRole(AriaRole.Button, new() { NameRegex = new("^(Dark|Light) colours$") }).WaitForAsync();
        return board;
    }

    /// <summary>What a connection would be answered now.</summary>
    private static async Task<int> AskAsync(BoardPage board) => (await board.Page.Context.APIRequest.PostAsync("/_blazor/negotiate?negotiateVersion=1")).Status;

    private static Task UntilAsync(BoardPage board, int status, string why) => Eventually.UntilAsync(() => AskAsync(board), seen => seen == status, Limit, why);

    [Fact]
    public async Task One_key_opens_so_many_pages_and_another_key_still_opens_one()
    {
        await using BoardPage first = await OpenAsync(_standalone.OperatorKey);
        BoardPage second = await OpenAsync(_standalone.OperatorKey);
        await UntilAsync(first, 429, "two are open, and a third is refused");
        await using BoardPage other = await OpenAsync(_standalone.SecurityKey);
        // It lives: three are open in all.
        await UntilAsync(other, 503, "three are open in all");
        await second.DisposeAsync();
        await UntilAsync(first, 200, "one was closed, and another may be opened");
    }

    [Fact]
    public async Task A_gateway_serves_so_many_pages_and_no_more()
    {
        (ApiClient team, _) = await _standalone.Operator.CreateTeamAsync("crowd");
        await using BoardPage first = await OpenAsync(_standalone.OperatorKey), second = await OpenAsync(_standalone.SecurityKey);
        BoardPage third = await OpenAsync(team.Key!);
        await UntilAsync(first, 503, "three are open in all, and nobody may open a fourth");
        await third.DisposeAsync();
        await UntilAsync(first, 200, "there is room again");
    }

    [Fact]
    public async Task A_message_longer_than_allowed_ends_its_page_and_no_other()
    {
        await using BoardPage board = await OpenAsync(_standalone.OperatorKey);
        BrowserContextCookiesResult cookie = Assert.Single(await board.Page.Context.CookiesAsync(), c => c.Name == "shitops-board");
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Cookie", $"{cookie.Name}={cookie.Value}");
        using var limit = new CancellationTokenSource(Limit);
        await socket.ConnectAsync(new Uri($"ws://{Address.Authority}/_blazor"), limit.Token);
        await socket.SendAsync(Encoding.UTF8.GetBytes("{\"protocol\":\"blazorpack\",\"version\":1}\u001e"), WebSocketMessageType.Text, true, limit.Token);
        byte[] buffer = new byte[64 * 1024];
        WebSocketReceiveResult said = await socket.ReceiveAsync(buffer, limit.Token);
        Assert.Equal("{}\u001e", Encoding.UTF8.GetString(buffer, 0, said.Count));
        // A ping of the protocol, and then the beginning of a message that is announced as a byte too long.
        await socket.SendAsync(new byte[] { 2, 0x91, 6 }, WebSocketMessageType.Binary, true, limit.Token);
        Assert.Equal(WebSocketState.Open, socket.State);
        byte[] tooLong = new byte[3 + MessageBytes + 1];
        int length = MessageBytes + 1;
        (tooLong[0], tooLong[1], tooLong[2]) = ((byte)(length | 0x80), (byte)((length >> 7) | 0x80), (byte)(length >> 14));
        await socket.SendAsync(tooLong, WebSocketMessageType.Binary, true, limit.Token);
        await EndAsync(socket, buffer, limit.Token);
        Assert.NotEqual(WebSocketState.Open, socket.State);
        // The page beside it goes on.
        await board.GoAsync("System");
    }

    private static async Task EndAsync(ClientWebSocket socket, byte[] buffer, CancellationToken stop)
    {
        try
        {
            while ((await socket.ReceiveAsync(buffer, stop)).MessageType != WebSocketMessageType.Close)
            {
                // Pings of the server, and why it closes.
            }
        }
        catch (WebSocketException)
        {
            // Cut off: an end as well.
        }
    }
}
