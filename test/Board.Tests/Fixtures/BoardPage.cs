using System.Collections.Concurrent;

namespace ShitOps.Board.Tests.Fixtures;

/// <summary>One browser at the board, as a person uses it.</summary>
public sealed class BoardPage : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _faults = new();

    private BoardPage(IBrowserContext context, IPage page)
    {
        (_context, Page) = (context, page);
        page.PageError += (_, error) => _faults.Enqueue(error);
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
                _faults.Enqueue(message.Text);
        };
    }

    public IPage Page { get; }

    /// <summary>What the page's scripts and its policy complained about.</summary>
    public IEnumerable<string> Faults => _faults;

    public static async Task<BoardPage> OpenAsync(IBrowserContext context) => new(context, await context.NewPageAsync());

    /// <summary>Signed in, at that path.</summary>
    public static async Task<BoardPage> SignedInAsync(IBrowserContext context, string key, string path = "/")
    {
        BoardPage board = await OpenAsync(context);
        await board.SignInAsync(key, path);
        return board;
    }

    public async Task SignInAsync(string key, string path = "/")
    {
        await Page.GotoAsync(path);
        await Page.GetByLabel("Key").FillAsync(key);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Page.GetByTestId("who").WaitForAsync();
    }

    /// <summary>By a link of the page, without loading anew.</summary>
    public async Task GoAsync(string view)
    {
        await Page.GetByRole(AriaRole.Navigation, new() { Name = "Views" }).GetByRole(AriaRole.Link, new() { Name = view, Exact = true }).ClickAsync();
        await HeadingAsync(view);
    }

    /// <summary>Waits until the page has become the one that asks for a key.</summary>
    public async Task SignedOutAsync()
    {
        await Page.GetByLabel("Key").WaitForAsync();
        await Page.WaitForURLAsync(url => new Uri(url).AbsolutePath == "/sign-in");
    }

    public Task HeadingAsync(string text) => Page.GetByRole(AriaRole.Heading, new() { Level = 1, Name = text }).WaitForAsync();

    /// <summary>Waits, on the page as it stands, until that text is within the element.</summary>
    public Task UntilAsync(string testId, string text, float limit = 60_000) =>
        Page.GetByTestId(testId).Filter(new() { HasText = text }).First.WaitForAsync(new() { Timeout = limit });

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();
}
