using Orleans.Concurrency;
using ShitOps.Gateway.Cluster;
using ShitOps.Gateway.Health;
using ShitOps.Grains;

namespace ShitOps.Gateway.Board.Data;

/// <param name="Status">In Orleans' words: Active, Joining, ShuttingDown, Dead…</param>
/// <param name="Report">What it said last of its scanner; null if it has not yet.</param>
internal sealed record SiloRow(string Name, string Address, string Status, DateTimeOffset Since, SiloReport? Report);

/// <param name="Export">How far the journal was sent, as the silo that reported last heard; null: it is sent nowhere, or nobody has said.</param>
internal sealed record SystemPicture(IReadOnlyList<SiloRow> Silos, ExportStatus? Export);

/// <summary>What the System view reads beyond the tree.</summary>
internal sealed class SystemReads(IGrainFactory grains, ClusterCalls calls, Readiness readiness)
{
    /// <summary>The dead are shown for a while, then they are history.</summary>
    private const int MostDead = 5;

    public Task<ReadyResource> ReadyAsync() => readiness.ReadAsync();

    public async Task<SystemPicture> SilosAsync(CancellationToken stop)
    {
        MembershipEntry[] members = await calls.RetryAsync(() => grains.GetGrain<IManagementGrain>(0).GetDetailedHosts(onlyActive: false), stop);
        Immutable<SiloReport[]> reports = await calls.RetryAsync(() => grains.Health().Silos(), stop);
        Dictionary<string, SiloReport> of = reports.Value.ToDictionary(r => r.Silo, StringComparer.Ordinal);
        MembershipEntry[] living = [.. members.Where(m => m.Status != SiloStatus.Dead)];
        MembershipEntry[] dead = [.. members.Where(m => m.Status == SiloStatus.Dead).OrderByDescending(m => m.StartTime).Take(MostDead)];
        SiloRow[] rows = [.. living.OrderBy(m => m.SiloName, StringComparer.Ordinal).Concat(dead).Select(m => new SiloRow(
            m.SiloName, m.SiloAddress.Endpoint.ToString(), m.Status.ToString(), new(DateTime.SpecifyKind(m.StartTime, DateTimeKind.Utc)), m.Status == SiloStatus.Dead ? null : of.GetValueOrDefault(m.SiloName)))];
        return new(rows, reports.Value.Where(r => r.Export is not null).MaxBy(r => r.At)?.Export);
    }
}
