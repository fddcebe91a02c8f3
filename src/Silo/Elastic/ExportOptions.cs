namespace ShitOps.Silo.Elastic;

/// <summary>What the exporter needs to know, from the settings.</summary>
internal sealed record ExportOptions
{
    /// <summary>Null: nothing is exported.</summary>
    public required ElasticEndpoint? Endpoint { get; init; }
    public required string Stream { get; init; }
    public required ServiceIdentity Service { get; init; }

    /// <summary>The cluster's id, for the ids of metric documents.</summary>
    public string Cluster { get; init; } = "shitops";
    public int BatchEvents { get; init; } = 1000;

    /// <summary>Before it is packed.</summary>
    public int BatchBytes { get; init; } = 5 * 1024 * 1024;
    public BulkPace Pace { get; init; } = new();

    /// <summary>Samples that wait in memory at most: a tree of 31 nodes fills it in four hours.</summary>
    public int MetricBound { get; init; } = 50_000;

    /// <summary>How long it waits when there is nothing to send.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often the lag is counted.</summary>
    public TimeSpan Look { get; init; } = TimeSpan.FromSeconds(10);
}
