namespace ShitOps.Bench;

/// <summary>
/// What a message cannot cost less than: its content scanned in batches, its rows written, settled and acknowledged in
/// batches, with nothing around it, on the same servers right after the measured run; and hops of the tree alone.
/// </summary>
internal static class Floors
{
    /// <param name="cluster">Null where everything is in one process: then only hops have a floor.</param>
    public static async Task MeasureAsync(Figures figures, BenchOptions options, ShitOpsCluster? cluster, CancellationToken stop)
    {
        if (cluster is not null)
        {
            await ServerFloors.MeasureAsync(figures, options, cluster, stop);
            figures.Add("cpu-over-floor", figures["cpu.all"] / figures["floor.cpu"], "×");
        }
        await HopFloor.MeasureAsync(figures, options, stop);
    }
}
