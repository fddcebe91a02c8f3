using System.Text.Json;
using Deque.AxeCore.Commons;

namespace ShitOps.Board.Tests.Fixtures;

/// <summary>What axe finds on a page (https://github.com/dequelabs/axe-core), of WCAG 2.2 A and AA.</summary>
internal static class Axe
{
    private const string Run = """
        async () => (await axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] })).violations
          .filter(v => v.impact === "serious" || v.impact === "critical")
          .map(v => `${v.id}: ${v.help}: ${v.nodes.slice(0, 5).map(n => n.html.slice(0, 160) + " " + (n.any[0]?.message ?? "")).join(" | ")}`)
        """;

    private static readonly string Script = new BundledAxeScriptProvider().GetScript();

    /// <summary>Serious and critical faults.</summary>
    public static async Task<string[]> FaultsAsync(IPage page)
    {
        await page.EvaluateAsync(Script);
        JsonElement found = (await page.EvaluateAsync(Run)) ?? throw new InvalidOperationException("axe gave no answer");
        return [.. found.EnumerateArray().Select(fault => fault.GetString()!)];
    }
}
