namespace ShitOps.Grains.Health;

/// <summary>Keeps the latest ping of every node. In memory only: the silos fill it again within a round.</summary>
[Reentrant]
public sealed class HealthGrain : Grain, IHealthGrain
{
    private readonly SortedDictionary<int, NodeStatus> _pings = [];

    public Task Report(Immutable<NodeStatus[]> pings)
    {
        foreach (NodeStatus ping in pings.Value)
            _pings[ping.Index] = ping;
        return Task.CompletedTask;
    }

    public Task<Immutable<NodeStatus[]>> Read(int first, int count) =>
        Task.FromResult(_pings.Values.Where(p => p.Index >= first && p.Index < (long)first + count).ToArray().AsImmutable());
}
