using ShitOps.Chaos.Plan;

namespace ShitOps.Chaos;

/// <summary>What is run.</summary>
internal sealed record ChaosOptions
{
    public int FirstSeed { get; init; } = 1;
    public int Seeds { get; init; } = 1;
    /// <summary>Messages of a seed.</summary>
    public int Messages { get; init; } = 5_000;
    /// <summary>Messages a second, over all senders.</summary>
    public int Rate { get; init; } = 250;
    public int Teams { get; init; } = 10;
    public int Silos { get; init; } = 2;
    public int Gateways { get; init; } = 2;
    /// <summary>How long a silo or a gateway may hang.</summary>
    public TimeSpan Longest { get; init; } = TimeSpan.FromSeconds(30);
    /// <summary>Without progress for so long, what has not come is stuck.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(90);
    /// <summary>How long a program may take to start on this machine: not what is tested.</summary>
    public TimeSpan StartLimit { get; init; } = TimeSpan.FromMinutes(4);
    public IReadOnlyList<FaultKind> Kinds { get; init; } = Enum.GetValues<FaultKind>();
    /// <summary>All seeds break the same servers, one after the other, as long as nothing is found: most of a short seed's time is their start.</summary>
    public bool Together { get; init; }
    /// <summary>Ledgers and, of runs with a finding, logs go here.</summary>
    public string Output { get; init; } = "chaos";

    public TimeSpan Window => TimeSpan.FromSeconds((double)Messages / Rate);

    public PlanOptions ToPlan() => new(Silos, Gateways, Window, Longest, Kinds);
}
