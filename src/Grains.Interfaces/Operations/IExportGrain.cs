namespace ShitOps.Grains;

/// <summary>Sends the journal to Elasticsearch while it is active: one in the cluster. Key: the tree's name.</summary>
[Alias("sho.IExportGrain")]
public interface IExportGrain : IGrainWithStringKey
{
    /// <summary>The silos' health check calls it, so that it is always active somewhere.</summary>
    [ResponseTimeout("00:00:02"), Alias("Ping")]
    Task<ExportStatus> Ping();
}

/// <summary>How far the journal was sent.</summary>
[GenerateSerializer, Immutable, Alias("sho.ExportStatus")]
public sealed record ExportStatus
{
    /// <summary>Events that stand in the journal and were not sent, at the last look.</summary>
    [Id(0)] public long LagEvents { get; init; }
    /// <summary>The age of the oldest of them.</summary>
    [Id(1)] public double LagSeconds { get; init; }
    /// <summary>Why it does not go on; null while it does.</summary>
    [Id(2)] public string? Trouble { get; init; }
    /// <summary>Events sent since it was activated.</summary>
    [Id(3)] public long Sent { get; init; }
    /// <summary>Events that Elasticsearch will never take, since it was activated; they are kept aside.</summary>
    [Id(4)] public long Rejected { get; init; }
}
