namespace ShitOps.Grains.Nodes;

/// <summary>What a hub remembers of itself, in Orleans' grain storage. Version 1; fields are only ever added.</summary>
public sealed class HubState
{
    public int Version { get; set; } = 1;

    /// <summary>The silo it was last activated on.</summary>
    public string? Silo { get; set; }

    public DateTimeOffset Since { get; set; }

    /// <summary>It left that silo in good order: the next activation is no failover.</summary>
    public bool Left { get; set; }
}
