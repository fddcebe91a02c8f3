namespace ShitOps.Grains.Nodes;

/// <summary>What a hub remembers of itself, in Orleans' grain storage and on the way when it moves to another silo. Version 1; fields are only ever added.</summary>
[GenerateSerializer, Alias("sho.HubState")]
public sealed class HubState
{
    [Id(0)] public int Version { get; set; } = 1;

    /// <summary>The silo it was last activated on.</summary>
    [Id(1)] public string? Silo { get; set; }

    [Id(2)] public DateTimeOffset Since { get; set; }

    /// <summary>It left that silo in good order: the next activation is no failover.</summary>
    [Id(3)] public bool Left { get; set; }
}
