namespace ShitOps.TestKit.Cluster;

/// <summary>How large a cluster for tests is.</summary>
public sealed record ClusterOptions
{
    public int Silos { get; init; } = 2;
    public int Gateways { get; init; } = 1;
    /// <summary>Further settings of every silo.</summary>
    public IReadOnlyDictionary<string, string?> SiloSettings { get; init; } = new Dictionary<string, string?>();
    /// <summary>Further settings of every gateway.</summary>
    public IReadOnlyDictionary<string, string?> GatewaySettings { get; init; } = new Dictionary<string, string?>();
}
