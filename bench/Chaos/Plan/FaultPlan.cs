namespace ShitOps.Chaos.Plan;

/// <summary>What a plan is made for.</summary>
/// <param name="Window">How long traffic is posted, about.</param>
/// <param name="Longest">How long a process may hang.</param>
internal sealed record PlanOptions(int Silos, int Gateways, TimeSpan Window, TimeSpan Longest, IReadOnlyList<FaultKind> Kinds);

/// <summary>From a seed, the faults of one run: the same seed and options, the same plan, whatever happens meanwhile.</summary>
internal static class FaultPlan
{
    /// <summary>At least so long between the end of a fault and the next on the same thing: what was started again has a chance.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(3);

    public static IReadOnlyList<Fault> Create(int seed, PlanOptions options)
    {
        var random = new Random(seed);
        var plan = new List<Fault>();
        int wanted = random.Next(3, 7);
        // A draw that cannot be placed is drawn anew; the number of draws is bounded, and part of the plan like any other.
        for (int draw = 0; draw < 100 && plan.Count < wanted; draw++)
        {
            Fault fault = Draw(random, options);
            if (plan.All(other => Apart(fault, other)))
                plan.Add(fault);
        }
        return [.. plan.OrderBy(f => f.At)];
    }

    private static Fault Draw(Random random, PlanOptions options)
    {
        FaultKind kind = options.Kinds[random.Next(options.Kinds.Count)];
        int target = kind switch
        {
            FaultKind.KillGateway or FaultKind.FreezeGateway or FaultKind.StopGateway => random.Next(options.Gateways),
            FaultKind.KillDatabase or FaultKind.FreezeDatabase or FaultKind.FillDisk or FaultKind.KillScanner or FaultKind.FreezeScanner
                or FaultKind.ReloadScanner or FaultKind.KillAllSilos or FaultKind.PartSilos => 0,
            _ => random.Next(options.Silos),
        };
        TimeSpan at = options.Window * (0.05 + (0.9 * random.NextDouble()));
        // Mostly short, now and then as long as may be: each finds other things.
        double share = Math.Pow(random.NextDouble(), 2);
        TimeSpan longest = kind is FaultKind.FreezeSilo or FaultKind.FreezeGateway or FaultKind.PartSilos ? options.Longest : options.Longest / 3;
        return new(kind, target, Round(at), Round(TimeSpan.FromSeconds(0.2) + (share * longest)));
    }

    private static TimeSpan Round(TimeSpan time) => TimeSpan.FromMilliseconds(Math.Round(time.TotalMilliseconds / 100) * 100);

    private static bool Apart(Fault one, Fault other) =>
        !one.Touches.Intersect(other.Touches).Any() || one.At >= other.End + Rest || other.At >= one.End + Rest;
}
