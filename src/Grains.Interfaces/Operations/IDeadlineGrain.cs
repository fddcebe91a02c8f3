namespace ShitOps.Grains;

/// <summary>
/// Looks every second for what is due in one tree: deadlines of asks, quorums, collations that were not passed on,
/// overdue tasks, dependencies across workflows that were met, deliveries for webhooks. It only wakes whoever owns them. Key: the tree's name.
/// </summary>
[Alias("sho.IDeadlineGrain")]
public interface IDeadlineGrain : IGrainWithStringKey
{
    /// <summary>The silos' health check calls it, so that it is always active somewhere.</summary>
    [ResponseTimeout("00:00:02"), Alias("Ping")]
    Task Ping();
}
