namespace ShitOps.TestKit.Cluster;

/// <summary>How large a cluster for tests is.</summary>
public sealed record ClusterOptions
{
    public int Silos { get; init; } = 2;
    public int Gateways { get; init; } = 1;
    /// <summary>Commits of the database reach the disk before they are answered, and it has memory for more than a test.</summary>
    public bool Durable { get; init; }
    /// <summary>Where clamd unpacks what it scans; null for a folder of its own on disk.</summary>
    public string? ClamdTemporaryDirectory { get; init; }
    /// <summary>Further settings of every silo.</summary>
    public IReadOnlyDictionary<string, string?> SiloSettings { get; init; } = new Dictionary<string, string?>();
    /// <summary>Further settings of every gateway.</summary>
    public IReadOnlyDictionary<string, string?> GatewaySettings { get; init; } = new Dictionary<string, string?>();
}
