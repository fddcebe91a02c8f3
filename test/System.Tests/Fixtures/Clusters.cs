using ShitOps.System.Tests.Fixtures;

[assembly: AssemblyFixture(typeof(SharedCluster))]
// Most tests wait more than they compute.
[assembly: CollectionBehavior(MaxParallelThreads = 4)]

namespace ShitOps.System.Tests.Fixtures;

/// <summary>A cluster that starts when the first test asks for it.</summary>
public abstract class LazyCluster : IAsyncDisposable
{
    private readonly Lazy<Task<ShitOpsCluster>> _cluster;

    protected LazyCluster() => _cluster = new(() => Task.Run(StartAsync));

    public Task<ShitOpsCluster> GetAsync() => _cluster.Value;

    protected virtual Task<ShitOpsCluster> StartAsync() => ShitOpsCluster.StartAsync();

    public virtual async ValueTask DisposeAsync()
    {
        if (_cluster is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
            await (await _cluster.Value).DisposeAsync();
        GC.SuppressFinalize(this);
    }
}

/// <summary>For tests that break nothing.</summary>
public sealed class SharedCluster : LazyCluster;

/// <summary>For tests that need to know every team there is.</summary>
public sealed class OrganisationCluster : LazyCluster
{
    public Organisation? Teams { get; private set; }

    protected override async Task<ShitOpsCluster> StartAsync()
    {
        ShitOpsCluster cluster = await base.StartAsync();
        Teams = await Organisation.CreateAsync(cluster.Operator);
        return cluster;
    }
}

/// <summary>Tests on the thirty teams take turns, so that nobody finds the messages of another in an inbox.</summary>
[CollectionDefinition(Name)]
public sealed class OrganisationTests : ICollectionFixture<OrganisationCluster>
{
    public const string Name = "organisation";
}

/// <summary>For tests of size, whose teams nobody else knows.</summary>
public sealed class LargeCluster : LazyCluster
{
    private readonly List<ApiClient> _teams = [];

    /// <summary>So many teams, made if they are not there yet; no others are in the tree but those.</summary>
    public async Task<ApiClient[]> TeamsAsync(int count)
    {
        ApiClient by = (await GetAsync()).Operator;
        await Parallel.ForEachAsync(Enumerable.Range(_teams.Count, Math.Max(0, count - _teams.Count)), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (number, stop) =>
        {
            (ApiClient team, _) = await by.CreateTeamAsync($"t-{number}", $"f-{number % 10}");
            lock (_teams)
                _teams.Add(team);
        });
        return [.. _teams[..count]];
    }
}

/// <summary>Tests of size run alone: they measure.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class LargeTests : ICollectionFixture<LargeCluster>
{
    public const string Name = "large";
}

/// <summary>For tests that break things.</summary>
public sealed class FragileCluster : LazyCluster;

/// <summary>Tests that break things run after all others, one at a time.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class BreaksThings : ICollectionFixture<FragileCluster>
{
    public const string Name = "breaks things";
}
