namespace ShitOps.Board.Tests.Fixtures;

/// <summary>Pictures of pages, for people to look at: taken where <c>SHITOPS_SCREENSHOTS</c> names a folder.</summary>
internal static class Shots
{
    private static readonly string? Folder = Environment.GetEnvironmentVariable("SHITOPS_SCREENSHOTS");

    public static async Task TakeAsync(IPage page, string name)
    {
        if (!string.IsNullOrEmpty(Folder))
            await page.ScreenshotAsync(new() { Path = Path.Combine(Folder, name + ".png"), FullPage = true });
    }
}
