namespace ShitOps.Grains.Health;

/// <summary>Keeps the latest ping of every node. In memory only: the silos fill it again within a round.</summary>
[Reentrant]
public sealed class HealthGrain(TimeProvider time) : Grain, IHealthGrain
{
    private static readonly TimeSpan Forgotten = TimeSpan.FromMinutes(1);
    private readonly SortedDictionary<int, NodeStatus> _pings = [];
    private readonly SortedDictionary<string, SiloReport> _silos = new(StringComparer.Ordinal);

    public Task Report(Immutable<NodeStatus[]> pings)
    {
        foreach (NodeStatus ping in pings.Value)
            _pings[ping.Index] = ping;
        return Task.CompletedTask;
    }

    public Task<Immutable<NodeStatus[]>> Read(int first, int count) =>
        Task.FromResult(_pings.Values.Where(p => p.Index >= first && p.Index < (long)first + count).ToArray().AsImmutable());

    public Task ReportSilo(SiloReport report)
    {
        _silos[report.Silo] = report;
        return Task.CompletedTask;
    }

    public Task<Immutable<SiloReport[]>> Silos()
    {
        DateTimeOffset now = time.GetUtcNow();
        foreach (string gone in _silos.Values.Where(s => now - s.At > Forgotten).Select(s => s.Silo).ToArray())
            _silos.Remove(gone);
        return Task.FromResult(_silos.Values.ToArray().AsImmutable());
    }
}
