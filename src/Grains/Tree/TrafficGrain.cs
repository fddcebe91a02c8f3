namespace ShitOps.Grains.Tree;

/// <summary>Adds up what the silos report; see <see cref="FadingCounts"/>.</summary>
[Reentrant]
public sealed class TrafficGrain(TimeProvider time) : Grain, ITrafficGrain
{
    private readonly FadingCounts _counts = new(Limits.TrafficPairs, Limits.TrafficHalfLife, time);

    public Task Report(Immutable<PairTraffic[]> pairs)
    {
        foreach (PairTraffic pair in pairs.Value)
            _counts.Add(pair.From, pair.To, pair.Count);
        return Task.CompletedTask;
    }

    public Task<Immutable<PairTraffic[]>> Read() => Task.FromResult(_counts.Read().AsImmutable());
}
