namespace ShitOps.Grains;

/// <summary>Deliveries from one team to another, since the last report or, from the traffic grain, as they fade out.</summary>
[GenerateSerializer, Immutable, Alias("sho.PairTraffic")]
public readonly record struct PairTraffic([property: Id(0)] string From, [property: Id(1)] string To, [property: Id(2)] double Count);

/// <summary>
/// Who writes to whom, by what the silos have delivered. Key: the tree's name. In memory only and bounded: after a loss it
/// fills again from the traffic there is.
/// </summary>
[Alias("sho.ITrafficGrain")]
public interface ITrafficGrain : IGrainWithStringKey
{
    [Alias("Report")]
    Task Report(Immutable<PairTraffic[]> pairs);

    /// <summary>Every pair it knows; what is an hour old counts half.</summary>
    [Alias("Read")]
    Task<Immutable<PairTraffic[]>> Read();
}

/// <summary>A team that stands elsewhere after a rebalancing.</summary>
[GenerateSerializer, Immutable, Alias("sho.TeamMove")]
public sealed record TeamMove([property: Id(0)] string Team, [property: Id(1)] int From, [property: Id(2)] int To);

/// <param name="Messages">Deliveries measured, older ones counting less.</param>
/// <param name="HopsBefore">Mean edges of the tree between sender and recipient over these; 0 when there are none.</param>
/// <param name="Epoch">Of the tree after what was carried out.</param>
/// <param name="Plan">By which just this can be carried out; empty for what was.</param>
/// <param name="Outdated">Nothing was carried out: the plan is not known, or the tree has changed since it was made.</param>
[GenerateSerializer, Immutable, Alias("sho.RebalanceReply")]
public sealed record RebalanceReply(
    [property: Id(0)] long Epoch,
    [property: Id(1)] double Messages,
    [property: Id(2)] double HopsBefore,
    [property: Id(3)] double HopsAfter,
    [property: Id(4)] TeamMove[] Moves,
    [property: Id(5)] Guid Plan = default,
    [property: Id(6)] bool Outdated = false);
