using ShitOps.Chaos.Plan;

namespace ShitOps.Chaos.Tests;

/// <summary>A short campaign against real processes. More seeds: bench/Chaos.</summary>
public sealed class CampaignTests(ITestOutputHelper output)
{
    /// <summary>Those that need neither root nor more than the servers that every test uses, and pass quickly.</summary>
    private static readonly FaultKind[] Kinds =
    [
        .. Enum.GetValues<FaultKind>().Except([FaultKind.PartSilos, FaultKind.FillDisk, FaultKind.JumpClock]),
    ];

    [Fact]
    public async Task Nothing_is_lost_doubled_disordered_or_leaked_whatever_breaks()
    {
        using var folder = new TestKit.TempFolder();
        using var log = new StringWriter();
        var options = new ChaosOptions
        {
            FirstSeed = 1001,
            Seeds = 20,
            Together = true,
            Messages = 300,
            Rate = 120,
            Longest = TimeSpan.FromSeconds(3),
            Kinds = Kinds,
            Output = folder.Path,
        };
        IReadOnlyList<int> found = await new Campaign(options, TextWriter.Synchronized(log)).RunAsync(TestContext.Current.CancellationToken);
        output.WriteLine(log.ToString());
        Assert.Empty(found);
    }
}
