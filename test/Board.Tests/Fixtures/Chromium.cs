namespace ShitOps.Board.Tests.Fixtures;

/// <summary>Debian's chromium, with a new profile and no window, that calls nobody by itself.</summary>
public sealed class Chromium : IAsyncDisposable
{
    private const string Path = "/usr/bin/chromium";
    private static readonly string[] Quiet =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--disable-dev-shm-usage",
    ];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    private async Task<IBrowser> BrowserAsync()
    {
        _playwright ??= await Playwright.CreateAsync();
        return _browser ??= await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = Path, Headless = true, Args = Quiet, Timeout = 120_000 });
    }

    /// <summary>A browser that nobody has used before.</summary>
    public async Task<IBrowserContext> NewAsync(Uri address, int width = 1400, int height = 900, ColorScheme colours = ColorScheme.Light)
    {
        IBrowserContext context = await (await BrowserAsync()).NewContextAsync(new()
        {
            BaseURL = address.ToString(),
            ViewportSize = new() { Width = width, Height = height },
            ColorScheme = colours,
            ReducedMotion = ReducedMotion.Reduce,
        });
        context.SetDefaultTimeout(60_000);
        return context;
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
    }
}
