using System.Text;
using ShitOps.Grains.Scanning;
using ShitOps.Silo.ClamAv;

namespace ShitOps.Scanner.Tests;

public sealed class SuspectsTests
{
    private static ScanItem Item(int number) => new(new ScanCall([Encoding.ASCII.GetBytes($"content {number}")]), 0);

    private static Task<ScanAnswer> Breaks(ScanItem item) => Task.FromResult(new ScanAnswer(new(VerdictKind.Unavailable, "it broke off"), null, Broke: true));

    private static Task<ScanAnswer> Clean(ScanItem item) => Task.FromResult(new ScanAnswer(new(VerdictKind.Clean), null));

    [Fact]
    public void Those_that_never_come_again_keep_out_no_new_ones()
    {
        using var suspects = new Suspects();
        const int all = 5 * Suspects.Remembered;
        suspects.Add(Enumerable.Range(0, all).Select(Item));
        Assert.All(Enumerable.Range(all - (Suspects.Remembered / 2), Suspects.Remembered / 2), i => Assert.True(suspects.Contains(Item(i))));
        Assert.InRange(Enumerable.Range(0, all).Count(i => suspects.Contains(Item(i))), Suspects.Remembered / 2, Suspects.Remembered);
    }

    [Fact]
    public async Task What_breaks_the_scanner_alone_three_times_is_unscannable_and_then_forgotten()
    {
        using var suspects = new Suspects();
        suspects.Add([Item(1), Item(2)]);
        Assert.Equal(VerdictKind.Unavailable, (await suspects.ScanAsync(Item(1), Breaks)).Verdict.Kind);
        // In a batch that broke once more: what it was guilty of stays.
        suspects.Add([Item(1)]);
        Assert.Equal(VerdictKind.Unavailable, (await suspects.ScanAsync(Item(1), Breaks)).Verdict.Kind);
        Assert.Equal(VerdictKind.Unscannable, (await suspects.ScanAsync(Item(1), Breaks)).Verdict.Kind);
        Assert.False(suspects.Contains(Item(1)));

        Assert.True(suspects.Contains(Item(2)));
        Assert.Equal(VerdictKind.Clean, (await suspects.ScanAsync(Item(2), Clean)).Verdict.Kind);
        Assert.False(suspects.Contains(Item(2)));
    }
}
