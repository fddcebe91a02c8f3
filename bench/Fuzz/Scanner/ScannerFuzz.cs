namespace ShitOps.Fuzz.Scanner;

/// <summary>
/// The silo's scanner against clamds that truncate, split, interleave, flood, lie in their framing and hang up. It must
/// answer every scan in time, never call infected what is clean or clean what is infected, and work again afterwards.
/// What was done and what came of it is counted, since a client that gives up at once would pass as well.
/// </summary>
internal sealed class ScannerFuzz(int seed, TimeSpan time)
{
    /// <summary>Outcomes by these names: contents in all, and those that had their verdict in the end.</summary>
    public const string Contents = "contents", WithVerdict = "contents with a verdict";

    private const int Lanes = 6;

    /// <summary>The outcome that counts the scans under way that this met.</summary>
    public static string Met(Hostility kind) => $"met {kind}";

    public async Task<Findings> RunAsync(CancellationToken stop)
    {
        using var over = new CancellationTokenSource(time, TimeProvider.System);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(over.Token, stop);
        ScannerLane[] lanes = [.. Enumerable.Range(0, Lanes).Select(lane => new ScannerLane(seed, lane))];
        try
        {
            await Task.WhenAll(lanes.Select(lane => lane.RunAsync(end.Token)));
        }
        finally
        {
            foreach (ScannerLane lane in lanes)
                await lane.DisposeAsync();
        }
        return new(
            lanes.Sum(lane => lane.Cases),
            lanes.SelectMany(lane => lane.Outcomes).GroupBy(one => one.Key).ToDictionary(same => same.Key, same => same.Sum(one => one.Value)),
            [.. lanes.SelectMany(lane => lane.Faults)]);
    }
}
