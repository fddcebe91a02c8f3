namespace ShitOps.Grains;

/// <summary>What a look at a part of the journal found: whether its rows are those that were written, in their order, and all of them.</summary>
[GenerateSerializer, Immutable, Alias("sho.JournalReport")]
public sealed record JournalReport
{
    /// <summary>Sealed rows looked at.</summary>
    [Id(0)] public required long Rows { get; init; }

    /// <summary>Rows without a seal: nothing can be said of them.</summary>
    [Id(1)] public required long Unsealed { get; init; }
    [Id(2)] public required JournalFault[] Faults { get; init; }

    /// <summary>Where the next part begins; null after the last.</summary>
    [Id(3)] public string? Next { get; init; }

    /// <summary>About how many rows are left.</summary>
    [Id(4)] public required long Remaining { get; init; }
}

/// <param name="Kind">One of <see cref="JournalFaults"/>.</param>
/// <param name="First">The first row concerned; 0 if it is not about a row.</param>
/// <param name="Last">The last row concerned.</param>
[GenerateSerializer, Immutable, Alias("sho.JournalFault")]
public sealed record JournalFault(
    [property: Id(0)] string Kind, [property: Id(1)] int Writer, [property: Id(2)] long First, [property: Id(3)] long Last, [property: Id(4)] string Detail);

/// <summary>What can be wrong with a journal. Part of the API: never renamed.</summary>
public static class JournalFaults
{
    public const string
        Changed = "changed",
        Missing = "missing",
        Unsealed = "unsealed",
        Chain = "chain",
        Key = "key";
}
