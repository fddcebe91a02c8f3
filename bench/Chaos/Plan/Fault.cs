namespace ShitOps.Chaos.Plan;

/// <summary>What is done to a process, a connection or a disk. The numbers of a plan depend on the order.</summary>
internal enum FaultKind
{
    /// <summary>SIGKILL; started again at the end.</summary>
    KillSilo, KillGateway, KillDatabase, KillScanner, KillAllSilos,
    /// <summary>SIGSTOP; SIGCONT at the end. A silo may be declared dead meanwhile.</summary>
    FreezeSilo, FreezeGateway, FreezeDatabase, FreezeScanner,
    /// <summary>SIGTERM: it leaves in order; started again at the end.</summary>
    StopSilo, StopGateway,
    /// <summary>A connection is cut when the database has committed and before the silo hears of it, again and again.</summary>
    CutCommits,
    /// <summary>All connections of a silo to the database, or to the scanner, are cut, again and again.</summary>
    CutDatabase, CutScanner,
    SlowDatabase, SlowScanner,
    /// <summary>Connections are taken, and nothing is answered.</summary>
    SilentDatabase, SilentScanner,
    /// <summary>Some of the scanner's bytes are other ones.</summary>
    GarbledScanner,
    /// <summary>Other signatures, so that every verdict is out of date.</summary>
    ReloadScanner,
    /// <summary>Silos cannot reach each other; gateways, database and scanner reach them all.</summary>
    PartSilos,
    /// <summary>The database's disk is full.</summary>
    FillDisk,
    /// <summary>The clock of one silo is five minutes ahead.</summary>
    JumpClock,
}

/// <summary>One fault of a plan.</summary>
/// <param name="Target">Which silo or gateway, from 0; 0 where there is only one.</param>
/// <param name="At">Since the traffic began.</param>
internal sealed record Fault(FaultKind Kind, int Target, TimeSpan At, TimeSpan Lasts)
{
    public TimeSpan End => At + Lasts;

    /// <summary>What it lays hands on: two faults with a thing in common do not overlap.</summary>
    public IEnumerable<string> Touches => Kind switch
    {
        FaultKind.KillSilo or FaultKind.FreezeSilo or FaultKind.StopSilo or FaultKind.JumpClock => [$"silo-{Target}"],
        FaultKind.KillAllSilos => ["silo-0", "silo-1", "silo-2", "silo-3"],
        FaultKind.KillGateway or FaultKind.FreezeGateway or FaultKind.StopGateway => [$"gateway-{Target}"],
        FaultKind.KillDatabase or FaultKind.FreezeDatabase or FaultKind.FillDisk => ["database"],
        FaultKind.CutCommits or FaultKind.CutDatabase or FaultKind.SlowDatabase or FaultKind.SilentDatabase => [$"database-of-{Target}"],
        FaultKind.KillScanner or FaultKind.FreezeScanner or FaultKind.ReloadScanner => ["scanner"],
        FaultKind.PartSilos => ["network"],
        _ => [$"scanner-of-{Target}"],
    };

    public override string ToString() => FormattableString.Invariant($"{At.TotalSeconds,5:0.0} s  {Kind} {Target} for {Lasts.TotalSeconds:0.0} s");
}
