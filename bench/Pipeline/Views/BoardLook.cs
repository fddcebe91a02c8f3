using System.Diagnostics;
using ShitOps.Board.Tests.Fixtures;

namespace ShitOps.Bench;

/// <summary>
/// How long somebody at the board waits, in a browser: for each view from its address to what it shows, and for what is
/// searched for on it. Each is looked at once before, as a page that nobody has opened since the gateway started is not
/// what is told here.
/// </summary>
internal static class BoardLook
{
    private const int Rounds = 5;
    private const string Prefix = "board.";

    /// <summary>The longest that any of them took.</summary>
    public const string Slowest = Prefix + "slowest";

    public static async Task MeasureAsync(ShitOpsCluster cluster, IReadOnlyList<BoardView> views, Figures figures, CancellationToken stop)
    {
        await using var chromium = new Chromium();
        await using BoardPage board = await BoardPage.SignedInAsync(await chromium.NewAsync(cluster.Gateways[0].Address!), cluster.OperatorKey);
        foreach (BoardView view in views)
        {
            stop.ThrowIfCancellationRequested();
            await TakeAsync(view.Name, figures, () => Task.CompletedTask, () => ShowAsync(board, view.Path, view.Settled));
        }
        foreach ((string name, string path, string field, string wanted, string button, string found) in Searches)
        {
            stop.ThrowIfCancellationRequested();
            await TakeAsync(name, figures, () => ReadyAsync(board, path, field, wanted), async () =>
            {
                await board.Page.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();
                await SeenAsync(board, found);
            });
        }
        await TakeAsync("tree.deeper", figures, () => ShowAsync(board, "/", "g.hub.ok[data-hub='8']"), async () =>
        {
            await board.Page.Locator("g.hub[data-hub='8']").ClickAsync();
            await SeenAsync(board, "g.hub.ok[data-hub='17']");
        });
        await TakeAsync("messages.older", figures, () => ShowAsync(board, "/messages", views.Single(v => v.Name == "messages").Settled), async () =>
        {
            await board.Page.GetByRole(AriaRole.Button, new() { Name = "Older" }).ClickAsync();
            await board.Page.GetByText("page 2").WaitForAsync();
        });
        figures.Add(Slowest, figures.All.Where(f => f.Name.StartsWith(Prefix, StringComparison.Ordinal) && f.Name.EndsWith(".longest", StringComparison.Ordinal)).Max(f => f.Value), "ms");
    }

    /// <summary>What is filled in where, what is pressed, and what is then seen.</summary>
    private static readonly (string Name, string Path, string Field, string Wanted, string Button, string Found)[] Searches =
    [
        ("tree.find", "/", "#find-team", ViewsSeed.Usual, "Find", "g.hub.marked"),
        ("messages.sent", "/messages", "input[name=team]", ViewsSeed.Busy, "Search", Row("messages", ViewsSeed.Busy)),
        ("messages.of-usual", "/messages", "input[name=team]", ViewsSeed.Usual, "Search", Row("messages", ViewsSeed.Usual)),
        ("tasks.of-busy", "/tasks", "input[name=team]", ViewsSeed.Busy, "Show", $"a.card:has-text('{ViewsSeed.Busy}')"),
    ];

    private static string Row(string table, string team) => $"[data-testid={table}] tbody tr:first-child:has-text('{team}')";

    private static async Task ReadyAsync(BoardPage board, string path, string field, string wanted)
    {
        await ShowAsync(board, path, field);
        await board.Page.Locator(field).First.FillAsync(wanted);
    }

    private static async Task ShowAsync(BoardPage board, string path, string settled)
    {
        await board.Page.GotoAsync(path, new() { WaitUntil = WaitUntilState.Commit });
        await SeenAsync(board, settled);
    }

    private static Task SeenAsync(BoardPage board, string selector) => board.Page.Locator(selector).First.WaitForAsync();

    private static async Task TakeAsync(string name, Figures figures, Func<Task> before, Func<Task> what)
    {
        var times = new List<double>();
        for (int round = -1; round < Rounds; round++)
        {
            await before();
            long start = Stopwatch.GetTimestamp();
            await what();
            if (round >= 0)
                times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        figures.Add($"{Prefix}{name}.median", Figures.Median(times), "ms");
        figures.Add($"{Prefix}{name}.longest", times.Max(), "ms");
    }
}
