using System.Text.Json;

namespace ShitOps.Board.Tests.Fixtures;

/// <summary>A page used with the tab key alone.</summary>
internal static class TabThrough
{
    private const string Listen = """
        () => {
          const usable = "a[href], button:not([disabled]), input:not([type=hidden]):not([disabled]), select:not([disabled]), textarea:not([disabled]), [role=button]";
          const told = e => e.outerHTML.slice(0, 160);
          const watch = { want: [...document.querySelectorAll(usable)].filter(e => e.checkVisibility() && e.tabIndex >= 0), seen: new Set(), dark: new Set() };
          document.addEventListener("focusin", e => {
            watch.seen.add(e.target);
            const outline = getComputedStyle(e.target);
            if (outline.outlineStyle === "none" || parseFloat(outline.outlineWidth) < 2) watch.dark.add(told(e.target));
          });
          watch.missing = () => watch.want.filter(e => e.isConnected && !e.disabled && !watch.seen.has(e));
          watch.faults = () => [...watch.missing().map(e => "not reached: " + told(e)), ...[...watch.dark].map(e => "focus not seen: " + e)];
          window.watch = watch;
          return watch.want.length;
        }
        """;

    /// <summary>What can be used and was not come to, and what had the focus without showing it.</summary>
    public static async Task<string[]> FaultsAsync(IPage page)
    {
        int usable = await page.EvaluateAsync<int>(Listen);
        Assert.True(usable > 0);
        // A field for a date has a stop for each of its parts; regions that scroll have one too.
        for (int press = 0; press < (2 * usable) + 40 && await page.EvaluateAsync<int>("() => watch.missing().length") > 0; press++)
            await page.Keyboard.PressAsync("Tab");
        JsonElement faults = (await page.EvaluateAsync("() => watch.faults()")) ?? throw new InvalidOperationException("the page gave no answer");
        return [.. faults.EnumerateArray().Select(fault => fault.GetString()!)];
    }
}
