using Orleans.Configuration;

namespace ShitOps.Hosting.Cluster;

/// <summary>
/// How fast the cluster notices a loss, and how long a caller waits. Three processes with these values: 2.4 s from a
/// silo's kill to the next answer, one failed call in between.
/// </summary>
internal static class Timing
{
    /// <summary>Of every call whose method has no [ResponseTimeout] of its own. Orleans' 30 s would leave callers hanging on a dead silo.</summary>
    public static readonly TimeSpan Response = TimeSpan.FromSeconds(5);

    /// <summary>How often a gateway process asks which silos there are.</summary>
    public static readonly TimeSpan GatewayListRefresh = TimeSpan.FromSeconds(2);

    /// <summary>Between two attempts of a client to reach any silo.</summary>
    public static readonly TimeSpan ConnectRetry = TimeSpan.FromMilliseconds(500);

    /// <summary>For a process told to stop: open requests end, grains deactivate, the commit under way finishes.</summary>
    public static readonly TimeSpan Shutdown = TimeSpan.FromSeconds(30);

    public static void Apply(ClusterMembershipOptions options)
    {
        // Long enough that a silo short of processor time for a second or two is not taken for dead: one that is, ends
        // itself. A killed silo refuses connections, so its probes fail at once and these values bound the waits between.
        options.ProbeTimeout = TimeSpan.FromMilliseconds(800);
        options.MinProbeTimeout = TimeSpan.FromMilliseconds(800);
        options.MaxProbeTimeout = TimeSpan.FromSeconds(2);
        options.NumMissedProbesLimit = 2;
        // One vote: with two silos there is no second one to ask, and a silo wrongly declared dead ends itself,
        // is started again, and loses nothing.
        options.NumVotesForDeathDeclaration = 1;
        options.TableRefreshTimeout = TimeSpan.FromSeconds(10);
        // A silo that starts wants to reach every silo whose sign of life is fresh. After all were killed at once,
        // these values (stock: 30 s × 3) bound how long it is held up by rows of the dead.
        options.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(3);
        options.NumMissedTableIAmAliveLimit = 3;
        options.MaxJoinAttemptTime = TimeSpan.FromMinutes(2);
        // Rows of silos long gone slow every start.
        options.DefunctSiloExpiration = TimeSpan.FromHours(1);
        options.DefunctSiloCleanupPeriod = TimeSpan.FromMinutes(10);
        options.MaxDefunctSiloEntries = 25;
    }

    public static void Apply(MessagingOptions options)
    {
        options.ResponseTimeout = Response;
        // Nobody waits for the answer any more: the grain need not work on it.
        options.DropExpiredMessages = true;
    }
}
