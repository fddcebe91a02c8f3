namespace ShitOps.TestKit.Cluster;

/// <summary>How large a cluster for tests is.</summary>
public sealed record ClusterOptions
{
    public int Silos { get; init; } = 2;
    public int Gateways { get; init; } = 1;
    /// <summary>How long a program may take until it is ready; a machine that others use as well takes long.</summary>
    public TimeSpan? StartLimit { get; init; }
    /// <summary>Commits of the database reach the disk before they are answered, and it has memory for more than a test.</summary>
    public bool Durable { get; init; }
    /// <summary>Where clamd unpacks what it scans; null for a folder of its own on disk.</summary>
    public string? ClamdTemporaryDirectory { get; init; }
    /// <summary>Each silo reaches database and scanner through proxies of its own, at which connections can be disturbed.</summary>
    public bool Proxied { get; init; }
    /// <summary>Further settings of every silo.</summary>
    public IReadOnlyDictionary<string, string?> SiloSettings { get; init; } = new Dictionary<string, string?>();
    /// <summary>Further settings of one silo, by its number from 1.</summary>
    public Func<int, IReadOnlyDictionary<string, string?>>? SettingsOfSilo { get; init; }
    /// <summary>Where the database keeps its files, an empty folder; null for a folder of its own.</summary>
    public string? DatabaseFolder { get; init; }
    /// <summary>Further settings of every gateway.</summary>
    public IReadOnlyDictionary<string, string?> GatewaySettings { get; init; } = new Dictionary<string, string?>();
}
